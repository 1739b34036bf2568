// Writes what lua5.4 prints: for every script in test/lua beside it (`name.out`), for the benchmark programs at their small size into
// bench-expected.json. Run it after changing one of them:
//
//   node test/conformance/update-expected.mjs [script ...]
//
// The conformance tests compare with these files, so they need no lua5.4; reference.test.ts checks them against the one at hand.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

const run = (input, ...args) => execFileSync('lua5.4', args, { input, timeout: 20_000 });

const paths = process.argv.slice(2);
const scripts = paths.length > 0 ? paths : luaFiles('test/lua');
for (const script of scripts) {
  const input = script.replace(/\.lua$/, '.in');
  const output = run(existsSync(input) ? readFileSync(input) : '', script);
  if (/(table|function): 0x/.test(output.toString('latin1'))) console.warn(`${script} prints an address`);
  writeFileSync(script.replace(/\.lua$/, '.out'), output);
}
if (paths.length === 0) {
  const programs = luaFiles('bench/programs').map((path) => {
    const code = `local program = dofile("${path}") print(program.run(program.small))`;
    return [path, run('', '-e', code).toString('latin1')];
  });
  writeFileSync('test/conformance/bench-expected.json', `${JSON.stringify(Object.fromEntries(programs), null, 2)}\n`);
}
console.log(`${scripts.length} expected outputs written`);

function luaFiles(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith('.lua'))
    .map((file) => `${folder}/${file}`)
    .sort();
}

// Writes the expected output of every script in test/lua beside it (`name.out`), as lua5.4 prints it. Run it after changing a script:
//
//   node test/conformance/update-expected.mjs [path ...]
//
// The tests compare with these files, so they need no lua5.4; one test checks that the files are what the lua5.4 at hand prints.

import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';

const paths = process.argv.slice(2);
const scripts = paths.length > 0 ? paths : readdirSync('test/lua', { recursive: true }).filter((file) => file.endsWith('.lua')).map((file) => `test/lua/${file}`);
for (const script of scripts) {
  const output = execFileSync('lua5.4', [script], { input: '', timeout: 10_000 });
  if (/0x[0-9a-f]{6}/.test(output.toString('latin1')) && !script.includes('bit')) console.warn(`${script} prints what looks like an address`);
  writeFileSync(script.replace(/\.lua$/, '.out'), output);
}
console.log(`${scripts.length} expected outputs written`);

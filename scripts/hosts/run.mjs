/**
 * Runs the package in all hosts (hosts.mjs), as it is published, and has it looked at by publint and arethetypeswrong. Installs what it needs into build/hosts:
 * a gigabyte, the first time. Needs chromium and firefox-esr. Ends with a line "N passed, N failed".
 * Usage: npm run hosts [-- word...]   (only hosts whose names have one of the words)
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expected, HOSTS, TOOLS } from './hosts.mjs';
import { execute, prepare, root } from './prepare.mjs';

const folder = join(root, 'build/hosts');
const words = process.argv.slice(2);

function run(command, args, options) {
  const { status } = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (status !== 0) process.exit(status ?? 1);
}

run(process.execPath, ['scripts/build.mjs'], { cwd: root });
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: TOOLS }));
// Without scripts: what is needed is in the packages, and some scripts fetch more.
run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock', '--loglevel=error'], { cwd: folder });
prepare(folder);

let passed = 0;
let failed = 0;
function count(title, problem) {
  console.log(problem === undefined ? `ok      ${title}` : `FAILED  ${title}: ${problem}`);
  if (problem === undefined) passed += 1;
  else failed += 1;
}

const CHECKS = {
  publint: async () => execute(join(folder, 'node_modules/.bin/publint'), [join(folder, 'node_modules/moontrace'), '--strict'], { cwd: folder }),
  arethetypeswrong: async () => execute(join(folder, 'node_modules/.bin/attw'), [join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz'))), '--no-color', '--no-emoji'], { cwd: folder }),
};

const COMMANDS = {
  moontrace: ['dist/cli.cjs', '-e', 'print(_VERSION)'],
  'moontrace-contracts': ['dist/contracts-cli.js', '--help'],
};
for (const [name, [file, ...args]] of Object.entries(COMMANDS)) CHECKS[`the command ${name}`] = () => execute(process.execPath, [join(folder, 'node_modules/moontrace', file), ...args], { cwd: folder });

const isChosen = (name) => words.length === 0 || words.some((word) => name.toLowerCase().includes(word.toLowerCase()));
for (const { name, kind, run: runHost } of HOSTS.filter((host) => isChosen(host.name))) {
  console.log(`\n--- ${name}`);
  try {
    for (const [way, outcome] of Object.entries(await runHost(folder))) count(way, isDeepStrictEqual(outcome, expected(kind)) ? undefined : JSON.stringify(outcome, null, 1));
  } catch (error) {
    count(name, error.stack);
  }
}
console.log('\n--- the package');
for (const [name, check] of Object.entries(CHECKS).filter(([each]) => isChosen(each))) count(name, await check().then(() => undefined, (error) => error.message));
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

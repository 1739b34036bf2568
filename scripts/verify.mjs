/**
 * Everything a change has to pass: build, lint, types, tests. Tells what was skipped and why, and ends with a line "N passed, N failed"; lint and types
 * count as one test each.
 * Usage: node scripts/verify.mjs
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Runs a program of the package in the foreground. @returns whether it succeeded */
function run(title, script, ...args) {
  console.log(`\n--- ${title}`);
  return spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' }).status === 0;
}

/** Runs a program of the package beside others, and shows what it has written once it has ended. @returns whether it succeeded */
function runBeside(title, script, ...args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
    child.on('close', (status) => {
      console.log(`\n--- ${title}\n${output}`);
      resolve(status === 0);
    });
  });
}

/** Debian's packages of what tests need (test/support/needs.ts), where they have another name. */
const PACKAGES = { 'luac5.4': 'lua5.4', script: 'bsdutils' };

/** Tells how many tests were skipped for want of what. */
function tellSkipped(testResults) {
  const counts = new Map();
  for (const { status, fullName } of testResults.flatMap(({ assertionResults }) => assertionResults)) {
    if (status !== 'skipped' && status !== 'pending') continue;
    const need = /\[needs ([^\]]+)\]/.exec(fullName)?.[1];
    counts.set(need, (counts.get(need) ?? 0) + 1);
  }
  for (const [need, count] of counts) {
    console.log(need === undefined ? `${count} skipped: not for this system` : `${count} skipped: ${need} is missing (apt install ${PACKAGES[need] ?? need})`);
  }
}

let passed = 0;
let failed = 0;
const count = (isGood) => {
  if (isGood) passed += 1;
  else failed += 1;
};

const TSC = 'node_modules/typescript/bin/tsc';
const [hasCore, isTidy] = await Promise.all([
  runBeside('core', 'scripts/build-core.mjs'),
  runBeside('lint', 'node_modules/@biomejs/biome/bin/biome', 'lint', '--error-on-warnings'),
]);
count(isTidy);
if (hasCore && run('build', 'scripts/build.mjs')) {
  // AssemblyScript: tsc also finds what is unused there, as the linter does not read decorators of functions.
  const types = [runBeside('types', TSC, '-p', 'tsconfig.json'), runBeside('types of the core', TSC, '-p', 'src/core/tsconfig.json'), runBeside("types of the JIT's core", TSC, '-p', 'jit/core/tsconfig.json')];
  for (const isGood of await Promise.all(types)) count(isGood);
  const folder = mkdtempSync(join(tmpdir(), 'moontrace-'));
  const report = join(folder, 'report.json');
  run('tests', 'node_modules/vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`);
  try {
    const { numPassedTests, numFailedTests, numFailedTestSuites, success, testResults } = JSON.parse(readFileSync(report, 'utf8'));
    tellSkipped(testResults);
    passed += numPassedTests;
    failed += numFailedTests;
    // A file that cannot even be loaded has no tests to fail.
    if (!success && numFailedTests === 0) failed += Math.max(1, numFailedTestSuites);
  } catch {
    failed += 1;
  }
  rmSync(folder, { recursive: true });
} else {
  failed += 1;
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

/**
 * Everything a change has to pass: build, lint, types, tests. Tells what was skipped and why, and ends with a line "N passed, N failed"; lint and types
 * count as one test each.
 * Usage: node scripts/verify.mjs
 */
import { spawnSync } from 'node:child_process';
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

if (run('build', 'scripts/build.mjs')) {
  count(run('lint', 'node_modules/@biomejs/biome/bin/biome', 'lint', '--error-on-warnings'));
  count(run('types', 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'));
  // AssemblyScript: tsc also finds what is unused there, as the linter does not read decorators of functions.
  count(run('types of the core', 'node_modules/typescript/bin/tsc', '-p', 'src/core/tsconfig.json'));
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

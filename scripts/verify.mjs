/**
 * Everything a change has to pass: build, lint, types, tests. Ends with a line "N passed, N failed"; lint and types count as one test each.
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
    const { numPassedTests, numFailedTests, numFailedTestSuites, success } = JSON.parse(readFileSync(report, 'utf8'));
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

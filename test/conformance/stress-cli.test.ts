/** The command whose collector works all the time, with which official suites are run by hand (scripts/official.mjs): it is made of the sources, and must find its place in them. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('the stressed command runs, and collects more than others', () => {
  execFileSync(process.execPath, ['scripts/stress-cli.mjs']);
  const run = (program: string, ...rest: string[]): string => execFileSync(process.execPath, [program, ...rest], { encoding: 'utf8', env: { ...process.env, MOONTRACE_STRESS: 'cycles' } });
  const source = 'local t = setmetatable({ {} }, { __mode = "v" }) local s = {} for i = 1, 50 do s[i] = { i } end print(t[1] == nil, #s)';
  expect(run('build/stress/cli.js', '-e', source)).toBe('true\t50\n');
  expect(run('dist/cli.cjs', '-e', source)).toBe('false\t50\n');
});

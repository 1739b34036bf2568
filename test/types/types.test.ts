/** The package's types, as strict programs see them: right.ts, wrong.ts, and the examples of the README and the guide. `npm run types` does the same with older versions of TypeScript. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('right uses and examples compile, wrong uses do not', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/types.mjs'], { cwd: join(import.meta.dirname, '../..'), encoding: 'utf8' });
  expect(stdout + stderr).toBe(stdout);
  expect(status).toBe(0);
});

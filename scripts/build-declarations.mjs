/**
 * Writes the types of the package's entries to dist/types: declarations of the files that those of an entry lead to, not of all that are compiled.
 * Usage: node scripts/build-declarations.mjs   (scripts/build.mjs runs it)
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const types = join(root, 'dist/types');

rmSync(types, { recursive: true, force: true });
const { status } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);

const reached = new Set();
function visit(file) {
  if (reached.has(file)) return;
  reached.add(file);
  for (const [, target] of readFileSync(file, 'utf8').matchAll(/(?:from |import\()['"](\.[^'"]+)\.ts['"]/g)) visit(join(dirname(file), `${target}.d.ts`));
}
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
for (const { types: entry } of Object.values(exports)) if (entry !== undefined) visit(join(root, entry));
for (const { name, parentPath } of readdirSync(types, { recursive: true, withFileTypes: true })) {
  const file = join(parentPath, name);
  if (name.endsWith('.d.ts') && !reached.has(file)) rmSync(file);
}

/**
 * Writes the types of the package's entries to dist/types: declarations of the files that those of an entry lead to, not of all that are compiled.
 * Usage: node scripts/build-declarations.mjs   (scripts/build.mjs runs it)
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const types = join(root, 'dist/types');
const compiled = join(root, 'build/types');

rmSync(compiled, { recursive: true, force: true });
const { status } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json', '--outDir', compiled], { cwd: root, stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);

/** Declarations by their path in dist/types. */
const files = new Map();
function visit(file) {
  if (files.has(file)) return;
  // Before TypeScript 5.7 a Uint8Array had no type of buffer; what `slice` gives is the same type, in both.
  const text = readFileSync(join(compiled, file), 'utf8').replaceAll('Uint8Array<ArrayBuffer>', "ReturnType<Uint8Array['slice']>");
  files.set(file, text);
  for (const [, target] of text.matchAll(/(?:from |import\()['"](\.[^'"]+)\.ts['"]/g)) visit(join(dirname(file), `${target}.d.ts`));
}
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
for (const { default: entry } of Object.values(exports)) if (entry?.types !== undefined) visit(relative('dist/types', entry.types));
// `moontrace/core.wasm`, where bundlers and hosts give a module for it.
files.set('core.d.ts', 'declare const core: WebAssembly.Module;\nexport default core;\n');
// The same for programs that require: by the names of their files they are told that this is what they get.
for (const [file, text] of [...files]) files.set(file.replace(/ts$/, 'cts'), text.replaceAll(/((?:from |import\()['"]\.[^'"]+\.)ts(['"])/g, '$1cts$2'));

// As all that is built, files are replaced at once and only when they change.
for (const [file, text] of files) {
  const path = join(types, file);
  if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.${process.pid}`, text);
  renameSync(`${path}.${process.pid}`, path);
}
for (const { name, parentPath } of readdirSync(types, { recursive: true, withFileTypes: true })) {
  const path = join(parentPath, name);
  if (/\.d\.c?ts$/.test(name) && !files.has(relative(types, path))) rmSync(path);
}

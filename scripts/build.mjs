/**
 * Builds the package: the core, the precompiled libraries, the bundles in dist and the type declarations.
 * Usage: node scripts/build.mjs [--quick]   (--quick leaves the type declarations out)
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildLibraries } from './build-libraries.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const at = (...path) => join(root, ...path);

const COMMON = {
  bundle: true,
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  outdir: at('dist'),
  external: ['binaryen', 'node:*'],
  legalComments: 'none',
  logLevel: 'warning',
};

/** Bundles by entry; an entry that does not exist yet is left out. */
const ENTRIES = [
  { in: 'src/vm/index.ts', out: 'index' },
  { in: 'src/vm/index-node.ts', out: 'node' },
  { in: 'jit/index.ts', out: 'jit' },
  { in: 'jit/backend/worker.ts', out: 'worker' },
];

async function buildBundles() {
  const entryPoints = ENTRIES.filter((entry) => existsSync(at(entry.in))).map((entry) => ({ in: at(entry.in), out: entry.out }));
  await build({ ...COMMON, entryPoints });
  await build({ ...COMMON, entryPoints: [{ in: at('src/cli/main.ts'), out: 'cli' }], banner: { js: '#!/usr/bin/env node' } });
  chmodSync(at('dist/cli.js'), 0o755);
  copyFileSync(at('build/core.wasm'), at('dist/core.wasm'));
}

mkdirSync(at('dist'), { recursive: true });
execFileSync(process.execPath, [at('scripts/build-core.mjs')], { stdio: 'inherit' });
await buildLibraries();
await buildBundles();
if (!process.argv.includes('--quick')) {
  execFileSync(process.execPath, [at('node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
}

/**
 * Builds the package: the core, the precompiled libraries, the bundles in dist and the type declarations.
 * Usage: node scripts/build.mjs [--sources | --quick | --test]
 *   --sources   only what the sources import: the core and the libraries written in Lua
 *   --quick     leaves the type declarations out
 *   --test      as --quick, and the debug build of the core
 * Files are replaced at once and only when they change, so that several builds and running programs do not disturb each other.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
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
  loader: { '.lua': 'text' },
  legalComments: 'none',
  logLevel: 'warning',
  write: false,
};

/** Contracts stand on the public API, and share it with the program: it is another module, not a part of the bundle. */
const contracts = (entry, out, engine) => ({
  entryPoints: [{ in: at(entry), out }],
  // smol-toml is in it, with its licence.
  legalComments: 'inline',
  plugins: [{ name: 'engine', setup: (build) => build.onResolve({ filter: /\/src\/api\/index(-node)?\.ts$/ }, () => ({ path: engine, external: true })) }],
});

/** A script of the command (src/cli/load-script.ts). */
const SCRIPT = {
  format: 'cjs', minify: true, outExtension: { '.js': '.cjs' }, define: { 'import.meta.url': 'scriptUrl' },
  banner: { js: '(function (require, module, scriptUrl, importModule) {' }, footer: { js: '})' },
};

/** Bundles by entry; an entry that does not exist is left out. */
const BUNDLES = [
  { entryPoints: [{ in: at('src/api/index.ts'), out: 'index' }] },
  { entryPoints: [{ in: at('src/api/index-node.ts'), out: 'node' }] },
  { entryPoints: [{ in: at('jit/index.ts'), out: 'jit' }], minify: true },
  contracts('contracts/index.ts', 'contracts', './index.js'),
  contracts('contracts/index-node.ts', 'contracts-node', './node.js'),
  { ...contracts('contracts/node/main.ts', 'contracts-cli', './node.js'), banner: { js: '#!/usr/bin/env node' } },
  { entryPoints: [{ in: at('jit/backend/worker.ts'), out: 'worker' }], minify: true },
  { entryPoints: [{ in: at('src/cli/start.ts'), out: 'cli' }], minify: true, banner: { js: '#!/usr/bin/env node' } },
  { ...SCRIPT, entryPoints: [{ in: at('src/cli/main.ts'), out: 'command' }] },
  { ...SCRIPT, entryPoints: [{ in: at('jit/index.ts'), out: 'command-jit' }] },
  { ...SCRIPT, entryPoints: [{ in: at('src/cli/insight/index.ts'), out: 'insight' }] },
];

/** Runs a program in the foreground; ends with its status if it fails. */
function run(script, ...args) {
  const { status } = spawnSync(process.execPath, [at(script), ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

function replaceIfChanged(path, contents) {
  if (existsSync(path) && readFileSync(path).equals(Buffer.from(contents))) return;
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, contents);
  if (path.endsWith('cli.js')) chmodSync(temporary, 0o755);
  renameSync(temporary, path);
}

async function buildBundles() {
  mkdirSync(at('dist'), { recursive: true });
  const present = BUNDLES.filter(({ entryPoints: [entry] }) => existsSync(entry.in));
  const results = await Promise.all(present.map((bundle) => build({ ...COMMON, ...bundle })));
  for (const { path, contents, text } of results.flatMap(({ outputFiles }) => outputFiles)) {
    replaceIfChanged(path, path.endsWith('.cjs') ? text.replaceAll(/\bimport\(/g, 'importModule(') : contents);
  }
  replaceIfChanged(at('dist/core.wasm'), readFileSync(at('build/core.wasm')));
  run('scripts/code-cache.mjs');
}

const variants = process.argv.includes('--test') ? [] : ['--release-only'];
run('scripts/build-core.mjs', ...variants);
await buildLibraries();
if (!process.argv.includes('--sources')) await buildBundles();
if (process.argv.length === 2) run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json');

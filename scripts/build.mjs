/**
 * Builds the package: the core, the precompiled libraries, the bundles in dist and the type declarations.
 * Usage: node scripts/build.mjs [--sources | --quick | --test]
 *   --sources   only what the sources import: the core and the libraries written in Lua
 *   --quick     leaves the type declarations out
 *   --test      as --quick, and the debug build of the core
 * Files are replaced at once and only when they change, so that several builds and running programs do not disturb each other.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { makeBootImage } from './boot-image.mjs';
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
  loader: { '.lua': 'text', '.css': 'text' },
  legalComments: 'none',
  logLevel: 'warning',
  // Node shows the line that an uncaught error comes from.
  lineLimit: 200,
  write: false,
};

const entry = (path, out) => ({ in: at(path), out });

/** What another module of the package has is imported from there: so there is one of each class, whoever imports it. @param filter of imports */
const from = (module, filter) => ({ name: 'module', setup: (build) => build.onResolve({ filter }, () => ({ path: module, external: true })) });
/** The optional package is imported in a module of its own. */
const IMPORT_BINARYEN = 'jit/backend/import-binaryen.ts';
const BINARYEN = /\/import-binaryen\.ts$/;
const ERRORS = /engine\/errors\/errors\.ts$/;
/** Contracts and pools stand on the public API, as any program does; what is for Node only of them stands on the others. */
const API = /\/src\/api\/index(-node)?\.ts$/;
const CONTRACTS = /^(\.\/index|\.\.\/.+)\.ts$/;

/** The workers of a pool load a JIT where they are to have one. */
const JIT = /\/jit\/index\.ts$/;

/** What programs import. Names are those of the sources, for those who debug their programs. */
const LIBRARY = { minifyWhitespace: true, minifySyntax: true, sourcemap: 'linked' };
/** The same for `require` of Node's versions that cannot load modules so. */
const COMMONJS = { ...LIBRARY, minify: true, sourcemap: false, format: 'cjs', outExtension: { '.js': '.cjs' }, define: { 'import.meta.url': 'moduleUrl' }, banner: { js: "var moduleUrl=require('node:url').pathToFileURL(__filename).href;" } };

/** Modules that the command has a way of its own for. */
const FOR_THE_COMMAND = {
  name: 'command',
  setup({ onLoad }) {
    for (const [folder, name] of [['src[\\\\/]engine', 'core-binary'], ['src[\\\\/]engine[\\\\/]image', 'boot-binary'], ['jit', 'jit-binary']]) {
      onLoad({ filter: new RegExp(`${folder}[\\\\/]${name}\\.ts$`) }, () => ({ contents: `export * from '${at(`src/cli/${name}.ts`)}';`, loader: 'ts', resolveDir: root }));
    }
  },
};

const COMMAND = { js: '#!/usr/bin/env node' };

/** A script of the command (src/cli/load-script.ts). */
const SCRIPT = {
  format: 'cjs', minify: true, outExtension: { '.js': '.cjs' }, define: { 'import.meta.url': 'scriptUrl' }, plugins: [FOR_THE_COMMAND],
  banner: { js: '(function (require, module, scriptUrl, importModule) {' }, footer: { js: '})' },
};

/** What is built together, by entries. */
const BUNDLES = [
  // What entries share is there once.
  { ...LIBRARY, entryPoints: [entry('src/api/index.ts', 'index'), entry('src/api/index-node.ts', 'node')], splitting: true, chunkNames: 'engine' },
  { ...LIBRARY, minify: true, entryPoints: [entry('jit/index.ts', 'jit')], plugins: [from('./index.js', ERRORS), from('./binaryen.js', BINARYEN)] },
  { entryPoints: [entry(IMPORT_BINARYEN, 'binaryen')] },
  { entryPoints: [entry(IMPORT_BINARYEN, 'binaryen')], format: 'cjs', outExtension: { '.js': '.cjs' } },
  // smol-toml is in it, with its licence.
  { ...LIBRARY, entryPoints: [entry('contracts/index.ts', 'contracts')], legalComments: 'inline', plugins: [from('moontrace', API)] },
  { ...LIBRARY, entryPoints: [entry('contracts/index-node.ts', 'contracts-node')], plugins: [from('./contracts.js', CONTRACTS)] },
  { ...LIBRARY, entryPoints: [entry('contracts/node/main.ts', 'contracts-cli')], plugins: [from('./contracts.js', CONTRACTS)], banner: COMMAND },
  { ...LIBRARY, entryPoints: [entry('pool/index.ts', 'pool')], plugins: [from('./node.js', API)] },
  { ...LIBRARY, entryPoints: [entry('pool/worker.ts', 'pool-worker')], plugins: [from('./node.js', API), from('./jit.js', JIT)] },
  { ...COMMONJS, entryPoints: [entry('src/api/index-node.ts', 'node')] },
  { ...COMMONJS, entryPoints: [entry('jit/index.ts', 'jit')], plugins: [from('./node.cjs', ERRORS), from('./binaryen.cjs', BINARYEN)] },
  { ...COMMONJS, entryPoints: [entry('contracts/index-node.ts', 'contracts')], legalComments: 'inline', plugins: [from('./node.cjs', API)] },
  { ...COMMONJS, entryPoints: [entry('pool/index.ts', 'pool')], plugins: [from('./node.cjs', API)] },
  { ...LIBRARY, minify: true, entryPoints: [entry('jit/backend/worker.ts', 'worker')] },
  { ...SCRIPT, entryPoints: [entry('src/cli/main.ts', 'command')] },
  { ...SCRIPT, entryPoints: [entry('jit/index.ts', 'command-jit')] },
  { ...SCRIPT, entryPoints: [entry('src/cli/insight/index.ts', 'insight')] },
];

/** The file that is run: knows the scripts by what they are. */
const start = (scripts) => {
  const hash = createHash('sha256');
  for (const { text } of scripts) hash.update(text);
  return {
    entryPoints: [entry('src/cli/start.ts', 'cli')], format: 'cjs', minify: true, outExtension: { '.js': '.cjs' }, banner: COMMAND,
    define: { 'import.meta.dirname': '__dirname', BUILD: JSON.stringify(hash.digest('hex').slice(0, 16)) },
  };
};

/** Runs a program in the foreground; ends with its status if it fails. */
function run(script, ...args) {
  const { status } = spawnSync(process.execPath, [at(script), ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

function replaceIfChanged(path, contents) {
  if (existsSync(path) && readFileSync(path).equals(Buffer.from(contents))) return;
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, contents);
  if (path.endsWith('cli.cjs')) chmodSync(temporary, 0o755);
  renameSync(temporary, path);
}

const isScript = (path) => /(command.*|insight)\.cjs$/.test(path);

/** A source map without the text of what the build has made: the core's binary, the libraries'. */
function withoutGenerated(map) {
  const { sources, sourcesContent, ...rest } = JSON.parse(map);
  return JSON.stringify({ ...rest, sources, sourcesContent: sourcesContent.map((content, i) => (sources[i].includes('/generated/') ? null : content)) });
}

async function buildBundles() {
  mkdirSync(at('dist'), { recursive: true });
  const make = async (bundle) => (await build({ ...COMMON, ...bundle })).outputFiles;
  const files = (await Promise.all(BUNDLES.map(make))).flat();
  files.push(...(await make(start(files.filter(({ path }) => isScript(path))))));
  const known = new Set(['core.wasm', 'jit.wasm', 'boot.mtimg', 'types', ...files.flatMap(({ path }) => [basename(path), basename(path).replace('.cjs', '.cache')])]);
  for (const name of readdirSync(at('dist'))) if (/\.(c?js|map|cache|wasm)$/.test(name) && !known.has(name)) rmSync(at('dist', name), { force: true });
  for (const { path, contents, text } of files) {
    if (path.endsWith('.map')) replaceIfChanged(path, withoutGenerated(text));
    else replaceIfChanged(path, isScript(path) ? text.replaceAll(/\bimport\(/g, 'importModule(') : contents);
  }
  for (const binary of ['core.wasm', 'jit.wasm']) replaceIfChanged(at('dist', binary), readFileSync(at('build', binary)));
  replaceIfChanged(at('dist/boot.mtimg'), await makeBootImage());
  run('scripts/code-cache.mjs');
}

const variants = process.argv.includes('--test') ? [] : ['--release-only'];
run('scripts/build-core.mjs', ...variants);
await buildLibraries();
if (!process.argv.includes('--sources')) await buildBundles();
if (process.argv.length === 2) run('scripts/build-declarations.mjs');

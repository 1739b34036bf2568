/** The package as it is published: what is in it, and that a program finds code and types there. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

const FILES = [
  'dist/binaryen.cjs', 'dist/binaryen.js', 'dist/boot.mtimg', 'dist/cli.cjs', 'dist/command-jit.cjs', 'dist/command.cjs', 'dist/contracts-cli.js', 'dist/contracts-node.js', 'dist/contracts.cjs', 'dist/contracts.js', 'dist/core.wasm',
  'dist/engine.js', 'dist/index.js', 'dist/insight.cjs', 'dist/jit.cjs', 'dist/jit.js', 'dist/jit.wasm', 'dist/node.cjs', 'dist/node.js', 'dist/pool-worker.js', 'dist/pool.cjs', 'dist/pool.js', 'dist/worker.js',
];
/** Those that programs import have maps to the sources, which are in the maps. */
const MAPPED = ['contracts-cli', 'contracts-node', 'contracts', 'engine', 'index', 'jit', 'node', 'pool-worker', 'pool', 'worker'].map((name) => `dist/${name}.js.map`);

/** Kilobytes, as the README states them: of the archive, and of what a page loads, minified and compressed. */
const BUDGET = { archive: 1800, engine: 230, jit: 93, contracts: 30 };

/** Code and types of each entry, used as users do. */
const PROGRAM = `
  import { createVm, createVmAsync, type LuaFunction, type LuaValue, LuaError, MoontraceError, type VmOptions } from 'moontrace';
  import * as contracts from 'moontrace/contracts';
  import { createJit, type CreateJitOptions } from 'moontrace/jit';
  import { LuaPool } from 'moontrace/pool';
  const jitOptions: CreateJitOptions = { tunables: { hotloop: 10, share: 100 } };
  const options: VmOptions = { libraries: 'sandbox', memoryLimit: 64 << 20, jit: createJit(jitOptions) };
  const vm = createVm(options);
  const sum: LuaFunction = vm.load('local sum = 0 for i = 1, ... do sum = sum + i end return sum');
  const results: LuaValue[] = sum.call(1000);
  try {
    vm.doString('local t = nil; t.x = 1');
  } catch (error) {
    if (error instanceof MoontraceError) throw error;
    if (error instanceof LuaError) results.push(error.code satisfies string);
  }
  results.push(vm.stats().compiled > 0, Object.keys(contracts).length > 0, (await createVmAsync()).doString('return "async"')[0]);
  const pool = new LuaPool({ threads: 1 });
  results.push((await pool.run<[string]>('return ...', ['pool']))[0]);
  await pool.close();
  export const outcome: string = results.join();`;

beforeAll(() => {
  execFileSync(process.execPath, ['scripts/build-declarations.mjs'], { cwd: ROOT });
});

describe('the package', () => {
  let files: readonly { readonly path: string; readonly size: number }[] = [];
  let size = 0;
  const has = (path: string): boolean => files.some((file) => file.path === path || file.path.startsWith(`${path}/`));
  beforeAll(() => {
    [{ files, size }] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  });

  test('holds the bundles with their maps, the cores as text once for each kind of module, the documents, and the types of its entries', () => {
    const paths = files.map(({ path }) => path);
    const types = files.filter(({ path }) => path.startsWith('dist/types/'));
    expect(paths.filter((path) => path.startsWith('dist/') && !path.startsWith('dist/types/')).sort()).toEqual([...FILES, ...MAPPED].sort());
    expect(paths.filter((path) => !/^(dist|docs|examples)\//.test(path)).sort()).toEqual(['LICENSE', 'README.md', 'bench/README.md', 'package.json']);
    expect(types.length).toBeGreaterThan(3);
    expect(types.filter(({ path, size }) => !/\.d\.c?ts$/.test(path) || size > 20_000)).toEqual([]);
    expect(types.filter(({ path }) => /\/(generated|bytecode|core|stdlib\/(?!library)|ir|record|lower|wasm|passes|install|manager)\//.test(path) || /core-module|memory\.d|host-imports/.test(path))).toEqual([]);
    for (const [binary, holders] of [['core', ['dist/engine.js', 'dist/node.cjs']], ['jit', ['dist/jit.cjs', 'dist/jit.js']]] as const) {
      const text = readFileSync(join(ROOT, `dist/${binary}.wasm`)).toString('base64');
      expect([...FILES, ...MAPPED].filter((file) => readFileSync(join(ROOT, file), 'latin1').replaceAll('\\\n', '').includes(text))).toEqual(holders);
    }
  });

  test('the links of its README, and of the guide, lead to what is in it', () => {
    const pages = files.map(({ path }) => path).filter((path) => path === 'README.md' || path.startsWith('docs/guide/'));
    const links = pages.flatMap((page) => [...readFileSync(join(ROOT, page), 'utf8').matchAll(/\]\(([^)#:]+)(#[^)]*)?\)/g)].map(({ 1: target }) => posix.join(posix.dirname(page), target!)));
    expect(links.length).toBeGreaterThan(10);
    expect(links.filter((link) => !has(link.replace(/\/$/, '')))).toEqual([]);
  });

  test('maps lead to the lines of the sources', () => {
    for (const path of MAPPED) {
      const { sources, sourcesContent, mappings } = JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as { sources: string[]; sourcesContent: (string | null)[]; mappings: string };
      expect(sources.filter((source, i) => sourcesContent[i] === null && !source.includes('/generated/'))).toEqual([]);
      expect([path, path === 'dist/index.js.map' || mappings.length > 100]).toEqual([path, true]);
    }
  });

  test('is as small as the README says', async () => {
    const compressed = async (entry: string, ...external: string[]): Promise<number> => {
      const { outputFiles } = await build({ entryPoints: [join(ROOT, 'dist', entry)], bundle: true, minify: true, format: 'esm', write: false, external, logLevel: 'error' });
      return gzipSync(outputFiles[0]!.contents, { level: 9 }).length;
    };
    const sizes = { archive: size, engine: await compressed('index.js'), jit: await compressed('jit.js', './index.js'), contracts: await compressed('contracts.js', 'moontrace') };
    for (const [name, bytes] of Object.entries(sizes)) expect([name, Math.max(bytes / 1000, BUDGET[name as keyof typeof BUDGET])]).toEqual([name, BUDGET[name as keyof typeof BUDGET]]);
    const { archive, engine, jit, contracts } = BUDGET;
    expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain(`at most ${engine} KB for the engine, ${jit} KB for the JIT and ${contracts} KB for contracts; the package itself ${archive / 1000} MB`);
  });

  test('what is shared is there once', () => {
    const entries = ['dist/jit.js', 'dist/contracts.js', 'dist/contracts-node.js', 'dist/jit.cjs', 'dist/contracts.cjs', 'dist/pool.js', 'dist/pool-worker.js', 'dist/pool.cjs'];
    expect(entries.filter((file) => readFileSync(join(ROOT, file), 'utf8').includes('moontrace.MoontraceError'))).toEqual([]);
    expect(readFileSync(join(ROOT, 'dist/engine.js'), 'utf8')).toContain('moontrace.MoontraceError');
  });
});

describe('a program', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'moontrace-package-'));
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(ROOT, join(folder, 'node_modules/moontrace'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'program.ts'), PROGRAM);
    writeFileSync(join(folder, 'tsconfig.json'), '{ "compilerOptions": { "strict": true, "module": "nodenext", "target": "es2022", "types": [], "exactOptionalPropertyTypes": true }, "files": ["program.ts"] }');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('finds types, strictly checked, and code', () => {
    execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder], { encoding: 'utf8' });
    const code = "import('./program.js').then(({ outcome }) => console.log(outcome))";
    expect(execFileSync(process.execPath, ['-e', code], { cwd: folder, encoding: 'utf8' })).toBe('500500,runtime,true,true,async,pool\n');
  });
});

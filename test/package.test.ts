/** The package as it is published: what is in it, and that a program finds code and types there. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

const FILES = [
  'LICENSE', 'README.md', 'dist/cli.cjs', 'dist/command-jit.cjs', 'dist/command.cjs', 'dist/contracts-cli.js', 'dist/contracts-node.js', 'dist/contracts.js', 'dist/core.wasm', 'dist/engine.js', 'dist/index.js', 'dist/insight.cjs',
  'dist/jit.js', 'dist/node.js', 'dist/worker.js', 'package.json',
];

/** Code and types of each entry, used as users do. */
const PROGRAM = `
  import { createVm, createVmAsync, type LuaFunction, type LuaValue, LuaError, MoontraceError, type VmOptions } from 'moontrace';
  import * as contracts from 'moontrace/contracts';
  import { createJit, type CreateJitOptions } from 'moontrace/jit';
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
  export const outcome: string = results.join();`;

beforeAll(() => {
  execFileSync(process.execPath, ['scripts/build-declarations.mjs'], { cwd: ROOT });
});

describe('the package', () => {
  test('holds the bundles, one copy of the core as text, and the types of its entries', () => {
    const [{ files }] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })) as [{ files: { path: string; size: number }[] }];
    const types = files.filter(({ path }) => path.startsWith('dist/types/'));
    expect(files.map(({ path }) => path).filter((path) => !path.startsWith('dist/types/')).sort()).toEqual(FILES);
    expect(types.length).toBeGreaterThan(3);
    expect(types.filter(({ path, size }) => !path.endsWith('.d.ts') || path.includes('/generated/') || size > 20_000)).toEqual([]);
    const core = readFileSync(join(ROOT, 'dist/core.wasm')).toString('base64');
    expect(FILES.filter((file) => readFileSync(join(ROOT, file), 'latin1').includes(core))).toEqual(['dist/engine.js']);
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
    expect(execFileSync(process.execPath, ['-e', code], { cwd: folder, encoding: 'utf8' })).toBe('500500,runtime,true,true,async\n');
  });
});

/** Who may import whom (docs/ARCHITECTURE.md), and what the bundles contain. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

interface Import {
  readonly from: string;
  /** Path in the repository for relative imports, else the package's name. */
  readonly to: string;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

/** All imports and re-exports of a file, dynamic ones of literal addresses included. */
function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  const found = [...text.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)'([^']+)'/g)].map(([, target = '']) => target);
  return found.map((target) => ({ from: file, to: target.startsWith('.') ? normalize(join(dirname(file), target)) : target }));
}

const isCore = (file: string): boolean => /^(src|jit)\/core\//.test(file);
const host = [...sourceFiles('src'), ...sourceFiles('jit')].filter((file) => !isCore(file)).concat(sourceFiles('contracts'), sourceFiles('pool'));
const imports = host.flatMap(importsOf);
const violations = (from: RegExp, isAllowed: (to: string) => boolean): string[] =>
  imports.filter((entry) => from.test(entry.from) && !isAllowed(entry.to)).map((entry) => `${entry.from} -> ${entry.to}`);

describe('imports', () => {
  test('src never imports jit', () => {
    expect(violations(/^src\//, (to) => !to.startsWith('jit/'))).toEqual([]);
  });

  test('exactly one file imports binaryen', () => {
    const importers = new Set(imports.filter(({ to }) => to === 'binaryen').map(({ from }) => from));
    expect([...importers]).toEqual(['jit/backend/import-binaryen.ts']);
  });

  test('bytecode imports nothing outside itself', () => {
    expect(violations(/^src\/bytecode\//, (to) => to.startsWith('src/bytecode/'))).toEqual([]);
  });

  test("the JIT's core imports of src only tables", () => {
    const outside = sourceFiles('jit/core').flatMap(importsOf).filter(({ to }) => !/^(jit\/core|src\/bytecode|src\/core\/generated)\//.test(to));
    expect(outside).toEqual([]);
  });

  test('jit imports of src only bytecode, the port and what it shows', () => {
    expect(violations(/^jit\//, (to) => !to.startsWith('src/') || /^src\/bytecode\/|^src\/engine\/(base64|jit-port|jit-report|trace-module|memory|core-module|host-imports|profile\/recursion)\.ts$|^src\/engine\/errors\/errors\.ts$|^src\/api\/check-options\.ts$/.test(to))).toEqual([]);
  });

  test('contracts stand on the public API alone, and nothing stands on them', () => {
    expect(violations(/^contracts\//, (to) => !/^(src|jit)\//.test(to) || /^src\/api\/index(-node)?\.ts$/.test(to))).toEqual([]);
    expect(violations(/^(src|jit)\//, (to) => !to.startsWith('contracts/'))).toEqual([]);
  });

  test('pools stand on the public API and on that of the JIT alone, and nothing stands on them', () => {
    expect(violations(/^pool\//, (to) => !/^(src|jit|contracts)\//.test(to) || /^(src\/api\/index-node|jit\/index)\.ts$/.test(to))).toEqual([]);
    expect(violations(/^(src|jit|contracts)\//, (to) => !to.startsWith('pool/'))).toEqual([]);
  });

  test('only the environment, the Node entry, the command line, the backends and pools know Node', () => {
    expect(violations(/^(src|jit|contracts|pool)\//, (to) => !to.startsWith('node:')).map((line) => line.split(' ')[0])).toSatisfy((files: string[]) =>
      files.every((file) => /^src\/hosts\/node\/|^src\/cli\/|^jit\/backend\/|^contracts\/node\/|^pool\//.test(file)),
    );
  });
});

/** One state machine: calls, protected calls, closing, coroutines and finalisers push frames for one another. */
const STATE_MACHINE = ['call', 'close', 'concat', 'coroutine', 'finalizer-call', 'finish-instruction', 'protected-call'].map((name) => `src/core/run/${name}.ts`);

/** The folders of the core, lowest first. */
const CORE_FOLDERS = ['base', 'memory', 'strings', 'objects', 'number', 'errors', 'collect', 'run', 'lib', 'chunk', 'compile', 'trace', 'image'];
const UPWARD = [
  // The table of builtins has all of them; string.dump is one.
  'lib/generated/builtins.ts -> chunk/write.ts',
  // Setting a metatable registers a finaliser.
  'objects/metatable.ts -> collect/finalizer.ts',
  // The interpreter enters traces, which call all there is.
  'run/interpreter.ts -> trace/entry.ts',
];

/** What is emitted is rewritten by rules, which look behind operands and emit. */
const EMITTING = ['alias', 'builder', 'fold-rule', 'fold', 'folds/comparisons', 'folds/constants', 'folds/conversions', 'folds/floats', 'folds/integers', 'forward'].map((name) => `jit/core/build/${name}.ts`);

describe('circles', () => {
  const files = [...sourceFiles('src'), ...sourceFiles('jit'), ...sourceFiles('contracts'), ...sourceFiles('pool')];
  const known = new Set(files);
  const targets = new Map(files.map((file) => [file, importsOf(file).map(({ to }) => (known.has(`${to}.ts`) ? `${to}.ts` : to)).filter((to) => known.has(to))]));

  /** Strongly connected components of more than one file (Tarjan). */
  function circles(): string[][] {
    const order = new Map<string, number>();
    const low = new Map<string, number>();
    const stack: string[] = [];
    const found: string[][] = [];
    const visit = (file: string): void => {
      order.set(file, order.size);
      low.set(file, order.get(file)!);
      stack.push(file);
      for (const to of targets.get(file) ?? []) {
        if (!order.has(to)) visit(to);
        if (stack.includes(to)) low.set(file, Math.min(low.get(file)!, low.get(to)!));
      }
      if (low.get(file) !== order.get(file)) return;
      const members = stack.splice(stack.indexOf(file));
      if (members.length > 1) found.push(members.sort());
    };
    for (const file of files) if (!order.has(file)) visit(file);
    return found;
  }

  test('imports of files only go down, those of the core and of generated files included; two circles have names', () => {
    expect(circles()).toEqual([STATE_MACHINE, EMITTING]);
  });

  test('imports of the folders of the core only go down, but for three that say why', () => {
    const folderOf = (file: string): string => /^src\/core\/(\w+)\//.exec(file)?.[1] ?? '';
    const upward: string[] = [];
    for (const [file, list] of targets) {
      const from = CORE_FOLDERS.indexOf(folderOf(file));
      if (from < 0) continue;
      for (const to of list) if (CORE_FOLDERS.indexOf(folderOf(to)) > from) upward.push(`${file} -> ${to}`.replaceAll('src/core/', ''));
    }
    expect(upward.sort()).toEqual(UPWARD);
    expect([...new Set(files.map(folderOf))].filter((name) => name !== '' && name !== 'generated').sort()).toEqual([...CORE_FOLDERS].sort());
  });

  test('no folder has more than 20 files', () => {
    const counts = new Map<string, number>();
    for (const file of files) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
    expect([...counts].filter(([, count]) => count > 20)).toEqual([]);
  });
});

/** Modules of the core with variables or buffers of their own, each for the time of one call of ... */
const SCRATCH_OWNERS = [
  // a function with more than one result
  'number/double-double', 'number/trigonometric', 'lib/utf8',
  // what reads or prints a number, or makes a message
  'number/arithmetic', 'number/print', 'number/print-float', 'number/read-float', 'errors/message', 'lib/arguments',
  // a library function
  'strings/pattern-program', 'lib/file', 'lib/pattern', 'lib/string-format', 'lib/string-pack',
  // the reader and the verifier of a binary chunk
  'chunk/code', 'chunk/read',
  // the compiler; a compilation inside of another one saves what it finds
  'compile/state/stacks',
];

describe('state', () => {
  test("the host's scratch slots are given out in one place", () => {
    const users = host.filter((file) => readFileSync(join(ROOT, file), 'utf8').includes('VM_HOST_SCRATCH'));
    expect(users.sort()).toEqual(['src/bytecode/host-scratch.ts', 'src/bytecode/layout.ts']);
  });

  test('modules of the core have no variables but scratch', () => {
    // A Lua state is what lies in linear memory from VM_STATE on. test/core/scratch.test.ts shows that nothing lives here from one call to the next.
    const owners = sourceFiles('src/core').filter((file) => /^(export )?(let|var) |\bmemory\.data\(/m.test(readFileSync(join(ROOT, file), 'utf8')));
    expect(owners.sort()).toEqual(SCRATCH_OWNERS.map((name) => `src/core/${name}.ts`).sort());
  });
});

describe('files', () => {
  test('have kebab-case names and a header comment', () => {
    for (const file of host.filter((name) => !name.includes('/generated/'))) {
      expect(file).toMatch(/^[a-z0-9/.-]+$/);
      expect(readFileSync(join(ROOT, file), 'utf8'), file).toMatch(/^\/(\*|\/)/);
    }
  });
});

describe('bundles', () => {
  test.each(['engine.js', 'node.js', 'cli.cjs', 'command.cjs'])('%s does not mention binaryen', (name) => {
    expect(readFileSync(join(ROOT, 'dist', name), 'utf8').includes('binaryen')).toBe(false);
  });

  test('a VM without a JIT loads neither binaryen nor the JIT', () => {
    const code = "import { createVm } from 'moontrace'; createVm().doString('local s = 0 for i = 1, 1e6 do s = s + i end');";
    const hooks = `
      export async function resolve(specifier, context, next) {
        const result = await next(specifier, context);
        if (/binaryen|jit\\.js/.test(result.url)) throw new Error('loaded ' + result.url);
        return result;
      }`;
    const asUrl = (source: string): string => `data:text/javascript;base64,${Buffer.from(source).toString('base64')}`;
    const loader = `import { register } from 'node:module'; register('${asUrl(hooks)}');`;
    const result = spawnSync(process.execPath, ['--import', asUrl(loader), '--input-type=module', '-e', code], { cwd: ROOT, encoding: 'utf8' });
    expect(result.stderr).toBe('');
    expect(result.status).toBe(0);
  });

  test.each(['index.js', 'contracts.js'])('the browser entry %s needs nothing of Node', (name) => {
    expect(readFileSync(join(ROOT, 'dist', name), 'utf8')).not.toMatch(/from ?"node:|(?<!function )\brequire\(/);
  });

  test.each([['contracts.js', 'moontrace'], ['contracts-node.js', './contracts.js'], ['contracts-cli.js', './contracts.js'], ['pool.js', './node.js'], ['pool-worker.js', './node.js']])('%s has no engine of its own: it imports %s alone', (name, engine) => {
    const text = readFileSync(join(ROOT, 'dist', name), 'utf8');
    const targets = [...text.matchAll(/(?:^|[;\n])(?:import|export)[^;"]*from ?"([^"]+)"/g)].map(([, target]) => target).filter((target) => !target!.startsWith('node:'));
    expect(new Set(targets)).toEqual(new Set([engine]));
    expect(text.includes('Copyright (c) Squirrel Chat')).toBe(name === 'contracts.js');
  });
});

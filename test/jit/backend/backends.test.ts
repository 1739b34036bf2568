/** One suite for every backend: what the interface promises. */
import { beforeAll, describe, expect, test } from 'vitest';
import { BackendError } from '../../../jit/backend/backend.ts';
import { BACKENDS, DEFAULT_BACKEND, isBackendName } from '../../../jit/backend/backends.ts';
import { createBinaryenBackend } from '../../../jit/backend/binaryen-backend.ts';
import type { FunctionCode } from '../../../jit/wasm/function-code.ts';
import { WASM_OPERATIONS, type WasmOperation, type WasmOpName } from '../../../jit/wasm/operations.ts';
import { TraceCompiler } from '../../../jit/install/trace-compiler.ts';
import { CORE_CALLS, IMPORTS } from '../../../jit/lower/imports.ts';
import { Machine } from '../lower/harness.ts';
import { FunctionBuilder } from './function-builder.ts';
import { compileSample, SAMPLE, sampleCode } from './sample.ts';

const COMPILING = [BACKENDS.encoder(), createBinaryenBackend({ validate: true })];

type Run = (argument: number) => number;
function instantiate(binary: Uint8Array<ArrayBuffer>, imports: WebAssembly.Imports = {}): Run {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
  const module = new WebAssembly.Module(binary);
  return new WebAssembly.Instance(module, { env: { memory, exits: new WebAssembly.Global({ value: 'i32' }, 4096) }, ...imports }).exports['trace0'] as Run;
}

/** A function whose result is what `emit` pushes. */
function build(emit: (builder: FunctionBuilder) => void): FunctionCode {
  const builder = new FunctionBuilder();
  emit(builder);
  builder.op('return');
  return builder.finish();
}

describe.each(COMPILING)('$name', (backend) => {
  beforeAll(() => backend.load());
  const run = (code: FunctionCode, argument = 0, imports?: WebAssembly.Imports): number => instantiate(backend.compile(code)!, imports)(argument);

  test('is ready after load and compiles', () => {
    expect(backend.isReady()).toBe(true);
    expect(compileSample(backend.compile(sampleCode())!)).toBe(42);
  });

  test('integer constants of every length', () => {
    for (let bit = 0n; bit < 64n; bit++) {
      for (const value of [2n ** bit, 2n ** bit - 1n, -(2n ** bit), -(2n ** bit) - 1n].map((wide) => BigInt.asIntN(64, wide))) {
        const halves = [BigInt.asIntN(32, value), BigInt.asIntN(32, value >> 32n)];
        const half = (shift: number): number => run(build((builder) => {
          builder.i64(value);
          builder.i64(shift);
          builder.op('i64.shr_u');
          builder.op('i32.wrap_i64');
        }));
        expect([half(0), half(32)].map(BigInt), `${value}`).toEqual(halves);
        expect(run(build((builder) => builder.i32(Number(halves[0]))))).toBe(Number(halves[0]));
      }
    }
  });

  test('float constants bit by bit', () => {
    for (const value of [0, -0, 1.5, -1e300, 5e-324, Infinity, Number.NaN]) {
      const bits = new BigInt64Array(Float64Array.of(value).buffer)[0]!;
      expect(run(build((builder) => {
        builder.f64(value);
        builder.op('i64.reinterpret_f64');
        builder.i64(bits);
        builder.op('i64.eq');
      }))).toBe(1);
    }
  });

  test('blocks, loops and branches between nested and following blocks', () => {
    const builder = new FunctionBuilder();
    const total = builder.local('i32');
    for (let round = 1; round <= 2; round++) {
      const outer = builder.open('block');
      const loop = builder.open('loop');
      const inner = builder.open('block');
      builder.op('local.get', 0);
      builder.op('i32.eqz');
      builder.branch('br_if', outer);
      builder.op('local.get', 0);
      builder.i32(1);
      builder.op('i32.sub');
      builder.op('local.tee', 0);
      builder.i32(1);
      builder.op('i32.and');
      builder.branch('br_if', inner);
      builder.op('local.get', total);
      builder.i32(round);
      builder.op('i32.add');
      builder.op('local.set', total);
      builder.end();
      builder.branch('br', loop);
      builder.end();
      builder.end();
      builder.i32(10);
      builder.op('local.set', 0);
    }
    builder.op('local.get', total);
    builder.op('return');
    expect(run(builder.finish(), 6)).toBe(3 + 2 * 5);
  });

  test('an if with a result stands inside an expression, statements in its branches', () => {
    const code = build((builder) => {
      const local = builder.local('i64');
      builder.i64(100);
      builder.op('local.get', 0);
      builder.open('if', 'i64');
      builder.i64(5);
      builder.op('local.set', local);
      builder.op('local.get', local);
      builder.op('else');
      builder.i64(7);
      builder.end();
      builder.op('i64.add');
      builder.op('i32.wrap_i64');
    });
    expect([run(code, 1), run(code, 0)]).toEqual([105, 107]);
  });

  test('imports are shared, globals are read, functions without result are statements', () => {
    const seen: number[] = [];
    const { barrier, appendRoom } = CORE_CALLS;
    const code = build((builder) => {
      builder.op('local.get', 0);
      builder.i32(5);
      builder.call(barrier.name);
      builder.op('local.get', 0);
      builder.call(appendRoom.name);
      builder.call(appendRoom.name);
      builder.global('exits');
      builder.op('i32.add');
    });
    expect([code.imports, code.globals]).toEqual([[barrier, appendRoom], ['exits']]);
    const imports = { core: { [barrier.name]: (a: number, b: number) => void seen.push(a, b), [appendRoom.name]: (value: number) => value * 2 } };
    expect(run(code, 3, imports)).toBe(4096 + 12);
    expect(seen).toEqual([3, 5]);
  });

  test('every function that there is may be imported', () => {
    const code = build((builder) => {
      for (const { name, parameters, result } of IMPORTS) {
        for (const type of parameters) builder[type](1);
        builder.call(name);
        if (result !== undefined) builder.op('drop');
      }
      builder.i32(0);
    });
    expect(code.imports).toEqual(IMPORTS);
    const imported = WebAssembly.Module.imports(new WebAssembly.Module(backend.compile(code)!));
    expect(imported.filter(({ kind }) => kind === 'function')).toEqual(IMPORTS.map(({ name }) => ({ module: 'core', name, kind: 'function' })));
  });

  test('many locals and far offsets', () => {
    const code = build((builder) => {
      const locals = Array.from({ length: 300 }, (_, index) => builder.local(index % 3 ? 'i32' : 'f64'));
      builder.op('local.get', 0);
      builder.op('local.set', locals[298]!);
      builder.i32(0);
      builder.op('local.get', locals[298]!);
      builder.op('i32.store', 60000);
      builder.i32(0);
      builder.op('i32.load', 60000);
    });
    expect(run(code, 77)).toBe(77);
  });

  test('every operation of the table is accepted', () => {
    for (const { name, takes, yields, immediates } of WASM_OPERATIONS as readonly WasmOperation[]) {
      if (immediates !== 'none' || takes.length === 0 || !yields || name === 'return') continue;
      const code = build((builder) => {
        for (const type of takes) builder[type](1);
        builder.op(name as WasmOpName);
        if (yields === 'f64') builder.op('i64.reinterpret_f64');
        if (yields !== 'i32') builder.op('i32.wrap_i64');
      });
      expect(WebAssembly.validate(backend.compile(code)!), name).toBe(true);
    }
  });
});

test('both backends yield modules with the same imports and exports', () => {
  const modules = COMPILING.map((backend) => new WebAssembly.Module(backend.compile(sampleCode())!));
  expect(modules.map((module) => [WebAssembly.Module.imports(module), WebAssembly.Module.exports(module)])).toEqual(
    Array(2).fill([[{ module: 'env', name: 'memory', kind: 'memory' }], [{ name: 'trace0', kind: 'function' }]]),
  );
});

test('binaryen is not used before it is loaded, and prints what it compiles', async () => {
  const backend = BACKENDS.binaryen();
  expect(backend.isReady()).toBe(false);
  expect(() => backend.compile(sampleCode())).toThrow(BackendError);
  await backend.load();
  expect(backend.text(sampleCode())).toContain('(export "trace0"');
  backend.dispose();
  expect(backend.isReady()).toBe(false);
});

test('the null backend declines, and the trace compiler says so', () => {
  const backend = BACKENDS.null();
  expect(backend.isReady()).toBe(true);
  expect(backend.compile(sampleCode())).toBeUndefined();
  const compiler = new TraceCompiler(new Machine().installer, { backend });
  expect(compiler.compileTrace(SAMPLE)).toMatchObject({ status: 'failed', reason: 'backend-declined' });
});

test('backends are known by name', () => {
  expect(isBackendName(DEFAULT_BACKEND)).toBe(true);
  expect([isBackendName('binaryen'), isBackendName('llvm'), isBackendName('toString')]).toEqual([true, false, false]);
});

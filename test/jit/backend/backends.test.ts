/** One suite for every backend: what the interface promises. */
import { beforeAll, describe, expect, test } from 'vitest';
import { BackendError } from '../../../jit/backend/backend.ts';
import { BACKENDS, DEFAULT_BACKEND, isBackendName } from '../../../jit/backend/backends.ts';
import { createBinaryenBackend } from '../../../jit/backend/binaryen-backend.ts';
import { FunctionBuilder } from '../../../jit/wasm/function-builder.ts';
import { type FunctionCode, InvalidCodeError } from '../../../jit/wasm/function-code.ts';
import { WASM_OPERATIONS, type WasmOperation } from '../../../jit/wasm/operations.ts';
import { TraceCompiler } from '../../../jit/install/trace-compiler.ts';
import { Machine } from '../lower/harness.ts';
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
  builder.return();
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

  test('a number as 64-bit constant keeps its sign and its high word', () => {
    for (const value of [0, 1, -1, 2 ** 40, -(2 ** 40), 2 ** 31, -(2 ** 31) - 1]) {
      expect(run(build((builder) => {
        builder.i64(value);
        builder.i64(BigInt(value));
        builder.op('i64.eq');
      }))).toBe(1);
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
      const outer = builder.block();
      const loop = builder.loop();
      const inner = builder.block();
      builder.get(0);
      builder.op('i32.eqz');
      builder.brIf(outer);
      builder.get(0);
      builder.i32(1);
      builder.op('i32.sub');
      builder.tee(0);
      builder.i32(1);
      builder.op('i32.and');
      builder.brIf(inner);
      builder.get(total);
      builder.i32(round);
      builder.op('i32.add');
      builder.set(total);
      builder.end();
      builder.br(loop);
      builder.end();
      builder.end();
      builder.i32(10);
      builder.set(0);
    }
    builder.get(total);
    builder.return();
    expect(run(builder.finish(), 6)).toBe(3 + 2 * 5);
  });

  test('an if with a result stands inside an expression, statements in its branches', () => {
    const code = build((builder) => {
      const local = builder.local('i64');
      builder.i64(100);
      builder.get(0);
      builder.if('i64');
      builder.i64(5);
      builder.set(local);
      builder.get(local);
      builder.else();
      builder.i64(7);
      builder.end(true);
      builder.op('i64.add');
      builder.op('i32.wrap_i64');
    });
    expect([run(code, 1), run(code, 0)]).toEqual([105, 107]);
  });

  test('imports are shared, globals are read, functions without result are statements', () => {
    const seen: number[] = [];
    const note = { name: 'note', parameters: ['i32', 'f64'], result: undefined } as const;
    const twice = { name: 'twice', parameters: ['i32'], result: 'i32' } as const;
    const code = build((builder) => {
      builder.get(0);
      builder.f64(0.5);
      builder.call(note);
      builder.get(0);
      builder.call(twice);
      builder.call(twice);
      builder.global('exits');
      builder.op('i32.add');
    });
    expect(code.imports).toHaveLength(2);
    const imports = { core: { note: (a: number, b: number) => void seen.push(a, b), twice: (value: number) => value * 2 } };
    expect(run(code, 3, imports)).toBe(4096 + 12);
    expect(seen).toEqual([3, 0.5]);
  });

  test('many locals and far offsets', () => {
    const code = build((builder) => {
      const locals = Array.from({ length: 300 }, (_, index) => builder.local(index % 3 ? 'i32' : 'f64'));
      builder.get(0);
      builder.set(locals[298]!);
      builder.i32(0);
      builder.get(locals[298]!);
      builder.store('i32.store', 60000);
      builder.i32(0);
      builder.load('i32.load', 60000);
    });
    expect(run(code, 77)).toBe(77);
  });

  test('every operation of the table is accepted', () => {
    for (const { name, takes, yields, immediates } of WASM_OPERATIONS as readonly WasmOperation[]) {
      if (immediates !== 'none' || takes.length === 0 || !yields || name === 'return') continue;
      const code = build((builder) => {
        for (const type of takes) builder[type](1);
        builder.op(name as never);
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

test('the builder refuses a statement in the middle of an expression, and open blocks', () => {
  const builder = new FunctionBuilder();
  builder.i32(1);
  builder.i32(2);
  expect(() => builder.set(0)).toThrow(InvalidCodeError);
  const open = new FunctionBuilder();
  open.block();
  expect(() => open.finish()).toThrow(InvalidCodeError);
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

/** Every pure operation, lowered by both backends and run at the borders of its types, against the IR's own definition of what it computes. */
import { beforeAll, describe, expect, test } from 'vitest';
import { evaluatePure, type IRValue } from '../../../jit/ir/arithmetic.ts';
import { IR_OPERATIONS, type IROperationDescription, type IRType } from '../../../jit/ir/ir-table.ts';
import type { IRRef } from '../../../jit/ir/trace.ts';
import { BACKENDS, loadBackends, Machine, TraceWriter } from './harness.ts';

const MAX = 2n ** 63n - 1n;
const INTEGERS = [0n, 1n, -1n, 2n, -2n, 3n, 7n, -7n, 8n, 31n, 32n, 63n, 64n, 65n, -63n, -64n, -65n, 1000n, -1000n, 0x7fffffffn, 0x80000000n, 0xffffffffn, 0x100000000n, -0x80000000n, 2n ** 53n + 1n, MAX, -MAX - 1n, MAX - 1n];
/** Where adding 1.5 * 2^52 leaves bits that are converted to nearly the same number: see float-to-integer.ts. */
const ALIASED = -(2 ** 62 + Number((2n ** 62n - 11n * 2n ** 52n) / 1025n) * 1024 + 1.5 * 2 ** 52);
const FLOATS = [0, -0, 1, -1, 0.5, -0.5, 2, 3, -3, 7.25, -7.25, 1e15, 2 ** 51, -(2 ** 51), 2 ** 51 - 0.5, 2 ** 51 - 1, 2 ** 52 + 1, 1 - 2 ** 51, 3 * (2 ** 49) - 1, 2 ** 53, -(2 ** 53), 2 ** 62, ALIASED, 2 ** 63, -(2 ** 63), 2 ** 63 - 1024, 2 ** 64, 1e308, -1e308, 5e-324, -5e-324, 1e-310, Math.PI, Infinity, -Infinity, Number.NaN];
const SMALLS = [0, 1, -1, 2, 31, 32, 33, -31, -32, 1000, 0x7fffffff, -0x80000000];
const VALUES: Readonly<Record<Exclude<IRType, 'void'>, readonly IRValue[]>> = { i64: INTEGERS, f64: FLOATS, i32: SMALLS };

const NOT_PURE = new Set(['KINT', 'KFLT', 'KI32', 'KPTR', 'BASE', 'SLOAD', 'BYTE', 'NOP']);
type ValueType = Exclude<IRType, 'void'>;
interface Case {
  readonly description: IROperationDescription;
  readonly type: ValueType;
  readonly operandType: ValueType;
}

const CASES: Case[] = (IR_OPERATIONS as readonly IROperationDescription[])
  .filter(({ effect, name }) => effect === 'pure' && !NOT_PURE.has(name))
  .flatMap((description) =>
    description.types.flatMap((type) => {
      const first = description.operands[0]!;
      const unsigned = description.name === 'ULT' || description.name === 'UGE';
      const operandTypes: ValueType[] = first === 'any' ? (unsigned ? ['i64', 'i32'] : ['i64', 'f64', 'i32']) : [(first === '=' ? type : first) as ValueType];
      return operandTypes.map((operandType) => ({ description, type: type as ValueType, operandType }));
    }),
  );

function constant(writer: TraceWriter, type: ValueType, value: IRValue): IRRef {
  if (type === 'i64') return writer.int(value);
  return type === 'f64' ? writer.float(value as number) : writer.i32(value as number);
}

/** Pairs of operands at which the operation has a value. */
function* operandPairs({ description, type, operandType }: Case): Generator<[IRValue, IRValue, IRValue]> {
  const values = VALUES[operandType];
  for (const a of values) {
    for (const b of description.operands.length === 2 ? values : [a]) {
      if (description.name === 'SAR' && ((b as bigint) < 0n || (b as bigint) > 63n)) continue;
      const expected = evaluatePure(description.name as never, type, a, b);
      if (expected !== undefined) yield [a, b, expected];
    }
  }
}

/** A trace that computes the operation on slots 0 and 1 (objects stand for i32) or constants, and leaves the result in slot 2. */
function compute({ description, type, operandType }: Case, constantA?: IRValue, constantB?: IRValue): TraceWriter {
  const writer = new TraceWriter();
  const a = constantA === undefined ? writer.slot(0, operandType) : constant(writer, operandType, constantA);
  const b = constantB === undefined ? writer.slot(1, operandType) : constant(writer, operandType, constantB);
  const result = description.operands.length === 2 ? writer.op(description.name as never, type, a, b) : writer.op(description.name as never, type, a);
  const shown = type === 'i32' ? writer.op('ZEXT', 'i64', result) : result;
  writer.end(writer.snapshot(0x2000, [[2, shown]]));
  return writer;
}

function setSlot(machine: Machine, slot: number, type: ValueType, value: IRValue): void {
  if (type === 'i64') machine.setInt(slot, value);
  else if (type === 'f64') machine.setFloat(slot, value as number);
  else machine.setObject(slot, (value as number) >>> 0);
}

const shown = (type: ValueType, value: IRValue): IRValue => (type === 'i32' ? BigInt((value as number) >>> 0) : value);

describe.each(BACKENDS)('$name', (backend) => {
  beforeAll(loadBackends);

  test.each(CASES)('$description.name $operandType -> $type', (testCase) => {
    const machine = new Machine();
    const variable = machine.install(backend, compute(testCase).trace);
    for (const [a, b, expected] of operandPairs(testCase)) {
      setSlot(machine, 0, testCase.operandType, a);
      setSlot(machine, 1, testCase.operandType, b);
      expect(machine.enter(variable)).toBe(0);
      expect(machine.get(2), `${testCase.description.name}(${a}, ${b})`).toBe(shown(testCase.type, expected));
    }
  });

  test.each(CASES.filter(({ description }) => description.operands.length === 2))('$description.name $operandType -> $type with a constant', (testCase) => {
    const machine = new Machine();
    const values = VALUES[testCase.operandType];
    const traces = values.map((b) => machine.install(backend, compute(testCase, undefined, b).trace));
    for (const [a, b, expected] of operandPairs(testCase)) {
      setSlot(machine, 0, testCase.operandType, a);
      expect(machine.enter(traces[values.findIndex((value) => Object.is(value, b))]!)).toBe(0);
      expect(machine.get(2), `${testCase.description.name}(${a}, constant ${b})`).toBe(shown(testCase.type, expected));
    }
  });

  test('F2I reuses the conversion of ISINT', () => {
    const writer = new TraceWriter();
    const leave = writer.snapshot(0x1000, []);
    const value = writer.slot(0, 'f64');
    writer.guard(writer.op('ISINT', 'i32', value), leave);
    writer.end(writer.snapshot(0x2000, [[2, writer.op('F2I', 'i64', value)]]));
    const machine = new Machine();
    const installed = machine.install(backend, writer.trace);
    const [guardExit, end] = [installed.exits.findIndex(({ kind }) => kind === 'guard'), installed.exits.findIndex(({ kind }) => kind === 'end')];
    for (const value of FLOATS) {
      machine.setFloat(0, value);
      const isInteger = evaluatePure('ISINT', 'i32', value, value) === 1;
      expect(machine.enter(installed), `${value}`).toBe(isInteger ? end : guardExit);
      if (isInteger) expect(machine.get(2)).toBe(BigInt(value));
    }
  });
});

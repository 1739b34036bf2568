/** Loads, stores, room checks, barriers and calls, lowered by both backends against a memory laid out by the test. */
import { beforeAll, describe, expect, test } from 'vitest';
import {
  CLOSURE_UPVALUES, EXIT_FRAME_BASE, EXIT_FRAMES, EXIT_PC, EXIT_SYNCED, MARK_BLACK, MARK_WHITE0, OBJECT_MARK, SLOT_SIZE, SLOT_TAG, STRING_BYTES, TABLE_ARRAY,
  TABLE_ARRAY_CAPACITY, TABLE_KIND, TABLE_SLOT_CAPACITY, TAG_FALSE, TAG_INT, TAG_NIL, TAG_TRUE, VM_TRACE_SCRATCH,
} from '../../../src/bytecode/layout.ts';
import { Field, type IROpName, type IRType, UPVALUE_FIELD } from '../../../jit/ir/ir-table.ts';
import { Helper } from '../../../jit/ir/helper-table.ts';
import { type IRRef, NONE } from '../../../jit/ir/trace.ts';
import { BACKENDS, BASE, HEAP, loadBackends, Machine, TraceWriter } from './harness.ts';

/** Finishes a trace that leaves a value in slot 8. */
function show(writer: TraceWriter, ref: IRRef): TraceWriter {
  const type = writer.trace.typeOf(ref);
  writer.end(writer.snapshot(0x2000, [[8, type === 'i32' ? writer.op('ZEXT', 'i64', ref) : ref]]));
  return writer;
}

const PAYLOADS: readonly (readonly [type: IRType, value: bigint | number, shown: bigint | number])[] = [
  ['i64', -5n, -5n],
  ['f64', 2.5, 2.5],
  ['i32', 0x8000_0010, 0x8000_0010n],
];

function writePayload(machine: Machine, address: number, type: IRType, value: bigint | number): void {
  if (type === 'f64') machine.memory.f64[address >>> 3] = value as number;
  else machine.memory.i64[address >>> 3] = BigInt(value);
}

function readPayload(machine: Machine, address: number, type: IRType): bigint | number {
  return type === 'f64' ? machine.memory.f64[address >>> 3]! : machine.memory.i64[address >>> 3]!;
}

describe.each(BACKENDS)('$name', (backend) => {
  beforeAll(loadBackends);

  const run = (machine: Machine, writer: TraceWriter): number => machine.enter(machine.install(backend, writer.trace));

  describe.each(PAYLOADS)('payload of type %s', (type, value, shown) => {
    const load = (op: IROpName, address: number, make: (writer: TraceWriter, object: IRRef) => IRRef): void => {
      test(op, () => {
        const machine = new Machine();
        machine.setObject(0, HEAP);
        writePayload(machine, address, type, value);
        const writer = new TraceWriter();
        run(machine, show(writer, make(writer, writer.slot(0, 'i32'))));
        expect(machine.get(8)).toBe(shown);
      });
    };
    load('ALOAD', HEAP + 3 * 8, (writer, object) => writer.op('ALOAD', type, object, writer.i32(3)));
    load('HLOAD', HEAP + 2 * SLOT_SIZE, (writer, object) => writer.op('HLOAD', type, object, NONE, NONE, { immediate: 2 }));
    load('ULOAD', HEAP, (writer, object) => writer.op('ULOAD', type, object));
    load('DLOAD', HEAP, (writer, object) => writer.op('DLOAD', type, object));
    load('RLOAD', VM_TRACE_SCRATCH + SLOT_SIZE, (writer) => writer.op('RLOAD', type, NONE, NONE, NONE, { immediate: 1 }));
    load('LOADS', BASE + 5 * SLOT_SIZE, (writer) => writer.op('LOADS', type, NONE, NONE, NONE, { immediate: 5 }));

    test('SLOAD below the base, where the root function is', () => {
      const machine = new Machine();
      writePayload(machine, BASE - SLOT_SIZE, type, value);
      const writer = new TraceWriter();
      run(machine, show(writer, writer.slot(-1, type)));
      expect(machine.get(8)).toBe(shown);
    });

    const store = (op: IROpName, address: number, make: (writer: TraceWriter, object: IRRef, value: IRRef) => void, tagAt = address + SLOT_TAG): void => {
      test(op, () => {
        const machine = new Machine();
        machine.setObject(0, HEAP);
        machine.memory.i64[address >>> 3] = -1n;
        writePayload(machine, BASE + SLOT_SIZE, type, value);
        const writer = new TraceWriter();
        const object = writer.slot(0, 'i32');
        make(writer, object, writer.slot(1, type));
        writer.end(writer.snapshot(0x2000, []));
        run(machine, writer);
        expect(readPayload(machine, address, type)).toBe(shown);
        if (tagAt !== 0) expect(machine.memory.load(tagAt)).toBe(9);
      });
    };
    const tag = { immediate2: 9 };
    store('HSTORE', HEAP + 2 * SLOT_SIZE, (writer, object, stored) => writer.op('HSTORE', 'void', object, stored, NONE, { ...tag, immediate: 2 }));
    store('USTORE', HEAP, (writer, object, stored) => writer.op('USTORE', 'void', object, stored, NONE, tag));
    store('DSTORE', HEAP, (writer, object, stored) => writer.op('DSTORE', 'void', object, stored, NONE, tag));
    store('RSTORE', VM_TRACE_SCRATCH, (writer, _object, stored) => writer.op('RSTORE', 'void', stored, NONE, NONE, tag));
    store('ASTORE', HEAP + 8, (writer, object, stored) => writer.op('ASTORE', 'void', object, writer.i32(1), stored), 0);
  });

  test('array elements by a variable index, with and without a constant to fold', () => {
    const machine = new Machine();
    machine.setObject(0, HEAP);
    for (let i = 0; i < 10; i++) writePayload(machine, HEAP + i * 8, 'i64', BigInt(i * 11));
    const writer = new TraceWriter();
    const array = writer.slot(0, 'i32');
    const index = writer.op('WRAP', 'i32', writer.slot(1, 'i64'));
    const at = (ref: IRRef): IRRef => writer.op('ALOAD', 'i64', array, ref);
    const values = [at(index), at(writer.op('ADD', 'i32', index, writer.i32(4))), at(writer.op('SUB', 'i32', index, writer.i32(2)))];
    writer.end(writer.snapshot(0x2000, values.map((ref, i) => [i + 4, ref] as const)));
    machine.setInt(1, 3);
    run(machine, writer);
    expect([4, 5, 6].map((slot) => machine.get(slot))).toEqual([33n, 77n, 11n]);
  });

  test('fields of every width, and upvalues of a closure', () => {
    const machine = new Machine();
    machine.setObject(0, HEAP);
    machine.memory.store(HEAP + TABLE_ARRAY, 0x8000_0001);
    machine.memory.storeByte(HEAP + TABLE_KIND, 0xfe);
    machine.memory.store(HEAP + 0x100 + CLOSURE_UPVALUES + 8, 77);
    machine.setObject(1, HEAP + 0x100);
    const writer = new TraceWriter();
    const [table, closure] = [writer.slot(0, 'i32'), writer.slot(1, 'i32')];
    const load = (object: IRRef, field: number): IRRef => writer.op('ZEXT', 'i64', writer.op('FLOAD', 'i32', object, NONE, NONE, { immediate: field }));
    const loaded = [load(table, Field['table.array']), load(table, Field['table.kind']), load(closure, UPVALUE_FIELD + 2)];
    writer.op('FSTORE', 'void', table, writer.i32(5), NONE, { immediate: Field['table.length'] });
    writer.op('FSTORE', 'void', table, writer.i32(3), NONE, { immediate: Field['table.kind'] });
    writer.end(writer.snapshot(0x2000, [...loaded.map((ref, i) => [i + 4, ref] as const), [7, load(table, Field['table.length'])]]));
    run(machine, writer);
    expect([4, 5, 6, 7].map((slot) => machine.get(slot))).toEqual([0x8000_0001n, 0xfen, 77n, 5n]);
    expect(machine.memory.loadByte(HEAP + TABLE_KIND)).toBe(3);
  });

  test('tags of slots and of mixed arrays', () => {
    const machine = new Machine();
    machine.setObject(0, HEAP);
    const capacity = 4;
    machine.memory.storeByte(HEAP + capacity * 8 + 2, TAG_TRUE);
    machine.memory.store(HEAP + SLOT_SIZE + SLOT_TAG, 7);
    machine.memory.store(HEAP + SLOT_TAG, 8);
    machine.memory.store(VM_TRACE_SCRATCH + SLOT_TAG, 9);
    machine.setTag(6, 10);
    const writer = new TraceWriter();
    const array = writer.slot(0, 'i32');
    const tags = [
      writer.op('ATAG', 'i32', array, writer.i32(capacity), writer.i32(2)),
      writer.op('HTAG', 'i32', array, NONE, NONE, { immediate: 1 }),
      writer.op('UTAG', 'i32', array),
      writer.op('DTAG', 'i32', array),
      writer.op('RTAG', 'i32', NONE, NONE, NONE, { immediate: 0 }),
      writer.op('STAG', 'i32', NONE, NONE, NONE, { immediate: 6 }),
    ];
    writer.op('ATAGSTORE', 'void', array, writer.i32(capacity), writer.i32(3), { immediate2: TAG_FALSE });
    const entries = tags.map((ref, i) => [10 + i, writer.op('ZEXT', 'i64', ref)] as const);
    writer.end(writer.snapshot(0x2000, entries));
    run(machine, writer);
    expect(entries.map(([slot]) => machine.get(slot))).toEqual([BigInt(TAG_TRUE), 7n, 8n, 8n, 9n, 10n]);
    expect(machine.memory.loadByte(HEAP + capacity * 8 + 3)).toBe(TAG_FALSE);
  });

  test('stores of nil and booleans leave the payload alone', () => {
    const machine = new Machine();
    machine.setObject(0, HEAP);
    machine.memory.i64[HEAP >>> 3] = 99n;
    const writer = new TraceWriter();
    writer.op('HSTORE', 'void', writer.slot(0, 'i32'), NONE, NONE, { immediate2: TAG_TRUE });
    writer.end(writer.snapshot(0x2000, []));
    run(machine, writer);
    expect(machine.memory.load(HEAP + SLOT_TAG)).toBe(TAG_TRUE);
    expect(machine.memory.i64[HEAP >>> 3]).toBe(99n);
  });

  test('BYTE, VMLOAD, BASE', () => {
    const machine = new Machine();
    machine.setObject(0, HEAP);
    machine.memory.storeByte(HEAP + STRING_BYTES + 2, 200);
    machine.memory.store(1100, 4242);
    const writer = new TraceWriter();
    const byte = writer.op('ZEXT', 'i64', writer.op('BYTE', 'i32', writer.slot(0, 'i32'), writer.i32(2)));
    const state = writer.op('ZEXT', 'i64', writer.op('VMLOAD', 'i32', NONE, NONE, NONE, { immediate: 1100 }));
    const base = writer.op('ZEXT', 'i64', writer.op('BASE', 'i32'));
    writer.end(writer.snapshot(0x2000, [[4, byte], [5, state], [6, base]]));
    run(machine, writer);
    expect([4, 5, 6].map((slot) => machine.get(slot))).toEqual([200n, 4242n, BigInt(BASE)]);
  });

  test('a load is not moved behind a store', () => {
    const machine = new Machine();
    machine.setObject(0, HEAP);
    machine.memory.i64[HEAP >>> 3] = 1n;
    const writer = new TraceWriter();
    const object = writer.slot(0, 'i32');
    const before = writer.op('HLOAD', 'i64', object);
    writer.op('HSTORE', 'void', object, writer.int(50), NONE, { immediate2: TAG_INT });
    writer.end(writer.snapshot(0x2000, [[8, writer.op('ADD', 'i64', before, writer.int(1))]]));
    run(machine, writer);
    expect(machine.get(8)).toBe(2n);
  });

  test('APPEND_ROOM and SLOT_ROOM call the core only without room, and leave if it fails', () => {
    const calls: string[] = [];
    let succeed = 1;
    const machine = new Machine({
      traceAppendRoom: (table) => (calls.push(`append ${table === HEAP}`), succeed),
      traceSlotRoom: (table, index) => (calls.push(`slot ${table === HEAP} ${index}`), succeed),
    });
    machine.setObject(0, HEAP);
    const writer = new TraceWriter();
    const leave = writer.snapshot(0x1000, []);
    const table = writer.slot(0, 'i32');
    writer.op('APPEND_ROOM', 'void', table, writer.op('WRAP', 'i32', writer.slot(1, 'i64')), NONE, { snapshot: leave });
    writer.op('SLOT_ROOM', 'void', table, NONE, NONE, { immediate: 3, snapshot: leave });
    writer.end(writer.snapshot(0x2000, []));
    const installed = machine.install(backend, writer.trace);
    machine.memory.store(HEAP + TABLE_ARRAY_CAPACITY, 10);
    machine.memory.store(HEAP + TABLE_SLOT_CAPACITY, 4);
    machine.setInt(1, 9);
    const kinds = (): string => installed.exits[machine.enter(installed)]!.kind;
    expect([kinds(), calls]).toEqual(['end', []]);
    machine.setInt(1, 10);
    machine.memory.store(HEAP + TABLE_SLOT_CAPACITY, 3);
    expect([kinds(), calls.splice(0)]).toEqual(['end', ['append true', 'slot true 3']]);
    succeed = 0;
    expect([kinds(), calls]).toEqual(['guard', ['append true']]);
  });

  test('BARRIER calls the core for a black owner', () => {
    const calls: number[][] = [];
    const machine = new Machine({ traceBarrier: (...args) => void calls.push(args) });
    machine.setObject(0, HEAP);
    machine.setObject(1, HEAP + 64);
    const writer = new TraceWriter();
    writer.op('BARRIER', 'void', writer.slot(0, 'i32'), writer.slot(1, 'i32'));
    writer.end(writer.snapshot(0x2000, []));
    const installed = machine.install(backend, writer.trace);
    machine.memory.storeByte(HEAP + OBJECT_MARK, MARK_WHITE0);
    machine.enter(installed);
    expect(calls).toEqual([]);
    machine.memory.storeByte(HEAP + OBJECT_MARK, MARK_BLACK);
    machine.enter(installed);
    expect(calls).toEqual([[HEAP, HEAP + 64]]);
  });

  test('CALL of core and host helpers, their results used or not', () => {
    const calls: unknown[][] = [];
    const machine = new Machine({
      traceSubstring: ((text: number, from: bigint, to: bigint) => (calls.push([text, from, to]), 123)) as never,
      traceTableSet: (...args) => (calls.push(args), 1),
    });
    machine.setFloat(0, 0.5);
    const writer = new TraceWriter();
    const sine = writer.op('CALL', 'f64', NONE, NONE, NONE, { immediate: Helper.sin, args: [writer.slot(0, 'f64')] });
    const text = writer.op('CALL', 'i32', NONE, NONE, NONE, { immediate: Helper.traceSubstring, args: [writer.i32(7), writer.int(2), writer.int(-1)] });
    writer.op('CALL', 'i32', NONE, NONE, NONE, { immediate: Helper.traceTableSet, args: [writer.i32(1), writer.i32(2), writer.i32(3)] });
    writer.end(writer.snapshot(0x2000, [[4, sine], [5, writer.op('ZEXT', 'i64', text)]]));
    run(machine, writer);
    expect(machine.get(4)).toBe(Math.sin(0.5));
    expect(machine.get(5)).toBe(123n);
    expect(calls).toEqual([[7, 2n, -1n], [1, 2, 3]]);
  });

  test('CALLB stores the state, passes the exit that describes it, and goes on or leaves', () => {
    let result = 0;
    const calls: unknown[][] = [];
    const machine: Machine = new Machine({
      traceCallBuiltin: (base, exit, slot, count, wanted) => {
        const frames = machine.memory.load(exit! + EXIT_FRAMES);
        calls.push([base, machine.memory.load(exit! + EXIT_PC), machine.memory.load(frames + EXIT_FRAME_BASE), slot, count, wanted, machine.get(3), machine.get(4)]);
        machine.setFloat(2, 8.5);
        return result;
      },
    });
    machine.setInt(0, 5);
    machine.setInt(3, 1);
    machine.setInt(4, 2);
    const writer = new TraceWriter();
    const before = writer.slot(0, 'i64');
    const frames = [{ base: 2, callerPc: 0x40, results: 1, kind: 0 }];
    const state = writer.snapshot(0x1800, [[3, writer.op('ADD', 'i64', before, writer.int(1))], [4, NONE, TAG_NIL]], frames);
    writer.op('CALLB', 'void', writer.i32(1), NONE, NONE, { immediate: 2, immediate2: 2, snapshot: state });
    const loaded = writer.op('LOADS', 'f64', NONE, NONE, NONE, { immediate: 2 });
    writer.end(writer.snapshot(0x2000, [[8, loaded]]));
    const installed = machine.install(backend, writer.trace);
    expect(installed.exits[machine.enter(installed)]!.kind).toBe('end');
    expect(machine.get(8)).toBe(8.5);
    expect(calls.splice(0)).toEqual([[BASE, 0x1800, 2 * SLOT_SIZE, 2 * SLOT_SIZE, 2, 1, 6n, expect.stringMatching(/^0:/)]]);
    result = -1;
    expect(machine.enter(installed)).toBe(EXIT_SYNCED);
  });

  test('exceptions fly through', () => {
    const machine = new Machine({
      traceChar: () => {
        throw new RangeError('from the core');
      },
    });
    const writer = new TraceWriter();
    show(writer, writer.op('CALL', 'i32', NONE, NONE, NONE, { immediate: Helper.traceChar, args: [writer.int(1)] }));
    expect(() => run(machine, writer)).toThrow('from the core');
  });
});

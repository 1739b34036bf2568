/**
 * Recording of calls of builtins: as IR where a recorder for the builtin is known (base.ts, math.ts, string.ts, table.ts), else as a call of the builtin itself
 * from inside the trace, with the stack in sync; so an unknown function never ends a trace.
 */
import { BUILTIN_ID, BUILTIN_UNTRACED, BUILTIN_UPVALUE_COUNT, OBJECT_EXTRA, SLOT_SIZE } from '../../../src/bytecode/layout.ts';
import { BUILTINS, fullName } from '../../../src/bytecode/builtin-table.ts';
import { type IRRef, NONE } from '../../ir/trace.ts';
import { BASE_BUILTINS } from './base.ts';
import type { BuiltinArguments, BuiltinRecorders } from './builtin.ts';
import { MATH_BUILTINS } from './math.ts';
import { STRING_BUILTINS } from './string.ts';
import { TABLE_BUILTINS } from './table.ts';
import type { InstructionView } from '../core/instruction-view.ts';
import { placeResults } from '../core/inlining.ts';
import type { AfterStep, Recording } from '../core/recording.ts';
import { hasPayload, payloadType, type Value } from '../core/value.ts';

/** Where a call stands. */
export interface BuiltinCall {
  /** Slot of the function; arguments behind it, results from here on. */
  readonly func: number;
  readonly count: number;
  /** Results wanted; -1 = all. */
  readonly wanted: number;
  /** A generic for's call: function and arguments are in the slots of the for, not behind `func`. */
  readonly iterator?: { readonly slot: number; readonly function: Value; readonly args: readonly Value[] };
}

const RECORDERS: BuiltinRecorders = { ...BASE_BUILTINS, ...MATH_BUILTINS, ...STRING_BUILTINS, ...TABLE_BUILTINS };

/** More results than this are not kept in a trace. */
const MAX_RESULTS = 32;

/** Builtins that switch threads: what follows happens on another stack. */
const SWITCHING: ReadonlySet<string> = new Set(['coroutine.resume', 'coroutine.yield', 'coroutine.close', 'none.wrapStep']);

/** Builtins that switch frames, collect garbage or raise errors: nothing for the inside of a trace. */
const EXCLUDED: ReadonlySet<string> = new Set(['error', 'pcall', 'xpcall', 'collectgarbage']);

/** '' for a function of the host. */
const nameOf = (id: number): string => {
  const found = BUILTINS[id - 1];
  return found === undefined ? '' : fullName(found);
};

/** How calls of a builtin are compiled, by its full name, for docs/jit.md. */
export function howRecorded(name: string): 'IR' | 'ends the recording' | 'called in place' {
  if (name in RECORDERS) return 'IR';
  return SWITCHING.has(name) || EXCLUDED.has(name) ? 'ends the recording' : 'called in place';
}

export function recordBuiltin(r: Recording, i: InstructionView, call: BuiltinCall): AfterStep | undefined {
  const { func, count, wanted, iterator } = call;
  const functionSlot = iterator?.slot ?? func;
  const builtin = r.heap.pointer(r.slotAddress(functionSlot));
  const id = r.heap.u32(builtin + BUILTIN_ID);
  const name = nameOf(id);
  if (r.heap.memory.loadByte(builtin + OBJECT_EXTRA) === BUILTIN_UNTRACED) r.abort('unsupported-call', 'a function that changes frames or hooks');
  guardBuiltin(r, r.readSlot(functionSlot).ref, builtin);
  const args: BuiltinArguments = {
    func, count, wanted,
    at: (n) => {
      const slot = iterator === undefined ? func + 1 + n : iterator.slot + 1 + n;
      return { value: r.readSlot(slot), slot: r.slotAddress(slot) };
    },
  };
  const results = RECORDERS[name]?.(r, args);
  if (results === undefined) {
    if (SWITCHING.has(name)) r.abort('coroutine-switch', name);
    if (EXCLUDED.has(name)) r.abort('unsupported-call', name);
    if (r.trace.functionProto === 0) return callInPlace(r, i, call, id === 0);
    // It may look at the frames, which are not there.
    if (!r.isSide) r.abort('unsupported-call', 'a builtin in the code of a whole function');
    r.trace.link = { kind: 'interpreter' };
    r.finish();
    return undefined;
  }
  r.takeSnapshot();
  return () => placeResults(r, func, typeof results === 'function' ? results() : results, wanted);
}

/** Proves which builtin is called. Of those that carry a state (the iterators of string.gmatch, say) there are many: then any of its kind will do. */
function guardBuiltin(r: Recording, ref: IRRef, builtin: number): void {
  const { heap, ir } = r;
  const id = heap.u32(builtin + BUILTIN_ID);
  if (id !== 0 && heap.u32(builtin + BUILTIN_UPVALUE_COUNT) > 0) r.guardField(ref, 'builtin.id', id);
  else r.guardEqual(ref, ir.pointer(builtin));
}

/**
 * Calls the builtin in the real stack. Its results are read from there; a result of another type, or another number of results where
 * all are wanted, leaves the trace behind the call.
 * @param isHost a function of the host, which may run Lua code
 */
function callInPlace(r: Recording, i: InstructionView, { func, count, wanted, iterator }: BuiltinCall, isHost: boolean): AfterStep {
  const { ir } = r;
  if (iterator === undefined) for (let n = 0; n <= count; n++) r.readSlot(func + n);
  else [iterator.function, ...iterator.args].forEach((value, n) => r.writeSlot(func + n, value));
  r.beginInstruction(i.pc, func);
  ir.emit('CALLB', 'void', ir.i32(wanted), NONE, NONE, func, count);
  return () => {
    const { frame } = r.heap;
    if (frame.pc !== i.next || frame.base !== r.slotAddress(r.frame.base)) r.abort('unsupported-call', 'a builtin that calls back');
    const produced = wanted < 0 ? (r.heap.stackTop - r.slotAddress(func)) / SLOT_SIZE : wanted;
    if (produced > MAX_RESULTS) r.abort('varargs', 'many results of a builtin');
    r.slots.forgetFrom(func);
    const shared = isHost ? capturedSlots(r) : [];
    shared.forEach((slot) => r.slots.forget(slot));
    const results = Array.from({ length: produced }, (_, n) => func + n);
    const read = [...shared, ...results];
    r.beginInstruction(i.next, Infinity, read);
    if (wanted < 0) {
      r.guardEqual(r.field(r.threadRef(), 'thread.top'), r.slotPointer(func + produced));
      r.openTop = func + produced;
    }
    const values = read.map((slot): readonly [number, Value] => [slot, loadFromStack(r, slot)]);
    for (const [slot, value] of values) r.writeSlot(slot, value);
  };
}

/** Variables that closures share with the trace: a host function may have run one of them. */
export function capturedSlots(r: Recording): readonly number[] {
  const known = [...r.slots.entries()].map(([slot]) => slot).filter((slot) => r.isCaptured(slot));
  const open = r.heap.openLocations(r.rootBase).map((location) => (location - r.rootBase) / SLOT_SIZE);
  return [...new Set([...known, ...open])];
}

export function loadFromStack(r: Recording, slot: number): Value {
  const { ir } = r;
  const tag = r.heap.tag(r.slotAddress(slot));
  r.guardEqual(ir.emit('STAG', 'i32', NONE, NONE, NONE, slot), ir.i32(tag));
  return { ref: hasPayload(tag) ? ir.emit('LOADS', payloadType(tag), NONE, NONE, NONE, slot) : NONE, tag };
}

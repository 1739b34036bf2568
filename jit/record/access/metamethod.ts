/**
 * Metatables and metamethods in a trace: proofs that a value has this metatable or none, and inlined calls of metamethods.
 *
 * Which metamethods a metatable holds is proved by the metatable epoch, which every store of a metamethod's name into a metatable bumps:
 * one load for all metatables of the trace, hoisted out of the loop. So a metamethod found while recording is a constant.
 */
import {
  FRAME_FLAG_META, TAG_CLOSURE, TAG_TABLE, VM_METATABLE_EPOCH, VM_TYPE_METATABLES,
} from '../../../src/bytecode/layout.ts';
import type { IRRef } from '../../ir/trace.ts';
import type { MetamethodName } from '../core/heap-reader.ts';
import type { InstructionView } from '../core/instruction-view.ts';
import { enterCall } from '../core/inlining.ts';
import type { Recording } from '../core/recording.ts';
import { hasPayload, NIL, type Value } from '../core/value.ts';

/** Leaves the trace if any metamethod may have changed since the recording. */
export function guardEpoch(r: Recording): void {
  r.guardEqual(r.ir.emit('VMLOAD', 'i32', undefined, undefined, undefined, VM_METATABLE_EPOCH), r.ir.i32(r.heap.metatableEpoch));
}

/**
 * Proves that a table has the metamethods of its present metatable (or none), as long as the metatable epoch is guarded as well: it has this
 * metatable, or one that says the same (src/core/objects/metatable-equivalence.ts), which the shape knows.
 * @returns the present metatable's address, 0 = none
 */
export function guardMetatable(r: Recording, table: IRRef, address: number): number {
  const metatable = r.heap.metatable(address);
  const shape = r.heap.shape(address);
  if (metatable === 0) r.guardField(table, 'table.metatable', 0);
  else if (r.heap.hasRepresentative(metatable) && r.heap.shapeProvesMetamethods(shape)) r.guardEqual(r.field(table, 'table.shape'), r.ir.pointer(shape));
  else r.guardEqual(r.field(table, 'table.metatable'), r.ir.pointer(metatable));
  return metatable;
}

/** The metatable of any value, proved. Values other than tables share one by type. */
export function guardMetatableOf(r: Recording, value: Value, slot: number): number {
  if (value.tag === TAG_TABLE) return guardMetatable(r, value.ref, r.heap.pointer(slot));
  if (value.tag > TAG_TABLE && value.tag !== TAG_CLOSURE) r.abort('unsupported-metamethod', 'a userdata or thread');
  const at = VM_TYPE_METATABLES + 4 * value.tag;
  const metatable = r.heap.u32(at);
  r.guardEqual(r.ir.emit('VMLOAD', 'i32', undefined, undefined, undefined, at), metatable === 0 ? r.ir.i32(0) : r.ir.pointer(metatable));
  return metatable;
}

/** A metamethod of a metatable (proved; 0 = none) as a constant. */
export function metamethodIn(r: Recording, metatable: number, event: MetamethodName): Value {
  if (metatable === 0) return NIL;
  guardEpoch(r);
  const found = r.heap.metamethod(metatable, event);
  return hasPayload(found.tag) ? r.valueAt(found.address) : { ref: NIL.ref, tag: found.tag };
}

/** Proves that a table has no such metamethod; false if it has one. */
export function guardNoMetamethod(r: Recording, table: IRRef, address: number, event: MetamethodName): boolean {
  const metatable = r.heap.metatable(address);
  if (metatable !== 0 && hasPayload(r.heap.metamethod(metatable, event).tag)) return false;
  guardMetatable(r, table, address);
  if (metatable !== 0) guardEpoch(r);
  return true;
}

/**
 * The metamethod of a binary operation, as PUC looks for it: that of the first operand, else of the second.
 * @param a, b operands  @param slotA, slotB where they are now
 */
export function binaryMetamethod(r: Recording, event: MetamethodName, a: Value, slotA: number, b: Value, slotB: number): Value {
  const first = metamethodIn(r, guardMetatableOf(r, a, slotA), event);
  return hasPayload(first.tag) ? first : metamethodIn(r, guardMetatableOf(r, b, slotB), event);
}

/**
 * Inlines the call of a metamethod that is a Lua function: its frame lies above the current one's registers.
 * The instruction is completed when it returns (opcodes/call.ts).
 * @param state what finishInstruction gets in place of a number of results
 */
export function callMetamethod(r: Recording, i: InstructionView, handler: Value, args: readonly Value[], state = 0): void {
  if (handler.tag !== TAG_CLOSURE) r.abort('unsupported-metamethod', 'not a Lua function');
  const closure = r.ir.addressOf(handler.ref);
  const func = (r.heap.frame.top - r.rootBase) / 16;
  enterCall(r, i.pc, { closure, handler, func, args, results: state, kind: FRAME_FLAG_META });
}

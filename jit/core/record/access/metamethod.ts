/**
 * Metatables and metamethods in a trace: proofs that a value has this metatable or none, and inlined calls of metamethods.
 *
 * Which metamethods a metatable holds is proved by the metatable epoch, which every store of a metamethod's name into a metatable bumps:
 * one load for all metatables of the trace, hoisted out of the loop. So a metamethod found while recording is a constant.
 */
import { FRAME_FLAG_META, TAG_CLOSURE, TAG_TABLE, VM_METATABLE_EPOCH, VM_TYPE_METATABLES } from '../../../../src/bytecode/layout';
import { Abort, Field, Op, Type } from '../../generated/ir-tables';
import { NONE, Ref } from '../../ir/trace';
import * as heap from '../core/heap';
import { enterCall } from '../core/inlining';
import { InstructionView } from '../core/instruction-view';
import { Recording } from '../core/recording';
import { hasPayload, nil, Value } from '../core/value';

/** Leaves the trace if any metamethod may have changed since the recording. */
export function guardEpoch(r: Recording): void {
  r.guardEqual(r.ir.emit(Op.VMLOAD, Type.I32, NONE, NONE, NONE, VM_METATABLE_EPOCH), r.ir.small(heap.metatableEpoch()));
}

/**
 * Proves that a table has the metamethods of its present metatable (or none), as long as the metatable epoch is guarded as well: it has this
 * metatable, or one that says the same (src/core/objects/metatable-equivalence.ts), which the shape knows.
 * @returns the present metatable's address, 0 = none
 */
export function guardMetatable(r: Recording, table: Ref, address: u32): u32 {
  const metatable = heap.metatable(address);
  const shape = heap.shape(address);
  if (metatable == 0) r.guardField(table, Field.TABLE_METATABLE, 0);
  else if (heap.hasRepresentative(metatable) && heap.shapeProvesMetamethods(shape)) r.guardEqual(r.field(table, Field.TABLE_SHAPE), r.ir.pointer(shape));
  else r.guardEqual(r.field(table, Field.TABLE_METATABLE), r.ir.pointer(metatable));
  return metatable;
}

/** The metatable of any value, proved. Values other than tables share one by type. */
export function guardMetatableOf(r: Recording, value: Value, slot: u32): u32 {
  if (value.tag == TAG_TABLE) return guardMetatable(r, value.ref, heap.pointer(slot));
  if (value.tag > TAG_TABLE && value.tag != TAG_CLOSURE) r.abort(Abort.UNSUPPORTED_METAMETHOD, 'a userdata or thread');
  const at = VM_TYPE_METATABLES + 4 * value.tag;
  const metatable = heap.u32(at);
  r.guardEqual(r.ir.emit(Op.VMLOAD, Type.I32, NONE, NONE, NONE, at), metatable == 0 ? r.ir.small(0) : r.ir.pointer(metatable));
  return metatable;
}

/** A metamethod of a metatable (proved; 0 = none) as a constant. @param event EVENT_* */
export function metamethodIn(r: Recording, metatable: u32, event: u32): Value {
  if (metatable == 0) return nil();
  guardEpoch(r);
  const tag = heap.metamethod(metatable, event);
  return hasPayload(tag) ? r.valueAt(heap.SCRATCH_RECORDED) : new Value(NONE, tag);
}

/** Proves that a table has no such metamethod; false if it has one. */
export function guardNoMetamethod(r: Recording, table: Ref, address: u32, event: u32): bool {
  const metatable = heap.metatable(address);
  if (metatable != 0 && hasPayload(heap.metamethod(metatable, event))) return false;
  guardMetatable(r, table, address);
  if (metatable != 0) guardEpoch(r);
  return true;
}

/**
 * The metamethod of a binary operation, as PUC looks for it: that of the first operand, else of the second.
 * @param a, b operands  @param slotA, slotB where they are now
 */
export function binaryMetamethod(r: Recording, event: u32, a: Value, slotA: u32, b: Value, slotB: u32): Value {
  const first = metamethodIn(r, guardMetatableOf(r, a, slotA), event);
  return hasPayload(first.tag) ? first : metamethodIn(r, guardMetatableOf(r, b, slotB), event);
}

/**
 * Inlines the call of a metamethod that is a Lua function: its frame lies above the current one's registers.
 * The instruction is completed when it returns (opcodes/call.ts).
 * @param state what finishInstruction gets in place of a number of results
 */
export function callMetamethod(r: Recording, i: InstructionView, handler: Value, args: Array<Value>, state: i32 = 0): void {
  if (handler.tag != TAG_CLOSURE) r.abort(Abort.UNSUPPORTED_METAMETHOD, 'not a Lua function');
  enterCall(r, i.pc, r.ir.addressOf(handler.ref), handler, r.slotAt(heap.frame().top), args, 0, state, FRAME_FLAG_META);
}

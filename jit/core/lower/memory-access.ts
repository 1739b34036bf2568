/** Lowering of loads and stores. Offsets that are known go into the access; Wasm adds them without wrapping, so they must not be negative. */
import { SLOT_SIZE, SLOT_TAG, STRING_BYTES, VM_TRACE_SCRATCH } from '../../../src/bytecode/layout';
import { Op, Type } from '../generated/ir-tables';
import { Wasm } from '../generated/wasm-tables';
import { fieldBytes, fieldOffset } from '../ir/operations';
import { Instruction, NONE, Ref } from '../ir/trace';
import { FunctionBuilder } from '../wasm/function-builder';
import { BASE_LOCAL, Emitter, smallConstant, valueType } from './emitter';
import { ValueSource } from './slot-state';

const SLOT: i32 = SLOT_SIZE;
const TAG: i32 = SLOT_TAG;
const SCRATCH: i32 = VM_TRACE_SCRATCH;
const PAYLOAD: i32 = 8;
const PAYLOAD_SHIFT: i32 = 3;
/** Added to an index this far, a constant cannot wrap: objects lie above the VM state. */
const MAX_FOLDED_INDEX: i32 = 512;

/** The load of a payload of this type. */
export function loadOf(type: i32): i32 {
  return type == Type.I32 ? Wasm.i32_load : type == Type.I64 ? Wasm.i64_load : Wasm.f64_load;
}

/** Pushes the address of a stack slot's frame. @returns the offset of the slot from it */
export function pushSlotAddress(builder: FunctionBuilder, slot: i32): i32 {
  builder.get(BASE_LOCAL);
  if (slot >= 0) return slot * SLOT;
  builder.i32(slot * SLOT);
  builder.op(Wasm.i32_add);
  return 0;
}

/** Stores a payload: the address is on the stack. Objects are zero-extended, so that payloads compare as i64. */
export function storePayload(builder: FunctionBuilder, source: ValueSource, ref: Ref, offset: i32): void {
  const type = source.typeOf(ref);
  source.push(ref);
  if (type == Type.I32) builder.op(Wasm.i64_extend_i32_u);
  builder.store(type == Type.F64 ? Wasm.f64_store : Wasm.i64_store, offset);
}

/** Pushes the value of a load. @returns false if it is not one */
export function pushLoad(emitter: Emitter, instruction: Instruction): bool {
  const builder = emitter.builder;
  const a = instruction.a;
  const immediate = instruction.immediate;
  switch (instruction.op) {
    case Op.FLOAD:
      emitter.push(a);
      builder.load(fieldBytes(immediate) == 1 ? Wasm.i32_load8_u : Wasm.i32_load, fieldOffset(immediate));
      return true;
    case Op.ALOAD:
      loadPayload(emitter, instruction, pushElement(emitter, a, instruction.b));
      return true;
    case Op.ATAG:
      pushTagAddress(emitter, instruction);
      builder.load(Wasm.i32_load8_u, 0);
      return true;
    case Op.HLOAD:
      emitter.push(a);
      loadPayload(emitter, instruction, immediate * SLOT);
      return true;
    case Op.HTAG:
      emitter.push(a);
      builder.load(Wasm.i32_load, immediate * SLOT + TAG);
      return true;
    case Op.ULOAD:
    case Op.DLOAD:
      emitter.push(a);
      loadPayload(emitter, instruction, 0);
      return true;
    case Op.UTAG:
    case Op.DTAG:
      emitter.push(a);
      builder.load(Wasm.i32_load, TAG);
      return true;
    case Op.LOADS:
      loadPayload(emitter, instruction, pushSlotAddress(builder, immediate));
      return true;
    case Op.STAG:
      builder.load(Wasm.i32_load, pushSlotAddress(builder, immediate) + TAG);
      return true;
    case Op.RLOAD:
      builder.i32(0);
      loadPayload(emitter, instruction, SCRATCH + immediate * SLOT);
      return true;
    case Op.RTAG:
      builder.i32(0);
      builder.load(Wasm.i32_load, SCRATCH + immediate * SLOT + TAG);
      return true;
    case Op.VMLOAD:
      builder.i32(0);
      builder.load(Wasm.i32_load, immediate);
      return true;
    case Op.BYTE:
      emitter.push(a);
      emitter.push(instruction.b);
      builder.op(Wasm.i32_add);
      builder.load(Wasm.i32_load8_u, STRING_BYTES);
      return true;
    default:
      return false;
  }
}

/** Emits a store. @returns false if it is not one */
export function lowerStore(emitter: Emitter, instruction: Instruction): bool {
  const builder = emitter.builder;
  const a = instruction.a;
  const b = instruction.b;
  const immediate = instruction.immediate;
  const tag = instruction.immediate2;
  switch (instruction.op) {
    case Op.FSTORE:
      emitter.push(a);
      emitter.push(b);
      builder.store(fieldBytes(immediate) == 1 ? Wasm.i32_store8 : Wasm.i32_store, fieldOffset(immediate));
      return true;
    case Op.ASTORE:
      storePayload(builder, emitter, instruction.c, pushElement(emitter, a, b));
      return true;
    case Op.ATAGSTORE:
      pushTagAddress(emitter, instruction);
      builder.i32(tag);
      builder.store(Wasm.i32_store8, 0);
      return true;
    case Op.HSTORE:
      storeSlot(emitter, a, immediate * SLOT, b, tag);
      return true;
    case Op.USTORE:
    case Op.DSTORE:
      storeSlot(emitter, a, 0, b, tag);
      return true;
    case Op.RSTORE:
      storeSlot(emitter, NONE, SCRATCH + immediate * SLOT, a, tag);
      return true;
    default:
      return false;
  }
}

function loadPayload(emitter: Emitter, instruction: Instruction, offset: i32): void {
  emitter.builder.load(loadOf(valueType(instruction.type)), offset);
}

/** Payload (unless NONE) and tag of a value slot. */
function storeSlot(emitter: Emitter, address: Ref, offset: i32, value: Ref, tag: i32): void {
  const builder = emitter.builder;
  if (value != NONE) {
    pushAddress(emitter, address);
    storePayload(builder, emitter, value, offset);
  }
  pushAddress(emitter, address);
  builder.i32(tag);
  builder.store(Wasm.i32_store, offset + TAG);
}

/** Pushes an address, 0 for NONE. */
function pushAddress(emitter: Emitter, address: Ref): void {
  if (address == NONE) emitter.builder.i32(0);
  else emitter.push(address);
}

/** Pushes an address for payload `index` of an array. @returns the offset that belongs to it */
function pushElement(emitter: Emitter, array: Ref, index: Ref): i32 {
  const builder = emitter.builder;
  const constant = smallConstant(emitter, index);
  emitter.push(array);
  if (constant !== null && constant.small >= 0) return constant.small * PAYLOAD;
  const sum = emitter.inlinedInstruction(index);
  const added = sum !== null && sum.op == Op.ADD ? smallConstant(emitter, sum.b) : null;
  const folds = added !== null && added.small >= 0 && added.small <= MAX_FOLDED_INDEX;
  emitter.push(folds ? sum!.a : index);
  builder.i32(PAYLOAD_SHIFT);
  builder.op(Wasm.i32_shl);
  builder.op(Wasm.i32_add);
  return folds ? added!.small * PAYLOAD : 0;
}

/** Pushes the address of tag byte `c` of the mixed array `a` with capacity `b`. */
function pushTagAddress(emitter: Emitter, instruction: Instruction): void {
  const builder = emitter.builder;
  emitter.push(instruction.a);
  emitter.push(instruction.b);
  builder.i32(PAYLOAD_SHIFT);
  builder.op(Wasm.i32_shl);
  builder.op(Wasm.i32_add);
  emitter.push(instruction.c);
  builder.op(Wasm.i32_add);
}

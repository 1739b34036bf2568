/** Lowering of loads and stores. Offsets that are known go into the access; Wasm adds them without wrapping, so they must not be negative. */
import { SLOT_SIZE, SLOT_TAG, STRING_BYTES, VM_TRACE_SCRATCH } from '../../src/bytecode/layout.ts';
import type { WasmType } from '../wasm/operations.ts';
import { fieldAt } from '../ir/operations.ts';
import { type Instruction, type IRRef, NONE } from '../ir/trace.ts';
import { BASE_LOCAL, type Emitter, numberConstant, valueType } from './emitter.ts';

const PAYLOAD = 8;
const PAYLOAD_SHIFT = 3;
/** Added to an index this far, a constant cannot wrap: objects lie above the VM state. */
const MAX_FOLDED_INDEX = 512;

/** Pushes the address of a stack slot's frame. @returns the offset of the slot from it */
export function pushSlotAddress({ builder }: Pick<Emitter, 'builder'>, slot: number): number {
  builder.get(BASE_LOCAL);
  if (slot >= 0) return slot * SLOT_SIZE;
  builder.i32(slot * SLOT_SIZE);
  builder.op('i32.add');
  return 0;
}

/** Stores a payload: the address is on the stack, `push` pushes the value. Objects are zero-extended, so that payloads compare as i64. */
export function storePayload({ builder }: Pick<Emitter, 'builder'>, type: WasmType, offset: number, push: () => void): void {
  push();
  if (type === 'i32') builder.op('i64.extend_i32_u');
  builder.store(type === 'f64' ? 'f64.store' : 'i64.store', offset);
}

/** Pushes the value of a load. @returns false if it is not one */
export function pushLoad(emitter: Emitter, instruction: Instruction): boolean {
  const { builder } = emitter;
  const { op, type, a, b, c, immediate } = instruction;
  const payload = (offset: number): void => builder.load(`${valueType(type)}.load`, offset);
  switch (op) {
    case 'FLOAD': {
      const { offset, bytes } = fieldAt(immediate);
      emitter.push(a);
      builder.load(bytes === 1 ? 'i32.load8_u' : 'i32.load', offset);
      return true;
    }
    case 'ALOAD':
      payload(pushElement(emitter, a, b));
      return true;
    case 'ATAG':
      pushTagAddress(emitter, a, b, c);
      builder.load('i32.load8_u', 0);
      return true;
    case 'HLOAD':
      emitter.push(a);
      payload(immediate * SLOT_SIZE);
      return true;
    case 'HTAG':
      emitter.push(a);
      builder.load('i32.load', immediate * SLOT_SIZE + SLOT_TAG);
      return true;
    case 'ULOAD':
    case 'DLOAD':
      emitter.push(a);
      payload(0);
      return true;
    case 'UTAG':
    case 'DTAG':
      emitter.push(a);
      builder.load('i32.load', SLOT_TAG);
      return true;
    case 'LOADS':
      payload(pushSlotAddress(emitter, immediate));
      return true;
    case 'STAG':
      builder.load('i32.load', pushSlotAddress(emitter, immediate) + SLOT_TAG);
      return true;
    case 'RLOAD':
      builder.i32(0);
      payload(VM_TRACE_SCRATCH + immediate * SLOT_SIZE);
      return true;
    case 'RTAG':
      builder.i32(0);
      builder.load('i32.load', VM_TRACE_SCRATCH + immediate * SLOT_SIZE + SLOT_TAG);
      return true;
    case 'VMLOAD':
      builder.i32(0);
      builder.load('i32.load', immediate);
      return true;
    case 'BYTE':
      emitter.push(a);
      emitter.push(b);
      builder.op('i32.add');
      builder.load('i32.load8_u', STRING_BYTES);
      return true;
    default:
      return false;
  }
}

/** Emits a store. @returns false if it is not one */
export function lowerStore(emitter: Emitter, instruction: Instruction): boolean {
  const { builder } = emitter;
  const { op, a, b, c, immediate, immediate2 } = instruction;
  switch (op) {
    case 'FSTORE': {
      const { offset, bytes } = fieldAt(immediate);
      emitter.push(a);
      emitter.push(b);
      builder.store(bytes === 1 ? 'i32.store8' : 'i32.store', offset);
      return true;
    }
    case 'ASTORE':
      storePayload(emitter, emitter.typeOf(c), pushElement(emitter, a, b), () => emitter.push(c));
      return true;
    case 'ATAGSTORE':
      pushTagAddress(emitter, a, b, c);
      builder.i32(immediate2);
      builder.store('i32.store8', 0);
      return true;
    case 'HSTORE':
      storeSlot(emitter, () => emitter.push(a), immediate * SLOT_SIZE, b, immediate2);
      return true;
    case 'USTORE':
    case 'DSTORE':
      storeSlot(emitter, () => emitter.push(a), 0, b, immediate2);
      return true;
    case 'RSTORE':
      storeSlot(emitter, () => builder.i32(0), VM_TRACE_SCRATCH + immediate * SLOT_SIZE, a, immediate2);
      return true;
    default:
      return false;
  }
}

/** Payload (unless NONE) and tag of a value slot. */
function storeSlot(emitter: Emitter, pushAddress: () => void, offset: number, value: IRRef, tag: number): void {
  const { builder } = emitter;
  if (value !== NONE) {
    pushAddress();
    storePayload(emitter, emitter.typeOf(value), offset, () => emitter.push(value));
  }
  pushAddress();
  builder.i32(tag);
  builder.store('i32.store', offset + SLOT_TAG);
}

/** Pushes an address for payload `index` of an array. @returns the offset that belongs to it */
function pushElement(emitter: Emitter, array: IRRef, index: IRRef): number {
  const { builder } = emitter;
  const constant = numberConstant(emitter, index);
  emitter.push(array);
  if (constant !== undefined && constant >= 0) return constant * PAYLOAD;
  const sum = emitter.inlinedInstruction(index);
  const added = sum?.op === 'ADD' ? numberConstant(emitter, sum.b) : undefined;
  const folds = added !== undefined && added >= 0 && added <= MAX_FOLDED_INDEX;
  emitter.push(folds ? sum!.a : index);
  builder.i32(PAYLOAD_SHIFT);
  builder.op('i32.shl');
  builder.op('i32.add');
  return folds ? added * PAYLOAD : 0;
}

/** Pushes the address of tag byte `index` of a mixed array. */
function pushTagAddress(emitter: Emitter, array: IRRef, capacity: IRRef, index: IRRef): void {
  const { builder } = emitter;
  emitter.push(array);
  emitter.push(capacity);
  builder.i32(PAYLOAD_SHIFT);
  builder.op('i32.shl');
  builder.op('i32.add');
  emitter.push(index);
  builder.op('i32.add');
}

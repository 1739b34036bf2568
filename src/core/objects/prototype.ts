/**
 * Prototypes as they are being made (layout.ts, "Prototype"): by the compiler and by the reader of binary chunks.
 *
 * What a prototype points to are raw blocks that end with it; their sizes follow from its counts (collect/sweep.ts). So a block and its count are
 * stored at once, and a prototype is at each moment one that the collector can free. Nothing collects while it is made, so nothing has to root it.
 */
import {
  LOCAL_DESC_SIZE, LOOP_COUNTER, PROTO_CODE, PROTO_CODE_SIZE, PROTO_CONSTANTS, PROTO_CONSTANT_COUNT, PROTO_LINES, PROTO_LOCALS, PROTO_LOCAL_COUNT,
  PROTO_PROTOS, PROTO_PROTO_COUNT, PROTO_SIZE, PROTO_UPVALUES, PROTO_UPVALUE_COUNT, SLOT_SIZE, TAG_PROTO, UPVALUE_DESC_SIZE, VM_HOT_LOOP,
} from '../../bytecode/layout';
import { hasLoopCounter, opcodeWords } from '../generated/opcodes';
import { AT_ONCE } from '../base/pieces';
import { allocateRaw, newObject } from '../memory/heap';
import { zeroedInPieces } from '../memory/spare';

/** An empty prototype. */
export function newPrototype(): u32 {
  const proto = newObject(TAG_PROTO, PROTO_SIZE);
  memory.fill(proto + 4, 0, PROTO_SIZE - 4);
  return proto;
}

/** Gives a prototype a zeroed block of `count` items. @param pointer, counter PROTO_* @param counted what the counter holds  @returns the block, 0 if it is empty */
function newPart(proto: u32, pointer: u32, counter: u32, counted: u32, size: u32): u32 {
  if (size == 0) return 0;
  const block = size > AT_ONCE ? zeroedInPieces(size) : allocateRaw(size);
  if (size <= AT_ONCE) memory.fill(block, 0, size);
  store<u32>(proto + pointer, block);
  store<u32>(proto + counter, counted);
  return block;
}

/** Room for so many words of code. */
export function newCode(proto: u32, words: u32): u32 { return newPart(proto, PROTO_CODE, PROTO_CODE_SIZE, words * 8, words * 8); }

/** Room for the line (i32) of each word of the code that is there already. */
export function newLines(proto: u32): u32 {
  const size = load<u32>(proto, PROTO_CODE_SIZE);
  return newPart(proto, PROTO_LINES, PROTO_CODE_SIZE, size, size / 2);
}

/** Room for constants: value slots, nil at first. */
export function newConstants(proto: u32, count: u32): u32 {
  return newPart(proto, PROTO_CONSTANTS, PROTO_CONSTANT_COUNT, count, count * SLOT_SIZE);
}

/** Room for pointers to nested prototypes, 0 at first. */
export function newNested(proto: u32, count: u32): u32 { return newPart(proto, PROTO_PROTOS, PROTO_PROTO_COUNT, count, count * 4); }

/** Room for descriptions of upvalues (UPVALUE_DESC_*). */
export function newUpvalueDescriptions(proto: u32, count: u32): u32 {
  return newPart(proto, PROTO_UPVALUES, PROTO_UPVALUE_COUNT, count, count * UPVALUE_DESC_SIZE);
}

/** Room for descriptions of local variables (LOCAL_DESC_*). */
export function newLocalDescriptions(proto: u32, count: u32): u32 {
  return newPart(proto, PROTO_LOCALS, PROTO_LOCAL_COUNT, count, count * LOCAL_DESC_SIZE);
}

/** Starts the counters of the loops in finished code. */
export function startLoopCounters(proto: u32): void {
  const code = load<u32>(proto, PROTO_CODE);
  const counter = load<u32>(VM_HOT_LOOP);
  for (let pc = code, end = code + load<u32>(proto, PROTO_CODE_SIZE); pc < end; ) {
    const op = <u32>load<u8>(pc);
    if (hasLoopCounter(op)) store<u32>(pc, counter, LOOP_COUNTER);
    pc += opcodeWords(op) * 8;
  }
}

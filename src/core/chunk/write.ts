/**
 * Writes prototypes as binary chunks (format.ts). The result is what the compiler made, whatever has happened to the code since: caches and counters are
 * left out, and loops are in their first form.
 */
import {
  CLOSURE_PROTO, LOCAL_DESC_END, LOCAL_DESC_REGISTER, LOCAL_DESC_SIZE, LOCAL_DESC_START, PROTO_CODE, PROTO_CODE_SIZE, PROTO_CONSTANTS,
  PROTO_CONSTANT_COUNT, PROTO_FLAGS, PROTO_FLAG_LIBRARY, PROTO_FRAME_SIZE, PROTO_IS_VARARG, PROTO_LAST_LINE_DEFINED, PROTO_LINES, PROTO_LINE_DEFINED,
  PROTO_LOCALS, PROTO_LOCAL_COUNT, PROTO_PARAMETER_COUNT, PROTO_PROTOS, PROTO_PROTO_COUNT, PROTO_SOURCE, PROTO_UPVALUES, PROTO_UPVALUE_COUNT,
  SETLIST_LAST, SLOT_SIZE, STRING_BYTES, STRING_LENGTH, TAG_CLOSURE, TAG_FALSE, TAG_FLOAT, TAG_INT, TAG_NIL, TAG_TRUE, UPVALUE_DESC_FROM_STACK,
  UPVALUE_DESC_INDEX, UPVALUE_DESC_KIND, UPVALUE_DESC_SIZE,
} from '../../bytecode/layout';
import { slotOf, throwTypeError } from '../lib/arguments';
import { work } from '../base/budget';
import { bufferAdvance, bufferByte, bufferBytes, bufferFinish, bufferLength, bufferReserve, bufferStart, bufferText } from '../strings/buffer';
import { throwText } from '../base/raise';
import { firstForm, hasDataWord, OPCODE_SET, opcodeWords } from '../generated/opcodes';
import { returnString } from '../lib/base';
import { isFunction } from '../objects/metamethod';
import { intOf, isFalsy, pointerOf, tagOf } from '../base/value';
import {
  BYTES_AT_ONCE, checksum, CONSTANT_FALSE, CONSTANT_FLOAT, CONSTANT_INTEGER, CONSTANT_NIL, CONSTANT_STRING, CONSTANT_TRUE, HEADER_CHECKSUM, HEADER_LENGTH, HEADER_SIZE,
  SIGNATURE, SIGNATURE_SIZE,
} from './format';

/** Names, lines and the source; any other value leaves out the names of local variables and upvalues only. */
const STRIP_ALL: u32 = 1;

function writeWord(value: u32): void {
  store<u32>(bufferReserve(4), value);
  bufferAdvance(4);
}

/** A varint. */
function writeNumber(value: u32): void {
  for (; value > 127; value >>>= 7) bufferByte((value & 127) | 128);
  bufferByte(value);
}

/** @param s a string object, 0 for none */
function writeString(s: u32): void {
  const length: u32 = s ? load<u32>(s, STRING_LENGTH) : 0;
  work(length);
  writeNumber(length);
  if (s) bufferBytes(s + STRING_BYTES, length);
}

function writeCode(proto: u32): void {
  const code = load<u32>(proto, PROTO_CODE);
  const size = load<u32>(proto, PROTO_CODE_SIZE);
  writeNumber(size >> 3);
  for (let pc = code, paid = code; pc < code + size; ) {
    if (pc - paid >= BYTES_AT_ONCE) {
      work(pc - paid);
      paid = pc;
    }
    const low = load<u32>(pc);
    const op = low & 0xff;
    writeWord((low & ~0xff) | firstForm(op));
    writeWord(load<u32>(pc, 4));
    if (hasDataWord(op)) writeNumber(load<u32>(pc, SETLIST_LAST));
    pc += opcodeWords(op) << 3;
  }
  work(min(size, BYTES_AT_ONCE));
}

function writeLines(proto: u32, strip: u32): void {
  const lines = load<u32>(proto, PROTO_LINES);
  const count: u32 = strip == STRIP_ALL || !lines ? 0 : load<u32>(proto, PROTO_CODE_SIZE) >> 3;
  writeNumber(count);
  for (let i: u32 = 0; i < count; i++) {
    if ((i & (BYTES_AT_ONCE - 1)) == 0) work(min(count - i, BYTES_AT_ONCE));
    writeNumber(load<u32>(lines + (i << 2)));
  }
}

function writeConstant(slot: u32): void {
  switch (tagOf(slot)) {
    case TAG_NIL: return bufferByte(CONSTANT_NIL);
    case TAG_FALSE: return bufferByte(CONSTANT_FALSE);
    case TAG_TRUE: return bufferByte(CONSTANT_TRUE);
    case TAG_INT:
    case TAG_FLOAT:
      bufferByte(tagOf(slot) == TAG_INT ? CONSTANT_INTEGER : CONSTANT_FLOAT);
      store<i64>(bufferReserve(8), intOf(slot));
      bufferAdvance(8);
      return;
    default:
      bufferByte(CONSTANT_STRING);
      writeString(pointerOf(slot));
  }
}

function writeFunction(proto: u32, strip: u32): void {
  writeNumber(load<u32>(proto, PROTO_LINE_DEFINED));
  writeNumber(load<u32>(proto, PROTO_LAST_LINE_DEFINED));
  bufferByte(load<u32>(proto, PROTO_PARAMETER_COUNT));
  bufferByte(load<u32>(proto, PROTO_IS_VARARG));
  bufferByte(load<u32>(proto, PROTO_FRAME_SIZE) / SLOT_SIZE);
  writeCode(proto);
  writeLines(proto, strip);
  const constants = load<u32>(proto, PROTO_CONSTANT_COUNT);
  writeNumber(constants);
  for (let i: u32 = 0; i < constants; i++) writeConstant(load<u32>(proto, PROTO_CONSTANTS) + i * SLOT_SIZE);
  const upvalues = load<u32>(proto, PROTO_UPVALUE_COUNT);
  writeNumber(upvalues);
  for (let i: u32 = 0, at = load<u32>(proto, PROTO_UPVALUES); i < upvalues; i++, at += UPVALUE_DESC_SIZE) {
    writeString(strip ? 0 : load<u32>(at));
    bufferByte(load<u8>(at, UPVALUE_DESC_FROM_STACK));
    bufferByte(load<u8>(at, UPVALUE_DESC_INDEX));
    bufferByte(load<u8>(at, UPVALUE_DESC_KIND));
  }
  const locals: u32 = strip ? 0 : load<u32>(proto, PROTO_LOCAL_COUNT);
  writeNumber(locals);
  for (let i: u32 = 0, at = load<u32>(proto, PROTO_LOCALS); i < locals; i++, at += LOCAL_DESC_SIZE) {
    writeString(load<u32>(at));
    bufferByte(load<u32>(at, LOCAL_DESC_REGISTER));
    writeNumber(load<u32>(at, LOCAL_DESC_START));
    writeNumber(load<u32>(at, LOCAL_DESC_END));
  }
  const nested = load<u32>(proto, PROTO_PROTO_COUNT);
  writeNumber(nested);
  for (let i: u32 = 0; i < nested; i++) writeFunction(load<u32>(load<u32>(proto, PROTO_PROTOS) + (i << 2)), strip);
}

/** The chunk of a prototype and all it contains. @param strip what is left out, 0: nothing  @returns a string object */
export function dumpPrototype(proto: u32, strip: u32): u32 {
  bufferStart();
  bufferBytes(SIGNATURE, SIGNATURE_SIZE);
  writeWord(OPCODE_SET);
  // Length and checksum.
  writeWord(0);
  writeWord(0);
  if (strip == STRIP_ALL) {
    writeNumber(2);
    bufferText('=?');
  } else writeString(load<u32>(proto, PROTO_SOURCE));
  writeFunction(proto, strip);
  const length = bufferLength() - HEADER_SIZE;
  const start = bufferReserve(0) - bufferLength();
  store<u32>(start, length, HEADER_LENGTH);
  store<u32>(start, checksum(start + HEADER_SIZE, length, true), HEADER_CHECKSUM);
  return bufferFinish();
}

/** string.dump(function [, strip]) */
export function stringDump(thread: u32, base: u32, count: i32): i32 {
  if (count < 1 || !isFunction(base)) throwTypeError(base, count, 1, 'function');
  const proto = tagOf(base) == TAG_CLOSURE ? load<u32>(pointerOf(base), CLOSURE_PROTO) : 0;
  if (!proto || load<u32>(proto, PROTO_FLAGS) & PROTO_FLAG_LIBRARY) throwText('unable to dump given function');
  const isStripped = count > 1 && !isFalsy(slotOf(base, 2));
  return returnString(base, dumpPrototype(proto, isStripped ? STRIP_ALL : 0));
}

/**
 * Reads binary chunks (format.ts). No length is trusted: each is compared with the bytes that are left before anything is allocated. What the code does
 * is the verifier's concern (verify.ts), which looks at every chunk that is not the package's own.
 *
 * After the first thing that is wrong, `problem` says what, the input counts as used up, and what has been made so far is garbage.
 */
import {
  LOCAL_DESC_END, LOCAL_DESC_REGISTER, LOCAL_DESC_SIZE, LOCAL_DESC_START, PROTO_CODE_SIZE, PROTO_FLAGS, PROTO_FLAG_LIBRARY, PROTO_FRAME_SIZE,
  PROTO_IS_VARARG, PROTO_LAST_LINE_DEFINED, PROTO_LINE_DEFINED, PROTO_PARAMETER_COUNT, PROTO_SOURCE, SETLIST_LAST, SLOT_SIZE, TAG_STRING,
  THREAD_ERROR, UPVALUE_DESC_FROM_STACK, UPVALUE_DESC_INDEX, UPVALUE_DESC_KIND, UPVALUE_DESC_SIZE, VM_THREAD,
} from '../../bytecode/layout';
import { work } from '../base/budget';
import { hasDataWord, OPCODE_COUNT, OPCODE_SET, opcodeWords } from '../generated/opcodes';
import {
  newCode, newConstants, newLines, newLocalDescriptions, newNested, newPrototype, newUpvalueDescriptions, startLoopCounters,
} from '../objects/prototype';
import { newStringInPieces, stringFromLiteral } from '../strings/string';
import { setBoolean, setFloat, setInt, setNil, setObject } from '../base/value';
import {
  BYTES_AT_ONCE, checksum, CONSTANT_FALSE, CONSTANT_FLOAT, CONSTANT_INTEGER, CONSTANT_NIL, CONSTANT_STRING, CONSTANT_TRUE, HEADER_LENGTH, HEADER_SIZE,
  MAX_NESTING, SIGNATURE, SIGNATURE_SIZE,
} from './format';
import { findDefect } from './verify';

/** Steps that a function counts for, besides its bytes. */
const FUNCTION_STEPS: u32 = 64;

// The input under way, and what is wrong with it.
let at: u32 = 0;
let end: u32 = 0;
let problem: string = '';

function fail(text: string): void {
  if (!problem.length) problem = text;
  at = end;
}

/** Address of the next `size` bytes; if there are less, the chunk fails, and readable bytes are returned all the same (of the header). */
function take(size: u32): u32 {
  if (size > end - at) {
    fail('truncated chunk');
    return SIGNATURE;
  }
  at += size;
  return at - size;
}

function readByte(): u32 { return <u32>load<u8>(take(1)); }

/** A varint. */
function readNumber(): u32 {
  let value: u32 = 0;
  for (let shift: u32 = 0; shift <= 28; shift += 7) {
    const byte = readByte();
    if (shift == 28 && byte > 15) break;
    value |= (byte & 127) << shift;
    if (byte < 128) return value;
  }
  fail('integer overflow');
  return 0;
}

/** A length, of items that take at least `size` bytes each; 0 if there cannot be so many. */
function readCount(size: u32): u32 {
  const count = readNumber();
  if (<u64>count * size <= <u64>(end - at)) return count;
  fail('truncated chunk');
  return 0;
}

/** @returns a string object, 0 for no bytes unless `always` */
function readString(always: bool): u32 {
  const length = readCount(1);
  return length || always ? newStringInPieces(take(length), length) : 0;
}

function readCode(proto: u32): void {
  const words = readCount(4);
  const code = newCode(proto, words);
  for (let pc = code, last = code + (words << 3), seen = code; pc < last; ) {
    if (pc - seen >= BYTES_AT_ONCE) {
      work(BYTES_AT_ONCE >> 3);
      seen = pc;
    }
    const word = take(8);
    const op = <u32>load<u8>(word);
    if (op >= OPCODE_COUNT || pc + (opcodeWords(op) << 3) > last) return fail(op >= OPCODE_COUNT ? 'invalid opcode' : 'incomplete instruction');
    store<u64>(pc, load<u64>(word));
    if (hasDataWord(op)) store<u32>(pc, readNumber(), SETLIST_LAST);
    pc += opcodeWords(op) << 3;
  }
  startLoopCounters(proto);
}

function readLines(proto: u32): void {
  const count = readCount(1);
  if (!count) return;
  if (count != load<u32>(proto, PROTO_CODE_SIZE) >> 3) return fail('invalid line information');
  const lines = newLines(proto);
  for (let i: u32 = 0; i < count; i++) {
    if ((i & (BYTES_AT_ONCE - 1)) == BYTES_AT_ONCE - 1) work(BYTES_AT_ONCE);
    store<u32>(lines + (i << 2), readNumber());
  }
}

function readConstant(slot: u32): void {
  switch (readByte()) {
    case CONSTANT_NIL: return setNil(slot);
    case CONSTANT_FALSE: return setBoolean(slot, false);
    case CONSTANT_TRUE: return setBoolean(slot, true);
    case CONSTANT_INTEGER: return setInt(slot, load<i64>(take(8)));
    case CONSTANT_FLOAT: return setFloat(slot, load<f64>(take(8)));
    case CONSTANT_STRING: return setObject(slot, TAG_STRING, readString(true));
    default: fail('invalid constant');
  }
}

function readUpvalues(proto: u32): void {
  const count = readCount(4);
  for (let i: u32 = 0, description = newUpvalueDescriptions(proto, count); i < count; i++, description += UPVALUE_DESC_SIZE) {
    store<u32>(description, readString(false));
    store<u8>(description, u8(readByte() != 0), UPVALUE_DESC_FROM_STACK);
    store<u8>(description, <u8>readByte(), UPVALUE_DESC_INDEX);
    store<u8>(description, <u8>readByte(), UPVALUE_DESC_KIND);
  }
}

function readLocals(proto: u32): void {
  const count = readCount(4);
  for (let i: u32 = 0, description = newLocalDescriptions(proto, count); i < count; i++, description += LOCAL_DESC_SIZE) {
    store<u32>(description, readString(true));
    store<u32>(description, readByte(), LOCAL_DESC_REGISTER);
    store<u32>(description, readNumber(), LOCAL_DESC_START);
    store<u32>(description, readNumber(), LOCAL_DESC_END);
  }
}

function readFunction(source: u32, flags: u32, depth: u32): u32 {
  const proto = newPrototype();
  if (depth > MAX_NESTING) fail('functions nested too deeply');
  if (!(flags & PROTO_FLAG_LIBRARY)) work(FUNCTION_STEPS);
  store<u32>(proto, source, PROTO_SOURCE);
  store<u32>(proto, flags, PROTO_FLAGS);
  store<u32>(proto, readNumber(), PROTO_LINE_DEFINED);
  store<u32>(proto, readNumber(), PROTO_LAST_LINE_DEFINED);
  store<u32>(proto, readByte(), PROTO_PARAMETER_COUNT);
  store<u32>(proto, u32(readByte() != 0), PROTO_IS_VARARG);
  store<u32>(proto, readByte() * SLOT_SIZE, PROTO_FRAME_SIZE);
  readCode(proto);
  readLines(proto);
  const constants = readCount(1);
  for (let i: u32 = 0, slot = newConstants(proto, constants); i < constants; i++, slot += SLOT_SIZE) readConstant(slot);
  readUpvalues(proto);
  readLocals(proto);
  const nested = readCount(8);
  for (let i: u32 = 0, pointers = newNested(proto, nested); i < nested && !problem.length; i++) {
    store<u32>(pointers + (i << 2), readFunction(source, flags, depth + 1));
  }
  return proto;
}

/** Does the input begin with PUC-Rio's part of the header, as far as it goes? Each field is read as a whole, so a truncated one is not compared. */
function checkSignature(): void {
  for (let i: u32 = 0; i < SIGNATURE_SIZE; ) {
    const size: u32 = i == 1 ? 3 : i == 6 ? 6 : i >= 15 ? 8 : 1;
    const field = take(size);
    if (problem.length) return;
    if (memory.compare(field, SIGNATURE + i, size) != 0) return fail(mismatchAt(i));
    i += size;
  }
}

function mismatchAt(i: u32): string {
  if (i < 4) return 'not a binary chunk';
  if (i < 6) return i == 4 ? 'version mismatch' : 'format mismatch';
  if (i < 12) return 'corrupted chunk';
  if (i < 15) return i == 12 ? 'Instruction size mismatch' : i == 13 ? 'lua_Integer size mismatch' : 'lua_Number size mismatch';
  return i < 23 ? 'integer format mismatch' : 'float format mismatch';
}

function readHeader(): void {
  checkSignature();
  if (load<u32>(take(4)) != OPCODE_SET) fail('bytecode version mismatch');
}

function start(bytes: u32, length: u32): void {
  at = bytes;
  end = bytes + length;
  problem = '';
}

/** Host API: how many bytes a chunk has that starts so, or what it needs to be told; not more than there are if it is none. */
export function chunkSize(bytes: u32, length: u32): u32 {
  if (length < HEADER_SIZE) return HEADER_SIZE;
  start(bytes, length);
  readHeader();
  const size = <u64>HEADER_SIZE + load<u32>(bytes, HEADER_LENGTH);
  return problem.length ? length : <u32>min<u64>(size, <u64>u32.MAX_VALUE);
}

/**
 * Host API: the main function of a chunk, safe to run. @param isLibrary the chunk is the package's own, its functions belong to the library
 * @returns a prototype that nothing roots; 0 if the chunk is not valid, and THREAD_ERROR then says why
 */
export function readChunk(bytes: u32, length: u32, isLibrary: bool): u32 {
  start(bytes, length);
  readHeader();
  const size = load<u32>(take(4));
  const sum = load<u32>(take(4));
  const image = take(size);
  if (!problem.length && checksum(image, size, !isLibrary) != sum) fail('corrupted chunk');
  let proto: u32 = 0;
  if (!problem.length) {
    start(image, size);
    proto = readFunction(readString(true), isLibrary ? PROTO_FLAG_LIBRARY : 0, 0);
  }
  const defect = problem.length || isLibrary ? problem : findDefect(proto);
  if (!defect.length) return proto;
  setObject(load<u32>(VM_THREAD) + THREAD_ERROR, TAG_STRING, stringFromLiteral(defect));
  return 0;
}

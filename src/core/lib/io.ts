/**
 * Reading and writing (manual, section 6.8), and print: what programs do millions of times. Opening, closing and moving about in files is the
 * host's (src/stdlib/io.ts), io.lines is built in Lua (src/stdlib/lua/io.lua) on the iterator made here.
 */
import {
  BUILTIN_UPVALUES, BUILTIN_UPVALUE_COUNT, FILE_PENDING, FILE_PRINTED, OBJECT_EXTRA, SLOT_SIZE, STRING_BYTES, STRING_LENGTH, TAG_BUILTIN, TAG_INT, TAG_STRING,
  TAG_USERDATA, USERDATA_IS_FILE, USERDATA_METATABLE, VM_FILE_METATABLE, VM_INPUT, VM_OUTPUT, VM_STDOUT,
} from '../../bytecode/layout';
import { appendString, startMessage, throwMessage } from '../errors/message';
import { throwArgument, throwText } from '../base/raise';
import { BUILTIN_ID_basePrint, BUILTIN_ID_ioLinesStep } from '../generated/builtin-ids';
import { EVENT_TOSTRING } from '../generated/metamethods';
import { hostFileClose, hostFileFailure } from '../base/host';
import { bufferLength, bufferReserve, bufferStart } from '../strings/buffer';
import { newBuiltinWithUpvalues } from '../objects/function';
import { metamethodOfValue } from '../objects/metamethod';
import { copyValues, isFalsy, isNil, pointerOf, setNil, setObject, tagOf } from '../base/value';
import { work } from '../base/budget';
import { growStack } from '../run/stack';
import { checkInteger, checkString, slotOf, throwTypeError } from './arguments';
import { bufferValue } from './base';
import { callCompanion } from './companion';
import { isClosed, readBytes, readLine, readNothing, readNumber, readingFailed, startReading, writeByte, writeBytes, writeNumberTo } from './file';

/** Steps that writing a value counts for, besides its bytes. */
const VALUE_STEPS: u32 = 8;
const ALL: u64 = 0xffffffffffffffff;

function isFile(slot: u32): bool {
  if (tagOf(slot) != TAG_USERDATA) return false;
  const userdata = pointerOf(slot);
  return load<u8>(userdata, OBJECT_EXTRA) == USERDATA_IS_FILE && load<u32>(userdata, USERDATA_METATABLE) == load<u32>(VM_FILE_METATABLE);
}

/** The open file that is the first argument of a method. */
function checkFile(base: u32, count: i32): u32 {
  const file = pointerOf(base);
  if (count < 1 || !isFile(base)) throwTypeError(base, count, 1, 'FILE*');
  if (isClosed(file)) throwText('attempt to use a closed file');
  return file;
}

// ---- Writing

/** Writes a string or number. @returns whether it went well */
function writeArgument(file: u32, base: u32, count: i32, n: i32): bool {
  const slot = slotOf(base, n);
  const tag = tagOf(slot);
  if (tag - TAG_INT < 2) return writeNumberTo(file, slot, true);
  if (tag != TAG_STRING) throwTypeError(base, count, n, 'string');
  const s = pointerOf(slot);
  return writeBytes(file, s + STRING_BYTES, load<u32>(s, STRING_LENGTH));
}

/** Writes the arguments from `first` on; the file is the result. A failure does not keep the arguments behind it from being written. */
function write(file: u32, base: u32, count: i32, first: i32): i32 {
  let isGood: bool = true;
  work(count * VALUE_STEPS);
  for (let n = first; n <= count; n++) isGood = writeArgument(file, base, count, n) && isGood;
  if (!isGood) return hostFileFailure(base);
  setObject(base - SLOT_SIZE, TAG_USERDATA, file);
  return 1;
}

export function ioWrite(thread: u32, base: u32, count: i32): i32 {
  const file = load<u32>(VM_OUTPUT);
  if (isClosed(file)) throwText('default output file is closed');
  return write(file, base, count, 1);
}

export function fileWrite(thread: u32, base: u32, count: i32): i32 { return write(checkFile(base, count), base, count, 2); }

/** Goes to the standard output, whatever the default output is. What C's stdio cannot write is lost. */
export function basePrint(thread: u32, base: u32, count: i32): i32 {
  for (let n = 1; n <= count; n++) if (metamethodOfValue(slotOf(base, n), EVENT_TOSTRING)) return callCompanion(thread, base, count, BUILTIN_ID_basePrint);
  const file = load<u32>(VM_STDOUT);
  work(count * VALUE_STEPS);
  for (let n = 1; n <= count; n++) {
    if (n > 1) writeByte(file, 9);
    printValue(file, slotOf(base, n));
  }
  writeByte(file, 10);
  store<u32>(file, load<u32>(file, FILE_PENDING), FILE_PRINTED);
  return 0;
}

/** Internal: (text) as a part of what print writes. */
export function ioPrintText(thread: u32, base: u32, count: i32): i32 {
  const file = load<u32>(VM_STDOUT);
  checkString(base, count, 1);
  printValue(file, base);
  store<u32>(file, load<u32>(file, FILE_PENDING), FILE_PRINTED);
  return 0;
}

function printValue(file: u32, slot: u32): void {
  const tag = tagOf(slot);
  if (tag == TAG_STRING) writeBytes(file, pointerOf(slot) + STRING_BYTES, load<u32>(pointerOf(slot), STRING_LENGTH));
  else if (tag - TAG_INT < 2) writeNumberTo(file, slot, false);
  else {
    bufferStart();
    bufferValue(slot);
    const length = bufferLength();
    writeBytes(file, bufferReserve(0) - length, length);
  }
}

// ---- Reading

/** Reads what format n asks for into its slot. @returns false if there is nothing */
function readArgument(file: u32, base: u32, count: i32, n: i32): bool {
  const slot = slotOf(base, n);
  if (tagOf(slot) - TAG_INT < 2) {
    const wanted = checkInteger(base, count, n);
    return wanted == 0 ? readNothing(file, slot) : readBytes(file, <u64>wanted, slot);
  }
  const format = checkString(base, count, n);
  const length = load<u32>(format, STRING_LENGTH);
  const place: u32 = length && load<u8>(format, STRING_BYTES) == 42 ? 1 : 0;
  switch (place < length ? <u32>load<u8>(format + place, STRING_BYTES) : 0) {
    case 110: return readNumber(file, slot);
    case 108: return readLine(file, false, slot);
    case 76: return readLine(file, true, slot);
    case 97:
      readBytes(file, ALL, slot);
      return true;
    default:
      throwArgument(n, 'invalid format');
      return false;
  }
}

/** Reads with the formats from argument `first` on, each into its own slot. @returns results, -1 after a failure */
function readArguments(file: u32, base: u32, count: i32, first: i32): i32 {
  startReading();
  let n = first;
  if (count < first) {
    if (!readLine(file, false, slotOf(base, first))) setNil(slotOf(base, first));
    n++;
  }
  for (; n <= count; n++) {
    if (readArgument(file, base, count, n)) continue;
    setNil(slotOf(base, n++));
    break;
  }
  return readingFailed() ? -1 : n - first;
}

function read(file: u32, base: u32, count: i32, first: i32): i32 {
  const results = readArguments(file, base, count, first);
  if (results < 0) return hostFileFailure(base);
  copyValues(base - SLOT_SIZE, slotOf(base, first), <u32>results);
  return results;
}

export function ioRead(thread: u32, base: u32, count: i32): i32 {
  const file = load<u32>(VM_INPUT);
  if (isClosed(file)) throwText('default input file is closed');
  return read(file, base, count, 1);
}

export function fileRead(thread: u32, base: u32, count: i32): i32 { return read(checkFile(base, count), base, count, 2); }

// ---- Lines: the iterator is a builtin whose upvalues are the file, whether it is closed at the end, and the formats.

const LINES_FILE: u32 = BUILTIN_UPVALUES;
const LINES_CLOSES: u32 = BUILTIN_UPVALUES + 16;
const LINES_FORMATS: u32 = BUILTIN_UPVALUES + 32;
/** Formats for which there is room above any builtin's arguments. */
const FEW: i32 = 32;

/** Internal: (file, closes, formats...) -> iterator. */
export function ioLines(thread: u32, base: u32, count: i32): i32 {
  checkFile(base, count);
  if (count < 2) throwTypeError(base, count, 2, 'boolean');
  setObject(base - SLOT_SIZE, TAG_BUILTIN, newBuiltinWithUpvalues(<u32>ioLinesStep.index, BUILTIN_ID_ioLinesStep, base, count));
  return 1;
}

/** Internal: reads again; a failure is raised. */
export function ioLinesStep(thread: u32, base: u32, count: i32): i32 {
  const iterator = pointerOf(base - SLOT_SIZE);
  const file = pointerOf(iterator + LINES_FILE);
  // debug.setupvalue may have put anything there.
  if (!isFile(iterator + LINES_FILE)) throwText('invalid upvalue');
  if (isClosed(file)) throwText('file is already closed');
  const formats = load<i32>(iterator, BUILTIN_UPVALUE_COUNT) - 2;
  if (formats > FEW) base += growStack(thread, base, <u32>formats * SLOT_SIZE + FEW * SLOT_SIZE);
  // In PUC's numbering the formats begin with 2.
  const first = slotOf(base, 2);
  copyValues(first, iterator + LINES_FORMATS, <u32>formats);
  const results = readArguments(file, base, 1 + formats, 2);
  if (results < 0) {
    hostFileFailure(base + SLOT_SIZE);
    startMessage('');
    appendString(pointerOf(base + SLOT_SIZE));
    throwMessage();
  }
  if (isNil(first)) {
    if (!isFalsy(iterator + LINES_CLOSES)) hostFileClose(file);
    return 0;
  }
  copyValues(base - SLOT_SIZE, first, <u32>results);
  return results;
}

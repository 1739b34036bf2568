/**
 * Error messages with parts known only at run time. Owns VM_TEXT_SCRATCH while a message is built: start, append, throw.
 * Long parts are cut off; no message of the library needs more room.
 */
import { LIMIT_NONE, STRING_BYTES, STRING_LENGTH, VM_TEXT_SCRATCH } from '../../bytecode/layout';
import { throwString } from '../base/raise';
import { hostThrowArgumentError, hostThrowText } from '../base/host';
import { writeInteger } from '../number/digits';
import { newString } from '../strings/string';

const ROOM: u32 = 900;
let end: u32 = VM_TEXT_SCRATCH;

/** Starts a message with an ASCII literal. */
export function startMessage(text: string): void {
  end = VM_TEXT_SCRATCH;
  appendText(text);
}

/** @param from first character that is taken */
export function appendText(text: string, from: i32 = 0): void {
  for (let i = from, n = text.length; i < n; i++) appendByte(text.charCodeAt(i));
}

export function appendByte(byte: u32): void {
  if (end < VM_TEXT_SCRATCH + ROOM) store<u8>(end++, byte);
}

export function appendBytes(bytes: u32, length: u32): void {
  const n = min<u32>(length, VM_TEXT_SCRATCH + ROOM - end);
  memory.copy(end, bytes, n);
  end += n;
}

/** Appends a string object. */
export function appendString(s: u32): void { appendBytes(s + STRING_BYTES, load<u32>(s, STRING_LENGTH)); }

export function appendInteger(value: i64): void {
  if (end + 24 <= VM_TEXT_SCRATCH + ROOM) end += writeInteger(end, value);
}

/** Raises the message with the position of the calling Lua function, as throwText. Does not return. */
export function throwMessage(): void {
  hostThrowText(VM_TEXT_SCRATCH, end - VM_TEXT_SCRATCH, LIMIT_NONE);
  unreachable();
}

/** Raises the message as it is: run-time errors of values that the library, not a Lua function, worked on. Does not return. */
export function throwBareMessage(): void {
  throwString(newString(VM_TEXT_SCRATCH, end - VM_TEXT_SCRATCH), LIMIT_NONE);
}

/** Raises "bad argument #n to 'f' (message)". Does not return. @param argument 1-based */
export function throwArgumentMessage(argument: i32): void {
  hostThrowArgumentError(argument, VM_TEXT_SCRATCH, end - VM_TEXT_SCRATCH);
  unreachable();
}

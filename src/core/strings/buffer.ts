/**
 * The byte buffer in which library functions build strings of unknown length. One per VM, kept between uses while it is small; a large one becomes its string: to copy
 * it would take as long as to build it, and nothing could stop that.
 * Invariant: at most one function builds at a time; a function that leaves by an error needs no clean-up.
 * Room for a string's header is in front of the bytes. Addresses into the buffer are valid until the next append or reserve.
 */
import { STRING_BYTES, STRING_LENGTH, VM_BUFFER } from '../../bytecode/layout';
import { copyBytes, fillBytes } from '../base/bytes';
import { copyInPieces, fillInPieces } from '../base/pieces';
import { throwText } from '../base/raise';
import { adoptString, newString } from './string';
import { work } from '../base/budget';
import { freeRaw } from '../memory/free';
import { allocateRaw, reallocateRaw } from '../memory/heap';
import { enlargeInPieces } from '../memory/spare';

const POINTER: u32 = VM_BUFFER;
const CAPACITY: u32 = VM_BUFFER + 4;
const LENGTH: u32 = VM_BUFFER + 8;

const INITIAL: u32 = 512;
/** A buffer larger than this becomes its string. */
const KEEP: u32 = 65536;
/** Appending more bytes than this is paid for at once, the rest with the string. */
const LONG: u32 = 1024;
/** Longest string. */
export const MAX_STRING: u64 = 0x7fffff00;

/** Starts a string. */
export function bufferStart(): void {
  if (load<u32>(CAPACITY) > KEEP) release();
  store<u32>(LENGTH, 0);
}

function release(): void {
  freeRaw(block(), blockSize(load<u32>(CAPACITY)));
  forget();
}

function forget(): void {
  store<u32>(POINTER, 0);
  store<u32>(CAPACITY, 0);
}

// @ts-ignore: decorator
@inline function block(): u32 { return load<u32>(POINTER) - STRING_BYTES; }
// @ts-ignore: decorator
@inline function blockSize(capacity: u32): u32 { return STRING_BYTES + capacity; }

// @ts-ignore: decorator
@inline export function bufferLength(): u32 { return load<u32>(LENGTH); }

/** Room for `size` more bytes. @returns where they go; bufferAdvance makes them part of the string */
export function bufferReserve(size: u32): u32 {
  const length = load<u32>(LENGTH);
  if (<u64>length + size > <u64>load<u32>(CAPACITY)) grow(<u64>length + size);
  return load<u32>(POINTER) + length;
}

function grow(needed: u64): void {
  if (needed > MAX_STRING) throwText('resulting string too large');
  const capacity = load<u32>(CAPACITY);
  const size = <u32>min<u64>(max<u64>(max<u64>(needed, INITIAL), <u64>capacity * 2), MAX_STRING);
  const grown = capacity > KEEP ? enlargeInPieces(block(), blockSize(capacity), blockSize(size))
    : capacity ? reallocateRaw(block(), blockSize(capacity), blockSize(size)) : allocateRaw(blockSize(size));
  store<u32>(POINTER, grown + STRING_BYTES);
  store<u32>(CAPACITY, size);
}

// @ts-ignore: decorator
@inline export function bufferAdvance(size: u32): void { store<u32>(LENGTH, load<u32>(LENGTH) + size); }

/** Takes the last `size` bytes back; they stay in place until something else is written. */
export function bufferRewind(size: u32): void { store<u32>(LENGTH, load<u32>(LENGTH) - size); }

export function bufferByte(byte: u32): void {
  store<u8>(bufferReserve(1), byte);
  bufferAdvance(1);
}

export function bufferBytes(bytes: u32, length: u32): void {
  const out = bufferReserve(length);
  if (length >= LONG) copyInPieces(out, bytes, length);
  else copyBytes(out, bytes, length);
  bufferAdvance(length);
}

export function bufferFill(byte: u32, count: u32): void {
  const out = bufferReserve(count);
  if (count >= LONG) fillInPieces(out, <u8>byte, count);
  else fillBytes(out, <u8>byte, count);
  bufferAdvance(count);
}

/** Appends a string object. */
export function bufferString(s: u32): void { bufferBytes(s + STRING_BYTES, load<u32>(s, STRING_LENGTH)); }

/** Appends an ASCII literal. */
export function bufferText(text: string): void {
  const length = <u32>text.length;
  const out = bufferReserve(length);
  for (let i: u32 = 0; i < length; i++) store<u8>(out + i, <u8>text.charCodeAt(i));
  bufferAdvance(length);
}

/** The string that was built. */
export function bufferFinish(): u32 {
  const length = load<u32>(LENGTH);
  work(length);
  if (length > KEEP) {
    const s = adoptString(block(), blockSize(load<u32>(CAPACITY)), length);
    forget();
    return s;
  }
  const s = newString(load<u32>(POINTER), length);
  if (load<u32>(CAPACITY) > KEEP) release();
  return s;
}

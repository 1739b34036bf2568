/** Copying and filling what may be long: limits are looked at between two pieces. Memory that is touched for the first time takes far longer than to copy. */
import { work } from './budget';
import { copyBytes, fillBytes } from './bytes';

/** Bytes that are copied at once. */
export const AT_ONCE: u32 = 1 << 18;

/** Copies bytes to where they were not. @throws what the host raises: out of fuel, interrupted */
export function copyInPieces(to: u32, from: u32, length: u32): void {
  for (; length > AT_ONCE; length -= AT_ONCE) {
    work(AT_ONCE >> 3);
    memory.copy(to, from, AT_ONCE);
    to += AT_ONCE;
    from += AT_ONCE;
  }
  work(length >> 3);
  copyBytes(to, from, length);
}

/** Sets bytes to one value. @throws as copyInPieces */
export function fillInPieces(at: u32, byte: u8, length: u32): void {
  for (; length > AT_ONCE; length -= AT_ONCE) {
    work(AT_ONCE >> 3);
    memory.fill(at, byte, AT_ONCE);
    at += AT_ONCE;
  }
  work(length >> 3);
  fillBytes(at, byte, length);
}

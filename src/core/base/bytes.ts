/** Copying and filling bytes: memory.copy and memory.fill leave Wasm, which takes as long as to do a hundred bytes in place. */

const FEW: u32 = 64;

/** The byte 1 in each byte of a word. */
export const ONES: u64 = 0x0101010101010101;

/** Copies bytes to where they were not. */
export function copyBytes(to: u32, from: u32, length: u32): void {
  if (length > FEW) memory.copy(to, from, length);
  else if (length >= 8) {
    const last = length - 8;
    for (let at: u32 = 0; at < last; at += 8) store<u64>(to + at, load<u64>(from + at));
    store<u64>(to + last, load<u64>(from + last));
  } else if (length >= 4) {
    store<u32>(to, load<u32>(from));
    store<u32>(to + length - 4, load<u32>(from + length - 4));
  } else for (let at: u32 = 0; at < length; at++) store<u8>(to + at, load<u8>(from + at));
}

/** Moves bytes up to where they may still be. */
export function moveBytesUp(to: u32, from: u32, length: u32): void {
  if (length > FEW) memory.copy(to, from, length);
  else while (length--) store<u8>(to + length, load<u8>(from + length));
}

/** Sets bytes to zero. @param length multiple of 4 */
export function clearWords(at: u32, length: u32): void {
  if (length > 2 * FEW) {
    memory.fill(at, 0, length);
    return;
  }
  const end = at + length;
  for (; at + 8 <= end; at += 8) store<u64>(at, 0);
  if (at < end) store<u32>(at, 0);
}

/** Sets bytes to one value. */
export function fillBytes(at: u32, byte: u8, length: u32): void {
  if (length > FEW) memory.fill(at, byte, length);
  else for (const end = at + length; at < end; at++) store<u8>(at, byte);
}

/** Copying bytes: memory.copy leaves Wasm, which takes as long as to copy a hundred bytes in place. */

const FEW: u32 = 64;

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

/** Codes to UTF-8 in its original form, of up to six bytes. */

/** Writes a code up to 2^31 - 1. @returns bytes written (at most 6) */
export function encodeUtf8(out: u32, value: u32): u32 {
  if (value < 0x80) {
    store<u8>(out, value);
    return 1;
  }
  let length: u32 = 2;
  // So many bits fit a sequence of `length` bytes.
  while (length < 6 && value >> (5 * length + 1)) length++;
  for (let i = length - 1; i > 0; i--) {
    store<u8>(out + i, 0x80 | (value & 0x3f));
    value >>= 6;
  }
  store<u8>(out, (0xff00 >> length) | value);
  return length;
}

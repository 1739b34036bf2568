/**
 * Text and bytes. Lua strings are bytes, the host's are UTF-16. Inside the engine (messages, names) text is a *byte
 * string*: one char per byte, so that nothing is lost; at the API it is real text, as UTF-8. Owns the shared encoder and decoders.
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 bytes of a text. */
export const encodeText = (text: string): Uint8Array => encoder.encode(text);

/** Not all decoders take shared memory. */
const unshared = (bytes: Uint8Array): Uint8Array => (bytes.buffer instanceof ArrayBuffer ? bytes : bytes.slice());

/** Text of UTF-8 bytes; bytes that are not UTF-8 become U+FFFD. */
export const decodeText = (bytes: Uint8Array): string => decoder.decode(unshared(bytes));

/** Bytes that are looked at before they are decoded: the decoder's error takes ten microseconds. */
const SHORT_BYTES = 1024;

/** Text of bytes if they are UTF-8, else undefined. */
export function decodeTextStrictly(bytes: Uint8Array): string | undefined {
  if (bytes.length <= SHORT_BYTES && !isUtf8(bytes)) return undefined;
  try {
    return strictDecoder.decode(unshared(bytes));
  } catch {
    return undefined;
  }
}

/** Are the bytes UTF-8, as RFC 3629 has it? */
export function isUtf8(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) {
    const first = bytes[i]!;
    if (first < 0x80) continue;
    const more = first < 0xc2 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : 0;
    // The shortest form, no surrogates, nothing beyond U+10FFFF.
    const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
    const second = bytes[i + 1] ?? 0;
    if (more === 0 || second < low || second > high) return false;
    for (let k = 2; k <= more; k++) if ((bytes[i + k] ?? 0) >> 6 !== 2) return false;
    i += more;
  }
  return true;
}

/** Byte string of bytes. (To spread an array goes through its iterator, which takes six times as long.) */
export function toByteString(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode.apply(null, bytes.subarray(i, i + 8192) as unknown as number[]);
  return text;
}

/** Bytes of a byte string. */
export function fromByteString(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

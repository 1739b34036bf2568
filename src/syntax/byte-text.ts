/**
 * Byte strings inside the front end are JS strings with one char (0..255) per byte: they concatenate, compare and key maps cheaply.
 * Source text comes in, and constants go out, as bytes.
 */

const CHUNK = 4096;

/** Bytes as text with one char per byte. */
export function bytesToText(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) {
    // apply() takes any array-like; spreading would run the iterator for each byte.
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + CHUNK) as unknown as number[]);
  }
  return text;
}

/** The inverse of bytesToText. */
export function textToBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/**
 * Byte strings inside the front end are JS strings with one char (0..255) per byte: they concatenate, compare and key maps cheaply.
 * Source text comes in, and constants go out, as bytes.
 */

const CHUNK = 4096;

/** Bytes [start, end) as text with one char per byte. */
export function bytesToText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= CHUNK) return String.fromCharCode(...bytes.subarray(start, end));
  let text = '';
  for (let at = start; at < end; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, Math.min(end, at + CHUNK)));
  return text;
}

/** The inverse of bytesToText. */
export function textToBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

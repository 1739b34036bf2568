/** What may stand in front of a source file and is no Lua: a byte order mark and a first line that starts with `#` (luaL_loadfilex). */

const HASH = 35;
const NEWLINE = 10;
/** First byte of a binary chunk, in front of which no line is to be counted. */
const BINARY_MARK = 27;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** The source without mark and first comment line; the line's end stays, so that lines count right. */
export function withoutShebang(bytes: Uint8Array): Uint8Array {
  const start = BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte) ? BYTE_ORDER_MARK.length : 0;
  if (bytes[start] !== HASH) return bytes.subarray(start);
  const end = bytes.indexOf(NEWLINE, start);
  if (end < 0) return bytes.subarray(bytes.length);
  return bytes.subarray(bytes[end + 1] === BINARY_MARK ? end + 1 : end);
}

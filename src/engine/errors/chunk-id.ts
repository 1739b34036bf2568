/**
 * The name of a chunk in messages (luaO_chunkid): `=name` and `@file` lose their mark and are cut to 59 chars (a file name at its front), source text
 * becomes `[string "first line..."]`. The core has its own (core/errors/position.ts); a test compares the two.
 */

/** LUA_IDSIZE: room for a chunk's name in messages. */
export const ID_SIZE = 60;
const ELLIPSIS = '...';
const STRING_PREFIX = '[string "';
const STRING_SUFFIX = '"]';

/** @param source as debug.getinfo gives it, a byte string */
export function formatChunkId(source: string): string {
  const mark = source[0];
  if (mark === '=') return source.slice(1, ID_SIZE);
  if (mark === '@') {
    if (source.length <= ID_SIZE) return source.slice(1);
    return ELLIPSIS + source.slice(source.length - (ID_SIZE - 1 - ELLIPSIS.length));
  }
  const room = ID_SIZE - STRING_PREFIX.length - ELLIPSIS.length - STRING_SUFFIX.length - 1;
  const newline = source.indexOf('\n');
  if (newline < 0 && source.length < room) return STRING_PREFIX + source + STRING_SUFFIX;
  const line = newline < 0 ? source : source.slice(0, newline);
  return STRING_PREFIX + line.slice(0, room) + ELLIPSIS + STRING_SUFFIX;
}

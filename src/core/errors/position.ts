/** Where a running function is, as text for messages: "source:line:" (luaL_where). */
import {
  CLOSURE_PROTO, FRAME_CLOSURE, FRAME_PC, FRAME_SIZE, PROTO_CODE, PROTO_FLAGS, PROTO_FLAG_LIBRARY, PROTO_LINES, PROTO_SOURCE, STRING_BYTES, STRING_LENGTH, THREAD_FRAME,
  THREAD_FRAMES, VM_SOURCE_NAME,
} from '../../bytecode/layout';
import { bufferByte, bufferReserve, bufferAdvance, bufferText } from '../strings/buffer';
import { writeInteger } from '../number/digits';

/** Room for a source name in messages (PUC's LUA_IDSIZE, with its final zero). */
const ID_SIZE: u32 = 60;

/** Bytes an instruction takes in the line table's view. */
const WORD: u32 = 8;

/** The frame at `level`, 1 = the one that called the running builtin; 0 if there is none or it is not a Lua function's. */
function luaFrameAt(thread: u32, level: i64): u32 {
  const top = load<u32>(thread, THREAD_FRAME);
  const depth = <i64>((top - load<u32>(thread, THREAD_FRAMES)) / FRAME_SIZE);
  if (level < 1 || level > depth) return 0;
  const frame = top - <u32>(level - 1) * FRAME_SIZE;
  return load<u32>(frame, FRAME_CLOSURE) ? frame : 0;
}

/** Appends "source:line: " of the function at `level` to the buffer; nothing if it has no lines. */
export function appendPosition(thread: u32, level: i64): void {
  const frame = luaFrameAt(thread, level);
  if (!frame) return;
  const proto = load<u32>(load<u32>(frame, FRAME_CLOSURE), CLOSURE_PROTO);
  const lines = load<u32>(proto, PROTO_LINES);
  if (!lines || load<u32>(proto, PROTO_FLAGS) & PROTO_FLAG_LIBRARY) return;
  const source = load<u32>(proto, PROTO_SOURCE);
  const index = (load<u32>(frame, FRAME_PC) - load<u32>(proto, PROTO_CODE)) / WORD;
  appendSourceName(source);
  bufferByte(58);
  bufferAdvance(writeInteger(bufferReserve(24), <i64>load<i32>(lines + index * 4)));
  bufferText(': ');
}

/** Appends a chunk's name as messages show it. */
export function appendSourceName(source: u32): void { bufferAdvance(writeSourceName(bufferReserve(ID_SIZE), source)); }

/** Host API: a chunk's name as messages show it, in VM_SOURCE_NAME. @returns its length */
export function sourceName(source: u32): u32 { return writeSourceName(VM_SOURCE_NAME, source); }

/**
 * luaO_chunkid: `=name` and `@file` lose their mark and are cut to fit (a file name at its front), other sources become [string "first line..."].
 * @param out room for ID_SIZE bytes @param source a string object, or 0 @returns bytes written
 */
function writeSourceName(out: u32, source: u32): u32 {
  if (!source) return writeText(out, '?');
  const bytes = source + STRING_BYTES;
  const length = load<u32>(source, STRING_LENGTH);
  const kind: u32 = length ? load<u8>(bytes) : 0;
  if (kind == 61) return writeBytes(out, bytes + 1, min(length - 1, ID_SIZE - 1));
  if (kind == 64 && length <= ID_SIZE) return writeBytes(out, bytes + 1, length - 1);
  let end = out;
  if (kind == 64) {
    const kept = ID_SIZE - 4;
    end += writeText(end, '...');
    end += writeBytes(end, bytes + length - kept, kept);
    return end - out;
  }
  // What is left beside [string "..."] and the final zero. No more of a long source is looked at than shows.
  const room = ID_SIZE - 15;
  const shown = min(length, room);
  let line: u32 = 0;
  while (line < shown && load<u8>(bytes + line) != 10) line++;
  end += writeText(end, '[string "');
  end += writeBytes(end, bytes, line);
  if (length >= room || line != length) end += writeText(end, '...');
  end += writeText(end, '"]');
  return end - out;
}

function writeBytes(out: u32, bytes: u32, length: u32): u32 {
  memory.copy(out, bytes, length);
  return length;
}

/** Writes an ASCII literal. */
function writeText(out: u32, text: string): u32 {
  const length = <u32>text.length;
  for (let i: u32 = 0; i < length; i++) store<u8>(out + i, <u8>text.charCodeAt(i));
  return length;
}

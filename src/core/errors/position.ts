/** Where a running function is, as text for messages: "source:line:" (luaL_where). */
import {
  CLOSURE_PROTO, FRAME_CLOSURE, FRAME_PC, FRAME_SIZE, PROTO_CODE, PROTO_FLAGS, PROTO_FLAG_LIBRARY, PROTO_LINES, PROTO_SOURCE, STRING_BYTES, STRING_LENGTH, THREAD_FRAME,
  THREAD_FRAMES,
} from '../../bytecode/layout';
import { bufferByte, bufferBytes, bufferReserve, bufferAdvance, bufferText } from '../memory/buffer';
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

/** Appends a chunk name as messages show it: `=name` and `@file` shortened to fit, other sources as [string "first line..."]. */
export function appendSourceName(source: u32): void {
  const bytes = source + STRING_BYTES;
  const length = source ? load<u32>(source, STRING_LENGTH) : 0;
  if (!length) {
    bufferText(source ? '[string ""]' : '?');
    return;
  }
  const kind = load<u8>(bytes);
  if (kind == 61) {
    bufferBytes(bytes + 1, min(length - 1, ID_SIZE - 1));
  } else if (kind == 64) {
    if (length <= ID_SIZE) bufferBytes(bytes + 1, length - 1);
    else {
      const kept = ID_SIZE - 4;
      bufferText('...');
      bufferBytes(bytes + length - kept, kept);
    }
  } else {
    // What is left beside [string "..."] and the final zero.
    const room = ID_SIZE - 15;
    let line: u32 = 0;
    while (line < length && load<u8>(bytes + line) != 10) line++;
    bufferText('[string "');
    if (length < room && line == length) bufferBytes(bytes, length);
    else {
      bufferBytes(bytes, min(line, room));
      bufferText('...');
    }
    bufferText('"]');
  }
}

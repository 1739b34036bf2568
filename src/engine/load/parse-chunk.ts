/** From a chunk's bytes, source text or binary, to its main function: what every way of loading goes through. */
import type { Prototype } from '../../bytecode/prototype.ts';
import { compileChunk } from '../../syntax/compile.ts';
import type { SourceReader } from '../../syntax/lexer.ts';
import { LuaSyntaxError } from '../../syntax/syntax-error.ts';
import { binaryChunkMessage, binaryChunkSize, BINARY_MARK, parseBinaryChunk } from './binary-chunk.ts';
import { ImageError } from './prototype-image.ts';

/** A chunk that cannot be loaded. The message is a byte string, as Lua programs get it. */
export class ChunkError extends Error {
  override readonly name = 'ChunkError';
}

const isBinaryChunk = (bytes: Uint8Array): boolean => bytes[0] === BINARY_MARK;

/** A reader of a piece that was read already and those behind it. */
function readAgain(first: Uint8Array, reader: SourceReader): SourceReader {
  let next: Uint8Array | undefined = first;
  return () => {
    const piece = next ?? reader();
    next = undefined;
    return piece;
  };
}

/** The bytes of a binary chunk, without what is behind them. */
function readBinaryChunk(reader: SourceReader): Uint8Array {
  let bytes: Uint8Array = new Uint8Array();
  let piece: Uint8Array | undefined = bytes;
  for (let size = binaryChunkSize(bytes); piece !== undefined && bytes.length < size; size = binaryChunkSize(bytes)) {
    const pieces = [bytes];
    let length = bytes.length;
    while (length < size) {
      piece = reader();
      if (piece === undefined || piece.length === 0) {
        piece = undefined;
        break;
      }
      pieces.push(piece);
      length += piece.length;
    }
    bytes = concatenate(pieces, length);
  }
  return bytes;
}

function concatenate(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/**
 * @param source a whole chunk, or what reads it piece by piece  @param name the chunk's name, a byte string
 * @param mode kinds of chunks allowed, as for load  @throws ChunkError, and what the reader throws
 */
export function parseChunk(source: Uint8Array | SourceReader, name: string, mode = 'bt'): Prototype {
  const first = typeof source === 'function' ? source() ?? new Uint8Array() : source;
  const kind = isBinaryChunk(first) ? 'binary' : 'text';
  if (!mode.includes(kind[0] as string)) throw new ChunkError(`attempt to load a ${kind} chunk (mode is '${mode}')`);
  try {
    if (typeof source !== 'function' || first.length === 0) return kind === 'binary' ? parseBinaryChunk(first) : compileChunk(first, name);
    const reader = readAgain(first, source);
    return kind === 'binary' ? parseBinaryChunk(readBinaryChunk(reader)) : compileChunk(reader, name);
  } catch (error) {
    if (error instanceof LuaSyntaxError) throw new ChunkError(error.message, { cause: error });
    if (error instanceof ImageError) throw new ChunkError(binaryChunkMessage(name, error), { cause: error });
    throw error;
  }
}

/** From a chunk's bytes, source text or binary, to its main function: what every way of loading goes through. */
import type { Prototype } from '../bytecode/prototype.ts';
import { compileChunk } from '../syntax/compile.ts';
import { LuaSyntaxError } from '../syntax/syntax-error.ts';
import { binaryChunkMessage, BINARY_MARK, parseBinaryChunk } from './binary-chunk.ts';
import { ImageError } from './prototype-image.ts';

/** A chunk that cannot be loaded. The message is a byte string, as Lua programs get it. */
export class ChunkError extends Error {
  override readonly name = 'ChunkError';
}

export const isBinaryChunk = (bytes: Uint8Array): boolean => bytes[0] === BINARY_MARK;

/** @param name the chunk's name, a byte string  @throws ChunkError */
export function parseChunk(bytes: Uint8Array, name: string): Prototype {
  try {
    return isBinaryChunk(bytes) ? parseBinaryChunk(bytes) : compileChunk(bytes, name);
  } catch (error) {
    if (error instanceof LuaSyntaxError) throw new ChunkError(error.message, { cause: error });
    if (error instanceof ImageError) throw new ChunkError(binaryChunkMessage(name, error), { cause: error });
    throw error;
  }
}

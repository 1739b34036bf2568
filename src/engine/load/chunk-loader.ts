/** From a chunk's bytes, source text or binary, to its main function's prototype in linear memory: what every way of loading goes through. */
import { THREAD_ERROR, VM_THREAD } from '../../bytecode/layout.ts';
import { compileChunk } from '../../syntax/compile.ts';
import type { SourceReader } from '../../syntax/lexer.ts';
import { LuaSyntaxError } from '../../syntax/syntax-error.ts';
import { Loader } from './loader.ts';
import type { Slots } from '../slots.ts';

/** A chunk that cannot be loaded. The message is a byte string, as Lua programs get it. */
export class ChunkError extends Error {
  override readonly name = 'ChunkError';
}

/** First byte of a binary chunk. */
const BINARY_MARK = 27;

/** A reader of a piece that was read already and those behind it. */
function readAgain(first: Uint8Array, reader: SourceReader): SourceReader {
  let next: Uint8Array | undefined = first;
  return () => {
    const piece = next ?? reader();
    next = undefined;
    return piece;
  };
}

/** A chunk's name in the messages about binary chunks (luaU_undump). */
function shownName(name: string): string {
  if (/^[@=]/.test(name)) return name.slice(1);
  return name.charCodeAt(0) === BINARY_MARK ? 'binary string' : name;
}

export class ChunkLoader {
  readonly #slots: Slots;
  readonly #loader: Loader;
  readonly #allowsBinary: boolean;

  /** @param allowsBinary whether binary chunks are loaded at all */
  constructor(slots: Slots, allowsBinary: boolean) {
    this.#slots = slots;
    this.#loader = new Loader(slots);
    this.#allowsBinary = allowsBinary;
  }

  /**
   * @param source a whole chunk, or what reads it piece by piece  @param name the chunk's name, a byte string
   * @param given kinds of chunks allowed, as for load  @returns a prototype that nothing roots yet  @throws ChunkError, and what the reader throws
   */
  load(source: Uint8Array | SourceReader, name: string, given = 'bt'): number {
    const first = typeof source === 'function' ? source() ?? new Uint8Array() : source;
    const kind = first[0] === BINARY_MARK ? 'binary' : 'text';
    const mode = this.#allowsBinary ? given : given.replaceAll('b', '');
    if (!mode.includes(kind[0] as string)) throw new ChunkError(`attempt to load a ${kind} chunk (mode is '${mode}')`);
    const reader = typeof source === 'function' && first.length > 0 ? readAgain(first, source) : undefined;
    if (kind === 'text') return this.#compile(reader ?? first, name);
    return this.#withBytes(reader ?? readAgain(first, () => undefined), (bytes, length) => {
      const proto = this.#slots.core.readChunk(bytes, length, 0);
      if (proto === 0) throw new ChunkError(`${shownName(name)}: bad binary format (${this.#problem()})`);
      return proto;
    });
  }

  /** A chunk that is part of the package. Its functions belong to the library. */
  loadLibrary(chunk: Uint8Array): number {
    return this.#withBytes(readAgain(chunk, () => undefined), (bytes, length) => this.#slots.core.readChunk(bytes, length, 1));
  }

  #problem(): string {
    const slots = this.#slots;
    return slots.stringText(slots.pointer(slots.memory.load(VM_THREAD) + THREAD_ERROR));
  }

  #compile(source: Uint8Array | SourceReader, name: string): number {
    try {
      return this.#loader.loadPrototype(compileChunk(source, name));
    } catch (error) {
      if (error instanceof LuaSyntaxError) throw new ChunkError(error.message, { cause: error });
      throw error;
    }
  }

  /** Reads a binary chunk into linear memory, and not what is behind it, for as long as `action` runs. */
  #withBytes(reader: SourceReader, action: (bytes: number, length: number) => number): number {
    const { core, memory } = this.#slots;
    let block = 0;
    let room = 0;
    let length = 0;
    try {
      for (let wanted = core.chunkSize(0, 0); length < wanted; ) {
        const piece = reader();
        if (piece === undefined || piece.length === 0) break;
        if (length + piece.length > room) {
          const grown = Math.max(length + piece.length, 2 * room);
          block = core.reallocateRaw(block, room, grown);
          room = grown;
        }
        memory.u8.set(piece, block + length);
        length += piece.length;
        wanted = core.chunkSize(block, length);
      }
      return action(block, length);
    } finally {
      if (block !== 0) core.freeRaw(block, room);
    }
  }
}

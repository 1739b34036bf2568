/** From a chunk's bytes, source text or binary, to its main function's prototype in linear memory: what every way of loading goes through. */
import { COMPILE_FAILED, STRING_BYTES, STRING_LENGTH, THREAD_ERROR, VM_THREAD } from '../../bytecode/layout.ts';
import type { Slots } from '../slots.ts';

/** A chunk that cannot be loaded. The message is a byte string, as Lua programs get it. */
export class ChunkError extends Error {
  override readonly name = 'ChunkError';
}

/** First byte of a binary chunk. */
const BINARY_MARK = 27;

/** Bytes in linear memory that stay where they are for as long as they are read. */
export interface SourceBytes {
  readonly address: number;
  readonly length: number;
}

/** The next piece of a source, a string object; 0 at its end, after which it is not called again. */
export type SourceReader = () => number;

/** A chunk's name in the messages about binary chunks (luaU_undump). */
function shownName(name: string): string {
  if (/^[@=]/.test(name)) return name.slice(1);
  return name.charCodeAt(0) === BINARY_MARK ? 'binary string' : name;
}

export class ChunkLoader {
  readonly #slots: Slots;
  readonly #allowsBinary: boolean;
  /** What the compilation under way reads. */
  #reader: SourceReader = () => 0;

  /** @param allowsBinary whether binary chunks are loaded at all */
  constructor(slots: Slots, allowsBinary: boolean) {
    this.#slots = slots;
    this.#allowsBinary = allowsBinary;
  }

  /** The next piece for the compiler. */
  readonly readPiece = (): number => this.#reader();

  /**
   * @param source a whole chunk, or what reads it piece by piece  @param name the chunk's name, a string object
   * @param given kinds of chunks allowed, as for load  @returns a prototype that nothing roots yet
   * @throws ChunkError, a syntax error (see `isSyntaxError`), and what the reader throws
   */
  load(source: SourceBytes | SourceReader, name: number, given = 'bt'): number {
    return typeof source === 'function' ? this.#loadPieces(source, name, given) : this.#loadBytes(source, name, given);
  }

  /** As `load`, for bytes of the host. */
  loadBytes(source: Uint8Array, name: number, given?: string): number {
    return this.#withBytes(source, (bytes) => this.load(bytes, name, given));
  }

  /** A chunk that is part of the package. Its functions belong to the library. */
  loadLibrary(chunk: Uint8Array): number {
    return this.#withBytes(chunk, ({ address, length }) => this.#slots.core.readChunk(address, length, 1));
  }

  /** Whether the error that the core has thrown came from the source that was compiled; its message is in THREAD_ERROR. */
  get isSyntaxError(): boolean {
    return this.#slots.memory.load(COMPILE_FAILED) !== 0;
  }

  #loadBytes({ address, length }: SourceBytes, name: number, given: string): number {
    if (!this.#isBinary(address, length, given)) return this.#compile(address, length, name);
    return this.#readBinary(address, length, name);
  }

  #loadPieces(reader: SourceReader, name: number, given: string): number {
    const { memory } = this.#slots;
    let first = reader();
    const isBinary = this.#isBinary(first + STRING_BYTES, first === 0 ? 0 : memory.load(first + STRING_LENGTH), given);
    const again = (): number => {
      const piece = first === 0 ? reader() : first;
      first = 0;
      return piece;
    };
    if (isBinary) return this.#collectBinary(again, (bytes) => this.#readBinary(bytes.address, bytes.length, name));
    const outer = this.#reader;
    this.#reader = first === 0 || memory.load(first + STRING_LENGTH) === 0 ? () => 0 : again;
    try {
      return this.#compile(0, 0, name);
    } finally {
      this.#reader = outer;
    }
  }

  /** What kind of chunk this is. @throws ChunkError if the mode forbids it */
  #isBinary(address: number, length: number, given: string): boolean {
    const isBinary = length > 0 && this.#slots.memory.loadByte(address) === BINARY_MARK;
    const kind = isBinary ? 'binary' : 'text';
    const mode = this.#allowsBinary ? given : given.replaceAll('b', '');
    if (!mode.includes(kind[0] as string)) throw new ChunkError(`attempt to load a ${kind} chunk (mode is '${mode}')`);
    return isBinary;
  }

  #compile(source: number, length: number, name: number): number {
    const { core } = this.#slots;
    core.beginCompilation(name);
    try {
      return core.compileChunk(source, length);
    } finally {
      core.endCompilation();
    }
  }

  #readBinary(address: number, length: number, name: number): number {
    const slots = this.#slots;
    const proto = slots.core.readChunk(address, length, 0);
    if (proto !== 0) return proto;
    const problem = slots.stringText(slots.pointer(slots.memory.load(VM_THREAD) + THREAD_ERROR));
    throw new ChunkError(`${shownName(slots.stringText(name))}: bad binary format (${problem})`);
  }

  /** Copies bytes into linear memory for as long as `action` runs. */
  #withBytes<Result>(bytes: Uint8Array, action: (copy: SourceBytes) => Result): Result {
    const { core, memory } = this.#slots;
    // An address also where there is nothing to copy.
    const size = Math.max(bytes.length, 1);
    const address = core.allocateRaw(size);
    memory.storeBytes(address, bytes);
    try {
      return action({ address, length: bytes.length });
    } finally {
      core.freeRaw(address, size);
    }
  }

  /** Reads a binary chunk into linear memory, and not what is behind it, for as long as `action` runs. */
  #collectBinary(reader: SourceReader, action: (chunk: SourceBytes) => number): number {
    const { core, memory } = this.#slots;
    let block = 0;
    let room = 0;
    let length = 0;
    try {
      for (let wanted = core.chunkSize(0, 0); length < wanted; ) {
        const piece = reader();
        const size = piece === 0 ? 0 : memory.load(piece + STRING_LENGTH);
        if (size === 0) break;
        if (length + size > room) {
          const grown = Math.max(length + size, 2 * room);
          block = core.reallocateRaw(block, room, grown);
          room = grown;
        }
        memory.moveBytes(block + length, piece + STRING_BYTES, size);
        length += size;
        wanted = core.chunkSize(block, length);
      }
      return action({ address: block, length });
    } finally {
      if (block !== 0) core.freeRaw(block, room);
    }
  }
}

/** Reads words one after the other, as the JIT's core writes them (jit/core/ir/flat.ts). */
export class WordReader {
  readonly #words: Int32Array<ArrayBuffer>;
  #at: number;

  /** @param at place of the first one */
  constructor(words: Int32Array<ArrayBuffer>, at = 0) {
    this.#words = words;
    this.#at = at;
  }

  next(): number {
    return this.#words[this.#at++]!;
  }

  address(): number {
    return this.next() >>> 0;
  }

  /** @param length what the next word says, where it is not given */
  list(length = this.next()): Int32Array<ArrayBuffer> {
    this.#at += length;
    return this.#words.subarray(this.#at - length, this.#at);
  }

  /** As many bytes as the next word says. */
  bytes(): Uint8Array<ArrayBuffer> {
    const length = this.next();
    const { buffer, byteOffset, BYTES_PER_ELEMENT } = this.#words;
    return new Uint8Array(buffer, byteOffset + this.#at * BYTES_PER_ELEMENT, length);
  }
}

/**
 * Interned names of one chunk: bytes to one JS string each, so that the same identifier costs no second string and names compare by
 * identity. Reserved words are seeded first; their place in the table is their token kind. Open addressing, never shrinks.
 */
import { bytesToText } from './byte-text.ts';
import { FIRST_RESERVED, RESERVED_COUNT, T_NAME, TOKEN_NAMES } from './tokens.ts';

const INITIAL_SIZE = 256;

/** One step of the hash over a name's bytes; start with HASH_START. */
export const hashStep = (hash: number, code: number): number => (Math.imul(hash, 33) ^ code) | 0;
export const HASH_START = 5381;

export class NameTable {
  private names: (string | undefined)[] = new Array<string | undefined>(INITIAL_SIZE);
  private hashes = new Int32Array(INITIAL_SIZE);
  private kinds = new Uint16Array(INITIAL_SIZE);
  private count = 0;
  /** Token kind of the name found last: T_NAME or a reserved word. */
  kind = T_NAME;

  constructor() {
    for (let index = 0; index < RESERVED_COUNT; index++) {
      const word = TOKEN_NAMES[index]!;
      let hash = HASH_START;
      for (let at = 0; at < word.length; at++) hash = hashStep(hash, word.charCodeAt(at));
      this.insert(word, hash, FIRST_RESERVED + index);
    }
  }

  /** The name in bytes[start, end), whose hash the caller computed while scanning it. Sets `kind`. */
  intern(bytes: Uint8Array, start: number, end: number, hash: number): string {
    const mask = this.names.length - 1;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const name = this.names[at];
      if (name === undefined) break;
      if (this.hashes[at] === hash && equals(name, bytes, start, end)) {
        this.kind = this.kinds[at]!;
        return name;
      }
    }
    const name = bytesToText(bytes, start, end);
    this.insert(name, hash, T_NAME);
    this.kind = T_NAME;
    return name;
  }

  private insert(name: string, hash: number, kind: number): void {
    if (this.count * 2 >= this.names.length) this.grow();
    const mask = this.names.length - 1;
    let at = hash & mask;
    while (this.names[at] !== undefined) at = (at + 1) & mask;
    this.names[at] = name;
    this.hashes[at] = hash;
    this.kinds[at] = kind;
    this.count++;
  }

  private grow(): void {
    const { names, hashes, kinds } = this;
    this.names = new Array<string | undefined>(names.length * 2);
    this.hashes = new Int32Array(names.length * 2);
    this.kinds = new Uint16Array(names.length * 2);
    this.count = 0;
    for (let at = 0; at < names.length; at++) {
      const name = names[at];
      if (name !== undefined) this.insert(name, hashes[at]!, kinds[at]!);
    }
  }
}

function equals(name: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let at = 0; at < name.length; at++) if (name.charCodeAt(at) !== bytes[start + at]) return false;
  return true;
}

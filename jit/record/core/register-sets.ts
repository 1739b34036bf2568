/**
 * Sets of registers, in rows of bits in one array. Why not a bigint or a Set for each: a generated program has functions of a hundred thousand
 * instructions, and the JIT looks at all of one before it compiles its first loop.
 */
export class RegisterSets {
  readonly #registers: number;
  /** Words of a row. */
  readonly #width: number;
  readonly #bits: Uint32Array;

  constructor(rows: number, registers: number) {
    this.#registers = registers;
    this.#width = Math.max(1, (registers + 31) >>> 5);
    this.#bits = new Uint32Array(rows * this.#width);
  }

  has(row: number, register: number): boolean {
    return ((this.#bits[row * this.#width + (register >>> 5)]! >>> (register & 31)) & 1) === 1;
  }

  /** Adds registers [from, to), as far as there are such. */
  add(row: number, from: number, to = from + 1): void {
    const end = Math.min(to, this.#registers);
    for (let register = from; register < end; ) {
      const stop = Math.min(end, (register | 31) + 1);
      this.#bits[row * this.#width + (register >>> 5)]! |= (0xffffffff >>> (32 - (stop - register))) << (register & 31);
      register = stop;
    }
  }

  remove(row: number, register: number): void {
    this.#bits[row * this.#width + (register >>> 5)]! &= ~(1 << (register & 31));
  }

  /** Adds all of another's only row. */
  merge(row: number, other: RegisterSets): void {
    for (let word = 0; word < this.#width; word++) this.#bits[row * this.#width + word]! |= other.#bits[word]!;
  }

  /** The equation of liveness: what is used here, or is live in front of one of the two successors and not overwritten here. @returns whether the row grew */
  flow(row: number, uses: RegisterSets, kills: RegisterSets, first: number, second: number): boolean {
    const live = this.#bits;
    const width = this.#width;
    let changed = false;
    for (let word = 0; word < width; word++) {
      const at = row * width + word;
      const before = uses.#bits[at]! | ((live[first * width + word]! | live[second * width + word]!) & ~kills.#bits[at]!);
      if (live[at] === before >>> 0) continue;
      live[at] = before;
      changed = true;
    }
    return changed;
  }
}

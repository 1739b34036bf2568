/**
 * Sets of registers, in rows of bits in one array. Why not a Set for each: a generated program has functions of a hundred thousand
 * instructions, and the JIT looks at all of one before it compiles its first loop.
 */
export class RegisterSets {
  /** Words of a row. */
  private width: i32;
  private bits: StaticArray<u32>;

  constructor(rows: i32, private registers: i32) {
    const width = max(1, (registers + 31) >>> 5);
    this.width = width;
    this.bits = new StaticArray<u32>(rows * width);
  }

  has(row: i32, register: i32): bool {
    return ((this.bits[row * this.width + (register >>> 5)] >>> (register & 31)) & 1) == 1;
  }

  /** Adds a register, if there is such a one. */
  add(row: i32, register: i32): void {
    this.addRange(row, register, register + 1);
  }

  /** Adds registers [from, to), as far as there are such. */
  addRange(row: i32, from: i32, to: i32): void {
    const end = min(to, this.registers);
    for (let register = from; register < end; ) {
      const stop = min(end, (register | 31) + 1);
      const at = row * this.width + (register >>> 5);
      this.bits[at] = this.bits[at] | ((u32.MAX_VALUE >>> (32 - (stop - register))) << (register & 31));
      register = stop;
    }
  }

  remove(row: i32, register: i32): void {
    const at = row * this.width + (register >>> 5);
    this.bits[at] = this.bits[at] & ~(1 << (register & 31));
  }

  /** Adds all of another's only row. */
  merge(row: i32, other: RegisterSets): void {
    const start = row * this.width;
    for (let word = 0; word < this.width; word++) this.bits[start + word] = this.bits[start + word] | other.bits[word];
  }

  /** The equation of liveness: what is used here, or is live in front of one of the two successors and not overwritten here. @returns whether the row grew */
  flow(row: i32, uses: RegisterSets, kills: RegisterSets, first: i32, second: i32): bool {
    const live = this.bits;
    const width = this.width;
    let changed = false;
    for (let word = 0; word < width; word++) {
      const at = row * width + word;
      const before = uses.bits[at] | ((live[first * width + word] | live[second * width + word]) & ~kills.bits[at]);
      if (live[at] == before) continue;
      live[at] = before;
      changed = true;
    }
    return changed;
  }
}

/**
 * Sets of numbers, in rows of bits. Why not a Set for each: a generated program has functions of a hundred thousand instructions, and the JIT looks
 * at all of one before it compiles its first loop.
 */
export class BitRows {
  /** Words of a row. */
  private width: i32;
  private start: usize;

  /** @param columns numbers that may be in a set */
  constructor(private rows: i32, private columns: i32) {
    this.width = max(1, (columns + 63) >> 6);
    const bytes = <usize>(rows * this.width) << 3;
    this.start = heap.alloc(bytes);
    memory.fill(this.start, 0, bytes);
  }

  // @ts-ignore: decorator
  @inline private row(row: i32): usize { return this.start + (<usize>(row * this.width) << 3); }
  // @ts-ignore: decorator
  @inline private word(row: i32, column: i32): usize { return this.row(row) + (<usize>(column >> 6) << 3); }

  has(row: i32, column: i32): bool {
    return (load<u64>(this.word(row, column)) & (<u64>1 << (column & 63))) != 0;
  }

  /** Adds a number, if there is such a one. */
  add(row: i32, column: i32): void {
    if (column >= this.columns) return;
    const word = this.word(row, column);
    store<u64>(word, load<u64>(word) | (<u64>1 << (column & 63)));
  }

  /** Adds numbers [from, to), as far as there are such. */
  addRange(row: i32, from: i32, to: i32): void {
    const end = min(to, this.columns);
    for (let column = from; column < end; ) {
      const stop = min(end, (column | 63) + 1);
      const word = this.word(row, column);
      store<u64>(word, load<u64>(word) | ((u64.MAX_VALUE >>> (64 - (stop - column))) << (column & 63)));
      column = stop;
    }
  }

  remove(row: i32, column: i32): void {
    const word = this.word(row, column);
    store<u64>(word, load<u64>(word) & ~(<u64>1 << (column & 63)));
  }

  clear(row: i32): void {
    memory.fill(this.row(row), 0, <usize>this.width << 3);
  }

  /** Adds all that is in a row of others with as many columns. */
  merge(row: i32, others: BitRows, from: i32): void {
    let source = others.row(from);
    let target = this.row(row);
    for (let rest = this.width; rest > 0; rest--, source += 8, target += 8) store<u64>(target, load<u64>(target) | load<u64>(source));
  }

  /** Copies a row over another. @returns whether that changed it */
  copy(from: i32, to: i32): bool {
    let source = this.row(from);
    let target = this.row(to);
    let difference: u64 = 0;
    for (let rest = this.width; rest > 0; rest--, source += 8, target += 8) {
      difference |= load<u64>(target) ^ load<u64>(source);
      store<u64>(target, load<u64>(source));
    }
    return difference != 0;
  }

  /** The equation of liveness: what is used here, or is live in front of one of the two successors and not overwritten here. @returns whether the row changed */
  flow(row: i32, uses: BitRows, kills: BitRows, first: i32, second: i32): bool {
    let changed = false;
    for (let word: usize = 0, end = <usize>this.width << 3; word < end; word += 8) {
      const at = this.row(row) + word;
      const behind = load<u64>(this.row(first) + word) | load<u64>(this.row(second) + word);
      const before = load<u64>(uses.row(row) + word) | (behind & ~load<u64>(kills.row(row) + word));
      if (load<u64>(at) == before) continue;
      store<u64>(at, before);
      changed = true;
    }
    return changed;
  }

  /** The first number from here on that is in a row, -1 if there is none. */
  next(row: i32, column: i32): i32 {
    for (let index = column >> 6; index < this.width; index++) {
      let word = load<u64>(this.row(row) + (<usize>index << 3));
      if (index == column >> 6) word &= u64.MAX_VALUE << (column & 63);
      if (word != 0) return (index << 6) + <i32>ctz(word);
    }
    return -1;
  }

  /** Where there are as many rows as columns: adds a to b's row wherever b is in a's. */
  mirror(): void {
    for (let row = 0; row < this.rows; row++) {
      for (let column = this.next(row, 0); column >= 0; column = this.next(row, column + 1)) this.add(column, row);
    }
  }
}

/** Rows of bits. */
export class BitMatrix {
  private words: i32;
  private start: usize;

  constructor(private rows: i32, columns: i32) {
    this.words = (columns + 63) >> 6;
    const bytes = <usize>(rows * this.words) << 3;
    this.start = heap.alloc(bytes);
    memory.fill(this.start, 0, bytes);
  }

  // @ts-ignore: decorator
  @inline private word(row: i32, column: i32): usize { return this.row(row) + (<usize>(column >> 6) << 3); }
  // @ts-ignore: decorator
  @inline private row(row: i32): usize { return this.start + (<usize>(row * this.words) << 3); }

  has(row: i32, column: i32): bool {
    return (load<u64>(this.word(row, column)) & (<u64>1 << (column & 63))) != 0;
  }

  set(row: i32, column: i32): void {
    const word = this.word(row, column);
    store<u64>(word, load<u64>(word) | (<u64>1 << (column & 63)));
  }

  clear(row: i32, column: i32): void {
    const word = this.word(row, column);
    store<u64>(word, load<u64>(word) & ~(<u64>1 << (column & 63)));
  }

  clearRow(row: i32): void {
    memory.fill(this.row(row), 0, <usize>this.words << 3);
  }

  /** Adds a row to another. */
  add(from: i32, to: i32): void {
    this.addFrom(this, from, to);
  }

  /** Adds a row of another matrix with as many columns to one of this. */
  addFrom(other: BitMatrix, from: i32, to: i32): void {
    let source = other.row(from);
    let target = this.row(to);
    for (let rest = this.words; rest > 0; rest--, source += 8, target += 8) store<u64>(target, load<u64>(target) | load<u64>(source));
  }

  /** Copies a row over another. @returns whether that changed it */
  copy(from: i32, to: i32): bool {
    let source = this.row(from);
    let target = this.row(to);
    let difference: u64 = 0;
    for (let rest = this.words; rest > 0; rest--, source += 8, target += 8) {
      difference |= load<u64>(target) ^ load<u64>(source);
      store<u64>(target, load<u64>(source));
    }
    return difference != 0;
  }

  /** The first column from here on that is set in a row, -1 if there is none. */
  next(row: i32, column: i32): i32 {
    for (let index = column >> 6; index < this.words; index++) {
      let word = load<u64>(this.row(row) + (<usize>index << 3));
      if (index == column >> 6) word &= <u64>-1 << (column & 63);
      if (word != 0) return (index << 6) + <i32>ctz(word);
    }
    return -1;
  }

  /** Sets [b, a] wherever [a, b] is set. */
  mirror(): void {
    for (let row = 0; row < this.rows; row++) {
      for (let column = this.next(row, 0); column >= 0; column = this.next(row, column + 1)) this.set(column, row);
    }
  }
}

/** A growing byte buffer with the binary format's number encodings. */
export class ByteWriter {
  private capacity: i32;
  private start: usize;
  length: i32 = 0;

  /** @param capacity bytes to begin with */
  constructor(capacity: i32) {
    this.capacity = capacity;
    this.start = heap.alloc(capacity);
  }

  /** Address of the bytes, until more are written. */
  get address(): usize {
    return this.start;
  }

  byte(value: i32): void {
    if (this.length == this.capacity) this.reserve(1);
    store<u8>(this.start + this.length++, <u8>value);
  }

  bytes(address: usize, count: i32): void {
    this.reserve(count);
    memory.copy(this.start + this.length, address, count);
    this.length += count;
  }

  /** Unsigned LEB128. */
  u32(value: u32): void {
    let rest = value;
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    this.byte(rest);
  }

  /** Signed LEB128 of an i32 or an i64. */
  signed(value: i64): void {
    let rest = value;
    while (rest < -64 || rest > 63) {
      this.byte((<i32>rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    this.byte(<i32>rest & 0x7f);
  }

  word(value: i32): void {
    this.reserve(4);
    store<i32>(this.start + this.length, value);
    this.length += 4;
  }

  /** A name: length and ASCII bytes. */
  name(text: string): void {
    this.u32(text.length);
    for (let i = 0; i < text.length; i++) this.byte(text.charCodeAt(i));
  }

  /** Appends another writer's bytes, preceded by their number. */
  sized(content: ByteWriter): void {
    this.u32(content.length);
    this.bytes(content.start, content.length);
  }

  section(id: i32, content: ByteWriter): void {
    this.byte(id);
    this.sized(content);
  }

  private reserve(count: i32): void {
    if (this.length + count <= this.capacity) return;
    this.capacity = max(this.capacity * 2, this.length + count);
    this.start = heap.realloc(this.start, this.capacity);
  }
}

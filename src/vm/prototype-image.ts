/**
 * Prototypes as bytes: how the Lua-written libraries travel in the package. Written at build time, read at start, by the same version, so
 * there is no version field and no check; programs never see this format.
 *
 * All numbers are little endian; a `count` is u32; a name is a count and its bytes. See `writePrototype` for the order.
 */
import type { Constant, LocalVariable, Prototype, UpvalueDescription } from '../bytecode/prototype.ts';
import { fromByteString, toByteString } from './text.ts';

const TAGS = { nil: 0, false: 1, true: 2, integer: 3, float: 4, string: 5 } as const;

class Writer {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  #room(size: number): number {
    const at = this.#length;
    this.#length += size;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(this.#length * 2);
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }

  u8(value: number): void {
    const at = this.#room(1);
    this.#view.setUint8(at, value);
  }

  u32(value: number): void {
    const at = this.#room(4);
    this.#view.setUint32(at, value >>> 0, true);
  }

  i64(value: bigint): void {
    const at = this.#room(8);
    this.#view.setBigInt64(at, value, true);
  }

  f64(value: number): void {
    const at = this.#room(8);
    this.#view.setFloat64(at, value, true);
  }

  bytes(value: Uint8Array): void {
    this.u32(value.length);
    const at = this.#room(value.length);
    this.#bytes.set(value, at);
  }

  list<Item>(items: Iterable<Item> & { readonly length: number }, write: (item: Item) => void): void {
    this.u32(items.length);
    for (const item of items) write(item);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}

function writeConstant(out: Writer, constant: Constant): void {
  if (constant === null) out.u8(TAGS.nil);
  else if (typeof constant === 'boolean') out.u8(constant ? TAGS.true : TAGS.false);
  else if (typeof constant === 'bigint') {
    out.u8(TAGS.integer);
    out.i64(constant);
  } else if (typeof constant === 'number') {
    out.u8(TAGS.float);
    out.f64(constant);
  } else {
    out.u8(TAGS.string);
    out.bytes(constant);
  }
}

function writePrototype(out: Writer, prototype: Prototype): void {
  out.bytes(fromByteString(prototype.source));
  out.u32(prototype.lineDefined);
  out.u32(prototype.lastLineDefined);
  out.u8(prototype.parameterCount);
  out.u8(prototype.isVararg ? 1 : 0);
  out.u32(prototype.maxStack);
  out.list(prototype.code, (word) => out.u32(word));
  out.list(prototype.lines, (line) => out.u32(line));
  out.list(prototype.constants, (constant) => writeConstant(out, constant));
  out.list(prototype.upvalues, (upvalue) => {
    out.bytes(fromByteString(upvalue.name));
    out.u8(upvalue.fromStack ? 1 : 0);
    out.u8(upvalue.index);
    out.u8(upvalue.kind);
  });
  out.list(prototype.locals, (local) => {
    out.bytes(fromByteString(local.name));
    out.u32(local.register);
    out.u32(local.startPc);
    out.u32(local.endPc);
  });
  out.list(prototype.prototypes, (nested) => writePrototype(out, nested));
}

/** The bytes of a prototype and all it contains. */
export function serialisePrototype(prototype: Prototype): Uint8Array {
  const out = new Writer();
  writePrototype(out, prototype);
  return out.finish();
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(): number {
    return this.#view.getUint8(this.#at++);
  }

  u32(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4, true);
  }

  i64(): bigint {
    this.#at += 8;
    return this.#view.getBigInt64(this.#at - 8, true);
  }

  f64(): number {
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8, true);
  }

  bytes(): Uint8Array {
    const length = this.u32();
    this.#at += length;
    return this.#bytes.slice(this.#at - length, this.#at);
  }

  text(): string {
    return toByteString(this.bytes());
  }

  list<Item>(read: () => Item): Item[] {
    return Array.from({ length: this.u32() }, read);
  }
}

function readConstant(input: Reader): Constant {
  switch (input.u8()) {
    case TAGS.nil:
      return null;
    case TAGS.false:
      return false;
    case TAGS.true:
      return true;
    case TAGS.integer:
      return input.i64();
    case TAGS.float:
      return input.f64();
    default:
      return input.bytes();
  }
}

const readUpvalue = (input: Reader): UpvalueDescription => ({ name: input.text(), fromStack: input.u8() === 1, index: input.u8(), kind: input.u8() });

const readLocal = (input: Reader): LocalVariable => ({ name: input.text(), register: input.u32(), startPc: input.u32(), endPc: input.u32() });

function readPrototype(input: Reader): Prototype {
  return {
    source: input.text(),
    lineDefined: input.u32(),
    lastLineDefined: input.u32(),
    parameterCount: input.u8(),
    isVararg: input.u8() === 1,
    maxStack: input.u32(),
    code: Uint32Array.from(input.list(() => input.u32())),
    lines: Int32Array.from(input.list(() => input.u32())),
    constants: input.list(() => readConstant(input)),
    upvalues: input.list(() => readUpvalue(input)),
    locals: input.list(() => readLocal(input)),
    prototypes: input.list(() => readPrototype(input)),
  };
}

/** The prototype that `serialisePrototype` wrote. */
export function parsePrototypeImage(bytes: Uint8Array): Prototype {
  return readPrototype(new Reader(bytes));
}

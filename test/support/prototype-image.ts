/**
 * Prototypes as the bytes of a binary chunk's image (src/core/chunk/format.ts), written and read apart from the engine: what its reader and writer are compared
 * with, and how tests forge chunks.
 */
import { opOf } from '../../src/bytecode/instruction.ts';
import { OPCODES } from '../../src/bytecode/opcode-table.ts';
import type { Constant, LocalVariable, Prototype, UpvalueDescription } from './prototype.ts';
import { fromByteString, toByteString } from '../../src/engine/text.ts';

const TAGS = { nil: 0, false: 1, true: 2, integer: 3, float: 4, string: 5 } as const;
/** Functions nested in one another; the compiler's own limit is lower. */
const MAX_DEPTH = 200;
/** Source name of functions without debug data. */
const NO_SOURCE = '=?';

/** What is wrong with bytes that are no image. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
}

export class ByteWriter {
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

  /** Four bytes, little endian. */
  u32(value: number): void {
    const at = this.#room(4);
    this.#view.setUint32(at, value >>> 0, true);
  }

  /** A varint of up to 32 bits. */
  number(value: number): void {
    let rest = value >>> 0;
    for (; rest > 127; rest >>>= 7) this.u8((rest & 127) | 128);
    this.u8(rest);
  }

  i64(value: bigint): void {
    const at = this.#room(8);
    this.#view.setBigInt64(at, value, true);
  }

  f64(value: number): void {
    const at = this.#room(8);
    this.#view.setFloat64(at, value, true);
  }

  /** Bytes as they are. */
  raw(value: Uint8Array): void {
    const at = this.#room(value.length);
    this.#bytes.set(value, at);
  }

  bytes(value: Uint8Array): void {
    this.number(value.length);
    this.raw(value);
  }

  text(value: string): void {
    this.bytes(fromByteString(value));
  }

  list<Item>(items: Iterable<Item> & { readonly length: number }, write: (item: Item) => void): void {
    this.number(items.length);
    for (const item of items) write(item);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}

function writeConstant(out: ByteWriter, constant: Constant): void {
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

/** Number of words, then each instruction, with its second word if that is data. */
function writeCode(out: ByteWriter, code: Uint32Array): void {
  out.number(code.length / 2);
  for (let at = 0; at < code.length; at += 2) {
    out.u32(code[at] as number);
    out.u32(code[at + 1] as number);
    const { cache } = OPCODES[opOf(code[at] as number)] ?? {};
    if (cache === undefined) continue;
    at += 2;
    if (cache === 'data') out.number(code[at] as number);
  }
}

function writeFunction(out: ByteWriter, prototype: Prototype, strip: boolean): void {
  out.number(prototype.lineDefined);
  out.number(prototype.lastLineDefined);
  out.u8(prototype.parameterCount);
  out.u8(prototype.isVararg ? 1 : 0);
  out.u8(prototype.maxStack);
  writeCode(out, prototype.code);
  out.list(strip ? [] : prototype.lines, (line) => out.number(line));
  out.list(prototype.constants, (constant) => writeConstant(out, constant));
  out.list(prototype.upvalues, (upvalue) => {
    out.text(strip ? '' : upvalue.name);
    out.u8(upvalue.fromStack ? 1 : 0);
    out.u8(upvalue.index);
    out.u8(upvalue.kind);
  });
  out.list(strip ? [] : prototype.locals, (local) => {
    out.text(local.name);
    out.u8(local.register);
    out.number(local.startPc);
    out.number(local.endPc);
  });
  out.list(prototype.prototypes, (nested) => writeFunction(out, nested, strip));
}

/** The bytes of a prototype and all it contains. @param strip leave names, lines and the source out */
export function serialisePrototype(prototype: Prototype, strip = false): Uint8Array {
  const out = new ByteWriter();
  out.text(strip ? NO_SOURCE : prototype.source);
  writeFunction(out, prototype, strip);
  return out.finish();
}

/** Reads what ByteWriter writes. Every method raises an ImageError where the bytes end too soon. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #take(size: number): number {
    if (size > this.#bytes.length - this.#at) throw new ImageError('truncated chunk');
    this.#at += size;
    return this.#at - size;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.u8();
      if (shift === 28 && byte > 15) throw new ImageError('integer overflow');
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
  }

  i64(): bigint {
    return this.#view.getBigInt64(this.#take(8), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  raw(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.slice(at, at + length);
  }

  bytes(): Uint8Array {
    return this.raw(this.number());
  }

  text(): string {
    return toByteString(this.bytes());
  }

  /** A length, of items that take at least `itemSize` bytes each. */
  count(itemSize: number): number {
    const count = this.number();
    if (count * itemSize > this.#bytes.length - this.#at) throw new ImageError('truncated chunk');
    return count;
  }

  list<Item>(read: () => Item): Item[] {
    return Array.from({ length: this.count(1) }, read);
  }
}

function readConstant(input: ByteReader): Constant {
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
    case TAGS.string:
      return input.bytes();
    default:
      throw new ImageError('invalid constant');
  }
}

function readCode(input: ByteReader): Uint32Array {
  // Second words are not in the image, so an instruction of two words takes eight bytes at least.
  const words = input.count(4);
  const code = new Uint32Array(2 * words);
  for (let at = 0; at < words; at++) {
    code[2 * at] = input.u32();
    code[2 * at + 1] = input.u32();
    const { cache } = OPCODES[opOf(code[2 * at] as number)] ?? {};
    if (cache === undefined) continue;
    if (++at === words) throw new ImageError('invalid code');
    if (cache === 'data') code[2 * at] = input.number();
  }
  return code;
}

const readUpvalue = (input: ByteReader): UpvalueDescription => ({ name: input.text(), fromStack: input.u8() !== 0, index: input.u8(), kind: input.u8() });

const readLocal = (input: ByteReader): LocalVariable => ({ name: input.text(), register: input.u8(), startPc: input.number(), endPc: input.number() });

function readFunction(input: ByteReader, source: string, depth: number): Prototype {
  if (depth > MAX_DEPTH) throw new ImageError('functions nested too deeply');
  return {
    source,
    lineDefined: input.number(),
    lastLineDefined: input.number(),
    parameterCount: input.u8(),
    isVararg: input.u8() !== 0,
    maxStack: input.u8(),
    code: readCode(input),
    lines: Int32Array.from(input.list(() => input.number())),
    constants: input.list(() => readConstant(input)),
    upvalues: input.list(() => readUpvalue(input)),
    locals: input.list(() => readLocal(input)),
    prototypes: input.list(() => readFunction(input, source, depth + 1)),
  };
}

/** The prototype that `serialisePrototype` wrote. @throws ImageError */
export function parsePrototypeImage(bytes: Uint8Array): Prototype {
  const input = new ByteReader(bytes);
  return readFunction(input, input.text(), 0);
}

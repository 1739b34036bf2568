/**
 * Values of the host as bytes. The bytes of a record are canonical: the fields first; behind them, field by field, what the fields refer to, the
 * elements of an array behind what they refer to themselves; gaps are zero, and what is empty is at offset 0. So equal values have equal bytes.
 */
import { type ArrayType, bitsOf, type EnumType, extentOf, type Field, isVariant, layoutOf, type PlacedField, type RecordLayout, SCALARS, type ScalarName, type Type } from '../api/types.ts';
import { ContractError } from '../errors.ts';
import { describe } from './describe.ts';

/** Bytes that a record may take, and values in one another. */
const MAX_BYTES = 1 << 30;
export const MAX_DEPTH = 100;

const LONE_SURROGATE = /\p{Surrogate}/u;
const textEncoder = new TextEncoder();

const WRITERS: Readonly<Record<ScalarName, (view: DataView, at: number, value: number | bigint) => void>> = {
  u8: (view, at, value) => view.setUint8(at, Number(value)),
  u16: (view, at, value) => view.setUint16(at, Number(value), true),
  u32: (view, at, value) => view.setUint32(at, Number(value), true),
  u64: (view, at, value) => view.setBigUint64(at, BigInt(value), true),
  i8: (view, at, value) => view.setInt8(at, Number(value)),
  i16: (view, at, value) => view.setInt16(at, Number(value), true),
  i32: (view, at, value) => view.setInt32(at, Number(value), true),
  i64: (view, at, value) => view.setBigInt64(at, BigInt(value), true),
  f32: (view, at, value) => view.setFloat32(at, Number(value), true),
  f64: (view, at, value) => view.setFloat64(at, Number(value), true),
  bool: (view, at, value) => view.setUint8(at, Number(value)),
  Ptr: (view, at, value) => view.setBigUint64(at, BigInt(value), true),
};

const isInteger = (value: unknown): value is number | bigint => typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));

/** Where records are written first; a getter that writes another one meanwhile finds none. */
let scratch: DataView | undefined = new DataView(new ArrayBuffer(4096));

/** Writes one record. Methods take the bytes that they write to: the record's, or those of the elements of an array. */
class RecordEncoder {
  readonly #record: DataView;
  /** The record, and behind it what it refers to: the same memory as the record's, until there is more than that holds. */
  #bytes: Uint8Array;
  #end: number;
  /** Names of what is being written, for messages. */
  readonly #path: string[];

  constructor(record: DataView, size: number, where: string) {
    this.#record = record;
    this.#bytes = new Uint8Array(record.buffer);
    this.#bytes.fill(0, 0, size);
    this.#end = size;
    this.#path = [where];
  }

  encode({ fields, size }: RecordLayout, values: ArrayLike<unknown>): Uint8Array {
    for (let i = 0; i < fields.length; i++) this.#field(this.#record, 0, fields[i]!, values[i]);
    if (this.#bytes.buffer !== this.#record.buffer) this.#bytes.set(new Uint8Array(this.#record.buffer, 0, size));
    return this.#bytes.slice(0, this.#end);
  }

  #field(target: DataView, at: number, { name, type, offset }: PlacedField, value: unknown): void {
    this.#enter(`.${name}`);
    this.#write(target, at + offset, type, value);
    this.#path.pop();
  }

  #enter(name: string): void {
    this.#path.push(name);
    if (this.#path.length > MAX_DEPTH) this.#fail(`at most ${MAX_DEPTH} values in one another`);
  }

  /** @param got what is there instead, in words */
  #fail(expected: string, got?: string): never {
    const [where, ...path] = this.#path;
    throw new ContractError('bad-value', `${where}: ${path.join('').replace(/^\./, '')}: ${expected} expected${got === undefined ? '' : `, got ${got}`}`);
  }

  #write(target: DataView, at: number, type: Type, value: unknown): void {
    switch (type.kind) {
      case 'scalar':
        return this.#scalar(target, at, type.name, value);
      case 'enum':
        return this.#variant(target, at, type, value);
      case 'string':
        if (typeof value !== 'string') return this.#fail('a string', describe(value));
        if (LONE_SURROGATE.test(value)) return this.#fail('a string without lone surrogates');
        return this.#refer(target, at, textEncoder.encode(value), 1);
      case 'buffer':
        if (!(value instanceof Uint8Array)) return this.#fail('a Uint8Array', describe(value));
        target.setUint32(at + 16, value.length, true);
        return this.#refer(target, at, value, 1);
      case 'array':
        return this.#array(target, at, type, value);
      case 'struct': {
        if (typeof value !== 'object' || value === null || Array.isArray(value)) return this.#fail(type.name, describe(value));
        for (const field of layoutOf(type.fields).fields) this.#field(target, at, field, (value as Readonly<Record<string, unknown>>)[field.name]);
      }
    }
  }

  #scalar(target: DataView, at: number, name: ScalarName, value: unknown): void {
    const format = SCALARS[name];
    if (format.kind === 'bool') {
      if (typeof value !== 'boolean') this.#fail('a boolean', describe(value));
    } else if (format.kind === 'float') {
      if (typeof value !== 'number') return this.#fail('a number', describe(value));
      if (format.size === 4 && Number.isFinite(value) && !Number.isFinite(Math.fround(value))) this.#fail(name, describe(value));
    } else if (!isInteger(value) || value < format.low || value > format.high) {
      this.#fail(`${name} from ${format.low} to ${format.high}`, describe(value));
    }
    WRITERS[name](target, at, value as number);
  }

  #variant(target: DataView, at: number, type: EnumType, value: unknown): void {
    if (!isInteger(value) || !isVariant(type, BigInt(value))) this.#fail(type.isBitflag ? `${type.name}, bits of ${bitsOf(type)},` : type.name, describe(value));
    WRITERS[type.format](target, at, value as number);
  }

  #array(target: DataView, at: number, { element, name }: ArrayType, value: unknown): void {
    if (!Array.isArray(value) && !(ArrayBuffer.isView(value) && !(value instanceof DataView))) return this.#fail(name, describe(value));
    const items = value as ArrayLike<unknown>;
    const { length } = items;
    const { size, align } = extentOf(element);
    this.#checkRoom(length * size);
    const block = new DataView(new ArrayBuffer(length * size));
    for (let i = 0; i < length; i++) {
      this.#enter(`[${i}]`);
      this.#write(block, i * size, element, items[i]);
      this.#path.pop();
    }
    this.#refer(target, at, new Uint8Array(block.buffer), align, length);
  }

  /** Puts bytes behind the others, and writes where they are and how many there are of what they hold. */
  #refer(target: DataView, at: number, content: Uint8Array, align: number, count = content.length): void {
    if (content.length === 0) return;
    this.#checkRoom(content.length);
    const offset = Math.ceil(this.#end / align) * align;
    const end = offset + content.length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#bytes.length, 64));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.fill(0, this.#end, offset);
    this.#bytes.set(content, offset);
    this.#end = end;
    target.setUint32(at, offset, true);
    target.setUint32(at + 8, count, true);
  }

  #checkRoom(size: number): void {
    if (!(this.#end + size <= MAX_BYTES)) this.#fail(`at most ${MAX_BYTES} bytes`);
  }
}

/**
 * Bytes of a record.
 * @param values of the fields, in their order. Numbers or bigints are integers, Uint8Arrays buffers, objects structs, arrays and typed arrays arrays.
 * @param where what the record is, for messages
 * @throws ContractError bad-value, naming the place
 */
export function encodeRecord(fields: readonly Field[], values: ArrayLike<unknown>, where: string): Uint8Array {
  const layout = layoutOf(fields);
  const own = scratch;
  scratch = undefined;
  try {
    const record = own !== undefined && layout.size <= own.byteLength ? own : new DataView(new ArrayBuffer(layout.size));
    return new RecordEncoder(record, layout.size, where).encode(layout, values);
  } catch (error) {
    if (error instanceof ContractError) throw error;
    // Getters and proxies of the host, and what there is no memory for.
    throw new ContractError('bad-value', `${where}: reading it failed`, { cause: error });
  } finally {
    scratch = own;
  }
}

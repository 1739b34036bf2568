/** Bytes as values of the host. Nothing in the bytes is taken on trust: they may be anybody's. */
import { type EnumType, extentOf, type Field, isVariant, layoutOf, type ScalarName, type Type } from '../api/types.ts';
import { checkArgument, ContractError, type ContractErrorReason } from '../errors.ts';
import { MAX_DEPTH } from './encode.ts';

const textDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const READERS: Readonly<Record<ScalarName, (view: DataView, at: number) => number | bigint>> = {
  u8: (view, at) => view.getUint8(at),
  u16: (view, at) => view.getUint16(at, true),
  u32: (view, at) => view.getUint32(at, true),
  u64: (view, at) => view.getBigUint64(at, true),
  i8: (view, at) => view.getInt8(at),
  i16: (view, at) => view.getInt16(at, true),
  i32: (view, at) => view.getInt32(at, true),
  i64: (view, at) => view.getBigInt64(at, true),
  f32: (view, at) => view.getFloat32(at, true),
  f64: (view, at) => view.getFloat64(at, true),
  bool: (view, at) => view.getUint8(at),
  Ptr: (view, at) => view.getBigUint64(at, true),
};

class RecordDecoder {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #where: string;
  /** Bytes that nothing has referred to yet: each belongs to one value, so no small buffer stands for a large value. */
  #left: number;

  constructor(bytes: Uint8Array, where: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#where = where;
    this.#left = bytes.length;
  }

  decode(fields: readonly Field[]): unknown[] {
    const layout = layoutOf(fields);
    if (this.#bytes.length < layout.size) this.#fail('buffer-too-small', `${layout.size} bytes expected, got ${this.#bytes.length}`);
    this.#left -= layout.size;
    return layout.fields.map(({ type, offset }) => this.#read(offset, type, 0));
  }

  #fail(reason: ContractErrorReason, problem: string): never {
    throw new ContractError(reason, `${this.#where}: ${problem}`);
  }

  #read(at: number, type: Type, depth: number): unknown {
    if (depth > MAX_DEPTH) this.#fail('bad-value', 'values are nested too deeply');
    switch (type.kind) {
      case 'scalar': {
        const value = READERS[type.name](this.#view, at);
        if (type.name !== 'bool') return value;
        return value === 1 || (value === 0 ? false : this.#fail('bad-value', `${value} is no bool`));
      }
      case 'enum':
        return this.#variant(at, type);
      case 'string': {
        const content = this.#referred(at, 1, 1);
        try {
          return textDecoder.decode(content);
        } catch {
          return this.#fail('bad-value', 'a StringView that is no UTF-8');
        }
      }
      case 'buffer':
        return this.#referred(at, 1, 1).slice();
      case 'array': {
        const { size, align } = extentOf(type.element);
        const { byteOffset, length } = this.#referred(at, size, align);
        const first = byteOffset - this.#bytes.byteOffset;
        return Array.from({ length: length / size }, (_, i) => this.#read(first + i * size, type.element, depth + 1));
      }
      case 'struct':
        return Object.fromEntries(layoutOf(type.fields).fields.map(({ name, type: fieldType, offset }) => [name, this.#read(at + offset, fieldType, depth + 1)]));
    }
  }

  #variant(at: number, type: EnumType): number | bigint {
    const value = READERS[type.format](this.#view, at);
    return isVariant(type, BigInt(value)) ? value : this.#fail('bad-value', `${value} is no ${type.name}`);
  }

  /** The bytes that an offset and a count refer to. */
  #referred(at: number, size: number, align: number): Uint8Array {
    const count = this.#view.getBigUint64(at + 8, true);
    if (count === 0n) return this.#bytes.subarray(0, 0);
    const offset = this.#view.getBigUint64(at, true);
    if (offset + count * BigInt(size) > BigInt(this.#bytes.length)) this.#fail('invalid-pointer', `${count} times ${size} bytes at ${offset}, of ${this.#bytes.length}`);
    if (Number(offset) % align !== 0) this.#fail('invalid-pointer', `${offset} is no multiple of ${align}`);
    const length = Number(count) * size;
    this.#left -= length;
    if (this.#left < 0) this.#fail('invalid-pointer', 'bytes that are referred to twice');
    return this.#bytes.subarray(Number(offset), Number(offset) + length);
  }
}

/**
 * Values of the fields of a record, in their order: integers of up to 32 bits as numbers, of 64 bits as bigints; buffers as copies.
 * @param where what the record is, for messages
 * @throws ContractError buffer-too-small, invalid-pointer, bad-value
 */
export function decodeRecord(fields: readonly Field[], bytes: Uint8Array, where: string): unknown[] {
  checkArgument(ArrayBuffer.isView(bytes) && isAttached(bytes.buffer), `${where}: a Uint8Array expected, whose buffer is there`);
  return new RecordDecoder(bytes, where).decode(fields);
}

/** Was it not transferred? */
function isAttached(buffer: ArrayBufferLike): boolean {
  try {
    return new Uint8Array(buffer).length >= 0;
  } catch {
    return false;
  }
}

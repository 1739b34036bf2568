/**
 * The types of the ABI. Layouts are those of C on 64-bit machines, little-endian, with offsets into the buffer in place of pointers:
 *
 *   u8 ... i64, f32, f64   themselves, aligned to their size
 *   bool                   one byte, 0 or 1
 *   Ptr                    u64 that means something to the host alone
 *   StringView             { offset u64, length u64 }: UTF-8
 *   Buffer                 { offset u64, length u64, capacity u64 }
 *   Array<T>               { offset u64, length u64 }: elements side by side
 *   enums                  their representation
 *   structs                their fields, each aligned, the end padded to the alignment of the widest
 */
import { MoontraceError } from '../../src/api/index.ts';
import { checkArgument } from '../errors.ts';

/** How an integer is laid out and what it may be. */
interface IntegerFormat {
  readonly kind: 'integer';
  readonly size: 1 | 2 | 4 | 8;
  readonly low: bigint;
  readonly high: bigint;
}

interface FloatFormat {
  readonly kind: 'float';
  readonly size: 4 | 8;
}

interface BoolFormat {
  readonly kind: 'bool';
  readonly size: 1;
}

const unsigned = (size: IntegerFormat['size']): IntegerFormat => ({ kind: 'integer', size, low: 0n, high: (1n << BigInt(8 * size)) - 1n });
const signed = (size: IntegerFormat['size']): IntegerFormat => ({ kind: 'integer', size, low: -(1n << BigInt(8 * size - 1)), high: (1n << BigInt(8 * size - 1)) - 1n });

/** Types that have no parts. */
export const SCALARS = {
  u8: unsigned(1), u16: unsigned(2), u32: unsigned(4), u64: unsigned(8),
  i8: signed(1), i16: signed(2), i32: signed(4), i64: signed(8),
  f32: { kind: 'float', size: 4 }, f64: { kind: 'float', size: 8 },
  bool: { kind: 'bool', size: 1 },
  Ptr: unsigned(8),
} as const satisfies Record<string, IntegerFormat | FloatFormat | BoolFormat>;

export type ScalarName = keyof typeof SCALARS;
/** What an enum may be stored as. */
export const ENUM_FORMATS = ['u8', 'u16', 'u32', 'u64'] as const satisfies readonly ScalarName[];
export type EnumFormat = (typeof ENUM_FORMATS)[number];

interface ScalarType {
  readonly kind: 'scalar';
  readonly name: ScalarName;
}

interface StringViewType {
  readonly kind: 'string';
  readonly name: 'StringView';
}

interface BufferType {
  readonly kind: 'buffer';
  readonly name: 'Buffer';
}

export interface ArrayType {
  readonly kind: 'array';
  readonly name: string;
  readonly element: Type;
}

export interface Variant {
  readonly name: string;
  readonly value: bigint;
  readonly docs: string;
}

export interface EnumType {
  readonly kind: 'enum';
  readonly name: string;
  readonly format: EnumFormat;
  /** Whether values are sets of variants: any of their bits together. */
  readonly isBitflag: boolean;
  readonly variants: readonly Variant[];
  readonly docs: string;
}

export interface Field {
  readonly name: string;
  readonly type: Type;
  readonly docs: string;
}

export interface StructType {
  readonly kind: 'struct';
  readonly name: string;
  readonly fields: readonly Field[];
  readonly docs: string;
}

export type Type = ScalarType | StringViewType | BufferType | ArrayType | EnumType | StructType;

/** Bytes of the values of a type, and what their address is a multiple of. */
interface Extent {
  readonly size: number;
  readonly align: number;
}

/** A field with its place. */
export interface PlacedField extends Field {
  readonly offset: number;
}

/** Fields side by side: a struct, or the arguments of a function. */
export interface RecordLayout extends Extent {
  readonly fields: readonly PlacedField[];
}

const alignUp = (offset: number, align: number): number => Math.ceil(offset / align) * align;

const layouts = new WeakMap<readonly Field[], RecordLayout>();

/** Where the fields of a record lie. */
export function layoutOf(fields: readonly Field[]): RecordLayout {
  const known = layouts.get(fields);
  if (known !== undefined) return known;
  checkArgument(Array.isArray(fields), 'fields: an array expected');
  let end = 0;
  let align = 1;
  const placed = fields.map((field) => {
    const extent = extentOf(field?.type);
    const offset = alignUp(end, extent.align);
    end = offset + extent.size;
    align = Math.max(align, extent.align);
    return { ...field, offset };
  });
  const layout = { fields: placed, size: alignUp(end, align), align };
  layouts.set(fields, layout);
  return layout;
}

export function extentOf(type: Type): Extent {
  switch (type?.kind) {
    case 'scalar':
      return { size: SCALARS[type.name].size, align: SCALARS[type.name].size };
    case 'enum':
      return { size: SCALARS[type.format].size, align: SCALARS[type.format].size };
    case 'buffer':
      return { size: 24, align: 8 };
    case 'string':
    case 'array':
      return { size: 16, align: 8 };
    case 'struct':
      return layoutOf(type.fields);
    default:
      throw new MoontraceError('bad-argument', 'type: one of an API expected');
  }
}

/** Bits that a set of variants may have. */
export const bitsOf = ({ variants }: EnumType): bigint => variants.reduce((bits, { value }) => bits | value, 0n);

/** Is this a value of the enum? */
export const isVariant = (type: EnumType, value: bigint): boolean =>
  type.isBitflag ? (value & ~bitsOf(type)) === 0n : type.variants.some((variant) => variant.value === value);

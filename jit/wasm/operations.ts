/**
 * THE table of the WebAssembly instructions compiled traces consist of. Function builder, encoder and Binaryen backend derive from it.
 *
 * A code stream names an instruction by its place here (`Wasm['i64.add']`), not by its opcode, so that both backends
 * dispatch through a dense array and two-byte opcodes need no special case outside the table.
 *
 * `takes` and `yields` are stack effects. `immediates` says what follows the instruction in the stream:
 *   local, call, global: an index; offset: the address offset of an access; label: nesting depth, 0 = innermost block;
 *   i32: the value; i64, f64: the bits, low word first; block: the result type (Wasm's byte).
 */
export type WasmType = 'i32' | 'i64' | 'f64';

export type ImmediateKind = 'none' | 'local' | 'call' | 'global' | 'offset' | 'label' | 'i32' | 'i64' | 'f64' | 'block';

export interface WasmOperation {
  readonly name: string;
  /** Opcode; values above 0xff are a prefix byte and a second number. */
  readonly code: number;
  readonly takes: readonly WasmType[];
  readonly yields?: WasmType;
  readonly immediates: ImmediateKind;
  /** Accesses: bytes, a power of two. */
  readonly width?: number;
  /** Path of the builder function in binaryen.js, where it is not the name. */
  readonly binaryen?: string;
}

const op = <Name extends string>(name: Name, code: number, immediates: ImmediateKind, takes: readonly WasmType[] = [], yields?: WasmType) =>
  ({ name, code, immediates, takes, ...(yields && { yields }) }) as WasmOperation & { readonly name: Name };

const access = <Name extends string>(name: Name, code: number, width: number, takes: readonly WasmType[], yields?: WasmType) =>
  ({ ...op(name, code, 'offset', takes, yields), width });

const convert = <Name extends string>(name: Name, code: number, from: WasmType, to: WasmType, binaryen: string) =>
  ({ ...op(name, code, 'none', [from], to), binaryen });

const unary = <Type extends WasmType, Name extends string>(type: Type, names: Readonly<Record<Name, number>>) =>
  Object.entries<number>(names).map(([name, code]) => op(`${type}.${name as Name}`, code, 'none', [type], type));
const binary = <Type extends WasmType, Name extends string>(type: Type, names: Readonly<Record<Name, number>>) =>
  Object.entries<number>(names).map(([name, code]) => op(`${type}.${name as Name}`, code, 'none', [type, type], type));
const compare = <Type extends WasmType, Name extends string>(type: Type, names: Readonly<Record<Name, number>>) =>
  Object.entries<number>(names).map(([name, code]) => op(`${type}.${name as Name}`, code, 'none', [type, type], 'i32'));

export const WASM_OPERATIONS = [
  // ---- Control. The builder knows the stack effects of these.
  op('unreachable', 0x00, 'none'),
  op('block', 0x02, 'block'),
  op('loop', 0x03, 'block'),
  op('if', 0x04, 'block', ['i32']),
  op('else', 0x05, 'none'),
  op('end', 0x0b, 'none'),
  op('br', 0x0c, 'label'),
  op('br_if', 0x0d, 'label', ['i32']),
  op('return', 0x0f, 'none', ['i32']),
  op('call', 0x10, 'call'),
  op('drop', 0x1a, 'none'),
  op('select', 0x1b, 'none'),
  // ---- Variables and constants
  op('local.get', 0x20, 'local'),
  op('local.set', 0x21, 'local'),
  op('local.tee', 0x22, 'local'),
  op('global.get', 0x23, 'global', [], 'i32'),
  op('i32.const', 0x41, 'i32', [], 'i32'),
  op('i64.const', 0x42, 'i64', [], 'i64'),
  op('f64.const', 0x44, 'f64', [], 'f64'),
  // ---- Memory
  access('i32.load', 0x28, 4, ['i32'], 'i32'),
  access('i64.load', 0x29, 8, ['i32'], 'i64'),
  access('f64.load', 0x2b, 8, ['i32'], 'f64'),
  access('i32.load8_u', 0x2d, 1, ['i32'], 'i32'),
  access('i32.store', 0x36, 4, ['i32', 'i32']),
  access('i64.store', 0x37, 8, ['i32', 'i64']),
  access('f64.store', 0x39, 8, ['i32', 'f64']),
  access('i32.store8', 0x3a, 1, ['i32', 'i32']),
  // ---- Comparisons
  op('i32.eqz', 0x45, 'none', ['i32'], 'i32'),
  ...compare('i32', { eq: 0x46, ne: 0x47, lt_s: 0x48, lt_u: 0x49, gt_s: 0x4a, gt_u: 0x4b, le_s: 0x4c, le_u: 0x4d, ge_s: 0x4e, ge_u: 0x4f }),
  op('i64.eqz', 0x50, 'none', ['i64'], 'i32'),
  ...compare('i64', { eq: 0x51, ne: 0x52, lt_s: 0x53, lt_u: 0x54, gt_s: 0x55, gt_u: 0x56, le_s: 0x57, le_u: 0x58, ge_s: 0x59, ge_u: 0x5a }),
  ...compare('f64', { eq: 0x61, ne: 0x62, lt: 0x63, gt: 0x64, le: 0x65, ge: 0x66 }),
  // ---- Arithmetic
  ...binary('i32', { add: 0x6a, sub: 0x6b, mul: 0x6c, div_u: 0x6e, rem_u: 0x70, and: 0x71, or: 0x72, xor: 0x73, shl: 0x74, shr_s: 0x75, shr_u: 0x76 }),
  ...binary('i64', { add: 0x7c, sub: 0x7d, mul: 0x7e, div_s: 0x7f, rem_s: 0x81, and: 0x83, or: 0x84, xor: 0x85, shl: 0x86, shr_s: 0x87, shr_u: 0x88 }),
  ...unary('f64', { abs: 0x99, neg: 0x9a, ceil: 0x9b, floor: 0x9c, trunc: 0x9d, sqrt: 0x9f }),
  ...binary('f64', { add: 0xa0, sub: 0xa1, mul: 0xa2, div: 0xa3, copysign: 0xa6 }),
  // ---- Conversions
  convert('i32.wrap_i64', 0xa7, 'i64', 'i32', 'i32.wrap'),
  convert('i64.extend_i32_u', 0xad, 'i32', 'i64', 'i64.extend_u'),
  convert('f64.convert_i64_s', 0xb9, 'i64', 'f64', 'f64.convert_s.i64'),
  convert('i64.reinterpret_f64', 0xbd, 'f64', 'i64', 'i64.reinterpret'),
  convert('f64.reinterpret_i64', 0xbf, 'i64', 'f64', 'f64.reinterpret'),
  convert('i64.trunc_sat_f64_s', 0xfc06, 'f64', 'i64', 'i64.trunc_s_sat.f64'),
] as const;

export type WasmOpName = (typeof WASM_OPERATIONS)[number]['name'];

/** Numbers by name: what a code stream consists of. */
export const Wasm = Object.fromEntries(WASM_OPERATIONS.map((entry, index) => [entry.name, index])) as Readonly<Record<WasmOpName, number>>;

/** Wasm's encoding of types; BLOCK_VOID is a block without a result. */
export const TYPE_CODES: Readonly<Record<WasmType, number>> = { i32: 0x7f, i64: 0x7e, f64: 0x7c };
export const BLOCK_VOID = 0x40;

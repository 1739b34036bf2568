/**
 * The encoder: writes the binary format directly, in one pass over the code stream, with no library. The first tier, and the default;
 * Binaryen and it check each other in the tests.
 *
 * Why it can be this small: the code stream already is Wasm in all but the spelling of its numbers.
 */
import { exportName, type FunctionCode, IMPORT_MODULE, InvalidCodeError, SELF } from './function-code.ts';
import { type ImmediateKind, TYPE_CODES, WASM_OPERATIONS, Wasm, type WasmOpName, type WasmType } from './operations.ts';

const SECTION_TYPE = 1;
const SECTION_IMPORT = 2;
const SECTION_FUNCTION = 3;
const SECTION_EXPORT = 7;
const SECTION_CODE = 10;
const IMPORT_FUNCTION = 0;
const IMPORT_MEMORY = 2;
const IMPORT_GLOBAL = 3;
const FUNCTION_TYPE = 0x60;
const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** Columns of the table the inner loop needs, as flat arrays. */
const CODES = WASM_OPERATIONS.map(({ code }) => code);
const IMMEDIATES: readonly ImmediateKind[] = WASM_OPERATIONS.map(({ immediates }) => immediates);
/** log2 of an access's width: the alignment hint. */
const ALIGNMENTS = (WASM_OPERATIONS as readonly { readonly width?: number }[]).map(({ width }) => Math.log2(width ?? 1));

/** A growing byte buffer with the binary format's number encodings. */
class ByteWriter {
  #bytes = new Uint8Array(4096);
  length = 0;

  byte(value: number): void {
    if (this.length === this.#bytes.length) this.#reserve(1);
    this.#bytes[this.length++] = value;
  }

  bytes(values: ArrayLike<number>): void {
    this.#reserve(values.length);
    this.#bytes.set(values, this.length);
    this.length += values.length;
  }

  /** Unsigned LEB128 of a u32. */
  u32(value: number): void {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  /** Signed LEB128 of an i32. */
  s32(value: number): void {
    let rest = value;
    while (rest < -64 || rest > 63) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    this.byte(rest & 0x7f);
  }

  /** Signed LEB128 of an i64 given as two words. */
  s64(low: number, high: number): void {
    let lowRest = low;
    let highRest = high;
    while (highRest !== lowRest >> 31 || lowRest < -64 || lowRest > 63) {
      this.byte((lowRest & 0x7f) | 0x80);
      lowRest = (lowRest >>> 7) | (highRest << 25);
      highRest >>= 7;
    }
    this.byte(lowRest & 0x7f);
  }

  word(value: number): void {
    this.bytes([value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24]);
  }

  /** A name: length and ASCII bytes. */
  name(text: string): void {
    this.u32(text.length);
    for (let i = 0; i < text.length; i++) this.byte(text.charCodeAt(i));
  }

  /** Appends another writer's bytes, preceded by their number. */
  sized(content: ByteWriter): void {
    this.u32(content.length);
    this.bytes(content.view());
  }

  section(id: number, content: ByteWriter): void {
    this.byte(id);
    this.sized(content);
  }

  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.length);
  }

  #reserve(count: number): void {
    if (this.length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.length + count));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Encodes a module: the function, and a caller for each of its entries if it has several. */
export function encodeModule(code: FunctionCode): Uint8Array<ArrayBuffer> {
  const { entries, imports } = code;
  const module = new ByteWriter();
  module.bytes(HEADER);
  module.section(SECTION_TYPE, encodeTypes(code));
  module.section(SECTION_IMPORT, encodeImports(code));
  const types = entries > 1 ? [imports.length + 1, ...Array<number>(entries).fill(0)] : [0];
  const functions = new ByteWriter();
  functions.u32(types.length);
  for (const type of types) functions.u32(type);
  module.section(SECTION_FUNCTION, functions);
  module.section(SECTION_EXPORT, encodeExports(entries, imports.length + types.length - entries));
  const bodies = new ByteWriter();
  bodies.u32(types.length);
  bodies.sized(encodeFunction(code));
  if (entries > 1) for (let entry = 0; entry < entries; entry++) bodies.sized(encodeCaller(imports.length, entry));
  module.section(SECTION_CODE, bodies);
  return module.view().slice();
}

/** Type 0 is an entry's, type i + 1 that of import i, the last the function's if it has several entries. */
function encodeTypes({ entries, imports, parameters }: FunctionCode): ByteWriter {
  const out = new ByteWriter();
  const type = (parameters: readonly WasmType[], result: WasmType | undefined): void => {
    out.byte(FUNCTION_TYPE);
    out.u32(parameters.length);
    for (const parameter of parameters) out.byte(TYPE_CODES[parameter]);
    out.u32(result ? 1 : 0);
    if (result) out.byte(TYPE_CODES[result]);
  };
  out.u32(imports.length + (entries > 1 ? 2 : 1));
  type(Array<WasmType>(parameters).fill('i32'), 'i32');
  for (const { parameters, result } of imports) type(parameters, result);
  if (entries > 1) type(['i32', 'i32'], 'i32');
  return out;
}

function encodeExports(entries: number, first: number): ByteWriter {
  const out = new ByteWriter();
  out.u32(entries);
  for (let entry = 0; entry < entries; entry++) {
    out.name(exportName(entry));
    out.byte(IMPORT_FUNCTION);
    out.u32(first + entry);
  }
  return out;
}

function encodeImports({ imports, globals }: FunctionCode): ByteWriter {
  const out = new ByteWriter();
  out.u32(imports.length + globals.length + 1);
  out.name('env');
  out.name('memory');
  out.bytes([IMPORT_MEMORY, 0, 0]);
  for (const [index, { name }] of imports.entries()) {
    out.name(IMPORT_MODULE);
    out.name(name);
    out.byte(IMPORT_FUNCTION);
    out.u32(index + 1);
  }
  for (const name of globals) {
    out.name('env');
    out.name(name);
    out.bytes([IMPORT_GLOBAL, TYPE_CODES.i32, 0]);
  }
  return out;
}

/** (base) => function(base, entry) */
function encodeCaller(target: number, entry: number): ByteWriter {
  const out = new ByteWriter();
  const op = (name: WasmOpName): void => out.byte(CODES[Wasm[name]]!);
  out.u32(0);
  op('local.get');
  out.u32(0);
  op('i32.const');
  out.s32(entry);
  op('call');
  out.u32(target);
  op('end');
  return out;
}

function encodeFunction({ imports, locals, body }: FunctionCode): ByteWriter {
  const out = new ByteWriter();
  encodeLocals(out, locals);
  for (let at = 0; at < body.length; ) {
    const op = body[at++]!;
    const code = CODES[op];
    if (code === undefined) throw new InvalidCodeError(`unknown instruction ${op}`);
    if (code > 0xff) out.byte(code >> 8);
    out.byte(code & 0xff);
    switch (IMMEDIATES[op]!) {
      case 'none':
        break;
      case 'local':
      case 'global':
      case 'label':
        out.u32(body[at++]!);
        break;
      case 'call': {
        const callee = body[at++]!;
        out.u32(callee === SELF ? imports.length : callee);
        break;
      }
      case 'block':
        out.byte(body[at++]!);
        break;
      case 'offset':
        out.u32(ALIGNMENTS[op]!);
        out.u32(body[at++]!);
        break;
      case 'i32':
        out.s32(body[at++]!);
        break;
      case 'i64':
        out.s64(body[at]!, body[at + 1]!);
        at += 2;
        break;
      case 'f64':
        out.word(body[at]!);
        out.word(body[at + 1]!);
        at += 2;
        break;
    }
  }
  return out;
}

/** Locals as runs of one type. */
function encodeLocals(out: ByteWriter, locals: readonly WasmType[]): void {
  const runs: [number, WasmType][] = [];
  for (const type of locals) {
    const last = runs.at(-1);
    if (last?.[1] === type) last[0]++;
    else runs.push([1, type]);
  }
  out.u32(runs.length);
  for (const [count, type] of runs) {
    out.u32(count);
    out.byte(TYPE_CODES[type]);
  }
}

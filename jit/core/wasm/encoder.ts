/**
 * The encoder: writes the binary format directly, in one pass over the code stream, with no library. The first tier, and the default;
 * Binaryen and it check each other in the tests.
 *
 * Why it can be this small: the code stream already is Wasm in all but the spelling of its numbers.
 */
import { importName, importParameterCount, importParameterTypes, importResult, Type } from '../generated/ir-tables';
import { alignmentOf, Immediate, immediatesOf, opcodeOf, Wasm } from '../generated/wasm-tables';
import { ByteWriter } from './byte-writer';
import { FunctionCode, SELF } from './function-code';
import { globalName, IMPORT_MODULE } from './imports';
import { typeCode } from './types';

const SECTION_TYPE: i32 = 1;
const SECTION_IMPORT: i32 = 2;
const SECTION_FUNCTION: i32 = 3;
const SECTION_EXPORT: i32 = 7;
const SECTION_CODE: i32 = 10;
const IMPORT_FUNCTION: i32 = 0;
const IMPORT_MEMORY: i32 = 2;
const IMPORT_GLOBAL: i32 = 3;
const FUNCTION_TYPE: i32 = 0x60;
const MAGIC: i32 = 0x6d73_6100;
const VERSION: i32 = 1;
/** Room for a section that is not the code's. */
const SMALL_SECTION: i32 = 256;

/** Encodes a module: the function, and a caller for each of its entries if it has several. */
export function encodeModule(code: FunctionCode): ByteWriter {
  const entries = code.entries;
  const imports = code.imports.length;
  const functionCount = entries > 1 ? entries + 1 : 1;
  const module = new ByteWriter(1024 + 3 * code.body.length);
  module.word(MAGIC);
  module.word(VERSION);
  module.section(SECTION_TYPE, encodeTypes(code));
  module.section(SECTION_IMPORT, encodeImports(code));
  const functions = new ByteWriter(SMALL_SECTION);
  functions.u32(functionCount);
  if (entries > 1) functions.u32(imports + 1);
  for (let entry = 0; entry < entries; entry++) functions.u32(0);
  module.section(SECTION_FUNCTION, functions);
  module.section(SECTION_EXPORT, encodeExports(entries, imports + functionCount - entries));
  const body = encodeFunction(code);
  const bodies = new ByteWriter(SMALL_SECTION + body.length);
  bodies.u32(functionCount);
  bodies.sized(body);
  if (entries > 1) {
    for (let entry = 0; entry < entries; entry++) bodies.sized(encodeCaller(imports, entry));
  }
  module.section(SECTION_CODE, bodies);
  return module;
}

/** Type 0 is an entry's, type i + 1 that of import i, the last the function's if it has several entries. */
function encodeTypes(code: FunctionCode): ByteWriter {
  const imports = code.imports;
  const out = new ByteWriter(SMALL_SECTION);
  out.u32(imports.length + (code.entries > 1 ? 2 : 1));
  encodeSmallType(out, code.parameters);
  for (let i = 0; i < imports.length; i++) encodeImportType(out, imports[i]);
  if (code.entries > 1) encodeSmallType(out, 2);
  return out;
}

/** Type of a function whose parameters and result are i32. */
function encodeSmallType(out: ByteWriter, parameters: i32): void {
  out.byte(FUNCTION_TYPE);
  out.u32(parameters);
  for (let i = 0; i < parameters; i++) out.byte(typeCode(Type.I32));
  out.u32(1);
  out.byte(typeCode(Type.I32));
}

function encodeImportType(out: ByteWriter, imported: i32): void {
  const parameters = importParameterCount(imported);
  const result = importResult(imported);
  out.byte(FUNCTION_TYPE);
  out.u32(parameters);
  for (let i = 0; i < parameters; i++) out.byte(typeCode((importParameterTypes(imported) >> (2 * i)) & 3));
  out.u32(result == Type.VOID ? 0 : 1);
  if (result != Type.VOID) out.byte(typeCode(result));
}

function encodeExports(entries: i32, first: i32): ByteWriter {
  const out = new ByteWriter(SMALL_SECTION);
  out.u32(entries);
  for (let entry = 0; entry < entries; entry++) {
    out.name(`trace${entry}`);
    out.byte(IMPORT_FUNCTION);
    out.u32(first + entry);
  }
  return out;
}

function encodeImports(code: FunctionCode): ByteWriter {
  const imports = code.imports;
  const globals = code.globals;
  const out = new ByteWriter(SMALL_SECTION);
  out.u32(imports.length + globals.length + 1);
  out.name('env');
  out.name('memory');
  out.byte(IMPORT_MEMORY);
  out.byte(0);
  out.byte(0);
  for (let i = 0; i < imports.length; i++) {
    out.name(IMPORT_MODULE);
    out.name(importName(imports[i]));
    out.byte(IMPORT_FUNCTION);
    out.u32(i + 1);
  }
  for (let i = 0; i < globals.length; i++) {
    out.name('env');
    out.name(globalName(globals[i]));
    out.byte(IMPORT_GLOBAL);
    out.byte(typeCode(Type.I32));
    out.byte(0);
  }
  return out;
}

/** (base) => function(base, entry) */
function encodeCaller(target: i32, entry: i32): ByteWriter {
  const out = new ByteWriter(32);
  out.u32(0);
  out.byte(opcodeOf(Wasm.local_get));
  out.u32(0);
  out.byte(opcodeOf(Wasm.i32_const));
  out.signed(entry);
  out.byte(opcodeOf(Wasm.call_));
  out.u32(target);
  out.byte(opcodeOf(Wasm.end_));
  return out;
}

function encodeFunction(code: FunctionCode): ByteWriter {
  const body = code.body;
  const imports = code.imports.length;
  const out = new ByteWriter(SMALL_SECTION + 2 * body.length);
  encodeLocals(out, code.locals);
  for (let at = 0; at < body.length; ) {
    const op = body[at++];
    const opcode = opcodeOf(op);
    if (opcode > 0xff) out.byte(opcode >> 8);
    out.byte(opcode & 0xff);
    switch (immediatesOf(op)) {
      case Immediate.LOCAL:
      case Immediate.GLOBAL:
      case Immediate.LABEL:
        out.u32(body[at++]);
        break;
      case Immediate.CALL: {
        const callee = body[at++];
        out.u32(callee == SELF ? imports : callee);
        break;
      }
      case Immediate.BLOCK:
        out.byte(body[at++]);
        break;
      case Immediate.OFFSET:
        out.u32(alignmentOf(op));
        out.u32(body[at++]);
        break;
      case Immediate.I32:
        out.signed(body[at++]);
        break;
      case Immediate.I64:
        out.signed((<i64>body[at + 1] << 32) | <i64>(<u32>body[at]));
        at += 2;
        break;
      case Immediate.F64:
        out.word(body[at]);
        out.word(body[at + 1]);
        at += 2;
        break;
      default:
    }
  }
  return out;
}

/** Locals as runs of one type. */
function encodeLocals(out: ByteWriter, locals: Array<i32>): void {
  let runs = 0;
  for (let i = 0; i < locals.length; i++) {
    if (i == 0 || locals[i] != locals[i - 1]) runs++;
  }
  out.u32(runs);
  for (let i = 0; i < locals.length; ) {
    const type = locals[i];
    const start = i;
    while (i < locals.length && locals[i] == type) i++;
    out.u32(i - start);
    out.byte(typeCode(type));
  }
}

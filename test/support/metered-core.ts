/**
 * The release build of the core with a meter: each pass through the head of a loop counts a step, each eight bytes that a memory instruction
 * copies or fills one more. What an operation costs can so be compared with what it pays (src/core/base/budget.ts), without a clock.
 *
 * Owns the rewriting of the binary: a global and its export, two functions in place of memory.copy and memory.fill, a count behind each `loop`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const BINARY = join(import.meta.dirname, '../../build/core.wasm');

const SECTION_TYPE = 1;
const SECTION_IMPORT = 2;
const SECTION_FUNCTION = 3;
const SECTION_GLOBAL = 6;
const SECTION_EXPORT = 7;
const SECTION_CODE = 10;

const I32 = 0x7f;
const I64 = 0x7e;
const LOOP = 0x03;
const END = 0x0b;
const PREFIX = 0xfc;
const COPY = 10;
const FILL = 11;

class Reader {
  at = 0;

  constructor(readonly bytes: Uint8Array) {}

  byte(): number {
    return this.bytes[this.at++]!;
  }

  unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  skipNumber(): void {
    while (this.byte() >= 0x80);
  }

  take(length: number): Uint8Array {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 0x80);
  }
}

/** Passes over the operands of the instruction `op`. @returns the sub-opcode of a prefixed one */
function skipOperands(reader: Reader, op: number): number {
  if (op === 0x0e) {
    for (let count = reader.unsigned() + 1; count > 0; count--) reader.skipNumber();
  } else if (op === 0x11 || (op >= 0x28 && op <= 0x3e)) {
    reader.skipNumber();
    reader.skipNumber();
  } else if (op === 0x43) reader.at += 4;
  else if (op === 0x44) reader.at += 8;
  else if ((op >= 0x02 && op <= 0x04) || op === 0x0c || op === 0x0d || op === 0x10 || (op >= 0x20 && op <= 0x26) || (op >= 0x3f && op <= 0x42)) reader.skipNumber();
  else if (op === PREFIX) {
    const sub = reader.unsigned();
    for (let count = sub < 8 ? 0 : sub === COPY || sub === 8 ? 2 : 1; count > 0; count--) reader.skipNumber();
    return sub;
  } else if (op > 0xc4 || op === 0x1c) throw new Error(`the meter does not know instruction 0x${op.toString(16)}`);
  return -1;
}

/** Code that adds one to the meter. */
const tick = (meter: number): number[] => [0x23, ...unsigned(meter), 0x42, 1, 0x7c, 0x24, ...unsigned(meter)];

/** A function (to, from or byte, length) that counts and then does what the memory instruction does. */
function meteredBulk(meter: number, instruction: readonly number[]): number[] {
  const body = [
    0, 0x23, ...unsigned(meter), 0x20, 2, 0x41, 3, 0x76, 0xad, 0x7c, 0x24, ...unsigned(meter),
    0x20, 0, 0x20, 1, 0x20, 2, ...instruction, END,
  ];
  return [...unsigned(body.length), ...body];
}

function meterBody(body: Uint8Array, meter: number, copy: number, fill: number): number[] {
  const reader = new Reader(body);
  const out: number[] = [];
  for (let groups = reader.unsigned(); groups > 0; groups--) {
    reader.skipNumber();
    reader.byte();
  }
  out.push(...body.subarray(0, reader.at));
  while (reader.at < body.length) {
    const start = reader.at;
    const op = reader.byte();
    const sub = skipOperands(reader, op);
    if (op === PREFIX && (sub === COPY || sub === FILL)) {
      out.push(0x10, ...unsigned(sub === COPY ? copy : fill));
      continue;
    }
    for (let i = start; i < reader.at; i++) out.push(body[i]!);
    if (op === LOOP) out.push(...tick(meter));
  }
  return [...unsigned(out.length), ...out];
}

/** Number of functions and globals a module imports. */
function countImports(content: Uint8Array): { functions: number; globals: number } {
  const reader = new Reader(content);
  const found = { functions: 0, globals: 0 };
  for (let count = reader.unsigned(); count > 0; count--) {
    reader.take(reader.unsigned());
    reader.take(reader.unsigned());
    const kind = reader.byte();
    if (kind === 0) {
      found.functions++;
      reader.skipNumber();
    } else if (kind === 3) {
      found.globals++;
      reader.at += 2;
    } else {
      if (kind === 1) reader.byte();
      const hasMaximum = (reader.byte() & 1) !== 0;
      reader.skipNumber();
      if (hasMaximum) reader.skipNumber();
    }
  }
  return found;
}

/** A vector section with entries added to its end. */
function extended(content: Uint8Array, ...entries: readonly (readonly number[])[]): number[] {
  const reader = new Reader(content);
  const count = reader.unsigned();
  return [...unsigned(count + entries.length), ...content.subarray(reader.at), ...entries.flat()];
}

function meter(binary: Uint8Array): Uint8Array {
  const reader = new Reader(binary);
  const out: number[] = [...reader.take(8)];
  let imports = { functions: 0, globals: 0 };
  let types = 0;
  let functions = 0;
  let global = 0;
  while (reader.at < binary.length) {
    const id = reader.byte();
    const content = reader.take(reader.unsigned());
    const count = id === 0 ? 0 : new Reader(content).unsigned();
    let changed: Iterable<number> = content;
    if (id === SECTION_TYPE) {
      types = count;
      changed = extended(content, [0x60, 3, I32, I32, I32, 0]);
    } else if (id === SECTION_IMPORT) imports = countImports(content);
    else if (id === SECTION_FUNCTION) {
      functions = imports.functions + count;
      changed = extended(content, unsigned(types), unsigned(types));
    } else if (id === SECTION_GLOBAL) {
      global = imports.globals + count;
      changed = extended(content, [I64, 1, 0x42, 0, END]);
    } else if (id === SECTION_EXPORT) changed = extended(content, [5, ...new TextEncoder().encode('steps'), 3, ...unsigned(global)]);
    else if (id === SECTION_CODE) {
      const bodies = new Reader(content);
      bodies.unsigned();
      const code: number[] = [];
      for (let i = 0; i < count; i++) for (const byte of meterBody(bodies.take(bodies.unsigned()), global, functions, functions + 1)) code.push(byte);
      changed = [...unsigned(count + 2), ...code, ...meteredBulk(global, [PREFIX, COPY, 0, 0]), ...meteredBulk(global, [PREFIX, FILL, 0])];
    }
    const bytes = [...changed];
    out.push(id, ...unsigned(bytes.length));
    for (const byte of bytes) out.push(byte);
  }
  return Uint8Array.from(out);
}

let compiled: WebAssembly.Module | undefined;

export function meteredCore(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(meter(readFileSync(BINARY)) as BufferSource);
  return compiled;
}

/** Steps made so far by an instance of it. */
export function stepsOf(exports: WebAssembly.Exports): number {
  return Number((exports['steps'] as WebAssembly.Global).value);
}

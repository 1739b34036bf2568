/**
 * Binary chunks (src/core/chunk/format.ts) made and taken apart in tests, apart from the engine, and what the engine's verifier says of them.
 */
import { machineOf } from '../../src/api/engine-port.ts';
import { objectOf } from '../../src/api/handles/reference.ts';
import { CLOSURE_PROTO } from '../../src/bytecode/layout.ts';
import { OPCODES } from '../../src/bytecode/opcode-table.ts';
import type { Prototype } from './prototype.ts';
import { LuaError } from '../../src/engine/errors/errors.ts';
import { createVm } from '../../src/api/index-node.ts';
import type { Vm } from '../../src/api/vm.ts';
import { ByteReader, ByteWriter, ImageError, parsePrototypeImage, serialisePrototype } from './prototype-image.ts';
import { fromByteString } from '../../src/engine/text.ts';

const SIGNATURE = '\x1bLua';
const VERSION = 0x54;
const FORMAT = 0;
const DATA = '\x19\x93\r\n\x1a\n';
/** Sizes of an instruction, an integer and a float in PUC-Rio's chunks. */
const SIZES = [['Instruction', 4], ['lua_Integer', 8], ['lua_Number', 8]] as const;
const INTEGER = 0x5678n;
const NUMBER = 370.5;

/** FNV-1a */
function checksumOf(bytes: Uint8Array): number {
  let sum = 0x811c9dc5;
  for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193);
  return sum >>> 0;
}

/** Tells instruction sets apart. */
const OPCODE_SET = checksumOf(fromByteString(OPCODES.map(({ name, a, b, c, d, cache }) => [name, a, b, c, d, cache].join()).join(';')));

/** @param strip leave debug data out */
export function writeBinaryChunk(prototype: Prototype, strip: boolean): Uint8Array {
  const image = serialisePrototype(prototype, strip);
  const out = new ByteWriter();
  out.raw(fromByteString(SIGNATURE));
  out.u8(VERSION);
  out.u8(FORMAT);
  out.raw(fromByteString(DATA));
  for (const [, size] of SIZES) out.u8(size);
  out.i64(INTEGER);
  out.f64(NUMBER);
  out.u32(OPCODE_SET);
  out.u32(image.length);
  out.u32(checksumOf(image));
  out.raw(image);
  return out.finish();
}

function check(condition: boolean, problem: string): void {
  if (!condition) throw new ImageError(problem);
}

function checkHeader(input: ByteReader): void {
  for (const byte of fromByteString(SIGNATURE)) check(input.u8() === byte, 'not a binary chunk');
  check(input.u8() === VERSION, 'version mismatch');
  check(input.u8() === FORMAT, 'format mismatch');
  for (const byte of fromByteString(DATA)) check(input.u8() === byte, 'corrupted chunk');
  for (const [name, size] of SIZES) check(input.u8() === size, `${name} size mismatch`);
  check(input.i64() === INTEGER, 'integer format mismatch');
  check(input.f64() === NUMBER, 'float format mismatch');
  check(input.u32() === OPCODE_SET, 'bytecode version mismatch');
}

/** Bytes in front of the image. */
const HEADER_SIZE = SIGNATURE.length + 2 + DATA.length + SIZES.length + 16 + 12;

/** The chunk's main function, not verified. @throws ImageError */
export function parseBinaryChunk(bytes: Uint8Array): Prototype {
  const input = new ByteReader(bytes);
  checkHeader(input);
  const length = input.u32();
  const checksum = input.u32();
  const image = input.raw(length);
  check(checksumOf(image) === checksum, 'corrupted chunk');
  return parsePrototypeImage(image);
}

/** Bytes whose checksum a test or fuzzer has to put right after a change: the chunk with the sum of what it now holds. */
export function withChecksum(chunk: Uint8Array): Uint8Array {
  const fixed = chunk.slice();
  const view = new DataView(fixed.buffer);
  const image = fixed.subarray(HEADER_SIZE);
  view.setUint32(HEADER_SIZE - 8, image.length, true);
  view.setUint32(HEADER_SIZE - 4, checksumOf(image), true);
  return fixed;
}

let shared: Vm | undefined;
const sharedVm = (): Vm => (shared ??= createVm({ libraries: 'none' }));

/** The binary chunk of a source's main function, as string.dump makes it, or as that of a library of the package ('names'). @throws LuaError */
export function dumpSource(source: string | Uint8Array, name?: string, strip: boolean | 'names' = false): Uint8Array {
  const machine = machineOf(sharedVm());
  const main = sharedVm().load(source, name);
  return machine.slots.stringView(machine.core.dumpPrototype(machine.memory.load(objectOf(main)!.pointer + CLOSURE_PROTO), strip === 'names' ? 2 : strip ? 1 : 0)).slice();
}

/** What the engine compiles a source to. @throws LuaError */
export const compileSource = (source: string | Uint8Array, name?: string): Prototype => parseBinaryChunk(dumpSource(source, name));

/** Why the engine does not load a chunk; undefined if it does. */
export function chunkDefect(chunk: Uint8Array): string | undefined {
  try {
    sharedVm().load(chunk, '=chunk');
  } catch (error) {
    if (!(error instanceof LuaError)) throw error;
    return /^chunk: bad binary format \((.*)\)$/.exec(error.message)?.[1] ?? error.message;
  }
  return undefined;
}

/** What the engine's verifier says of a prototype; undefined if it can be run. */
export const findDefect = (prototype: Prototype): string | undefined => chunkDefect(writeBinaryChunk(prototype, false));

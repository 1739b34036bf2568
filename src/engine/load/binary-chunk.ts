/**
 * Binary chunks: what string.dump makes and load takes (manual, section 6.4, string.dump).
 *
 *     "\27Lua" 0x54 0x00 | "\x19\x93\r\n\x1a\n" | 4 8 8 | 0x5678 (i64) | 370.5 (f64)      the header of PUC-Rio's luac
 *     u32 OPCODE_SET | u32 length | u32 checksum | image (prototype-image.ts)            what is ours
 *
 * Chunks of PUC-Rio and of versions with other opcodes fail at OPCODE_SET, damaged ones at the checksum, forged ones in the verifier.
 * Why not version numbers: nobody remembers to raise them when the opcode table changes.
 */
import { OPCODES } from '../../bytecode/opcode-table.ts';
import type { Prototype } from '../../bytecode/prototype.ts';
import { findDefect } from '../../bytecode/verify-prototype.ts';
import { ByteReader, ByteWriter, ImageError, parsePrototypeImage, serialisePrototype } from './prototype-image.ts';
import { fromByteString } from '../text.ts';

/** First byte of a binary chunk. */
export const BINARY_MARK = 27;

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

/** How many bytes a chunk has that starts with `bytes`, or what it needs to be told; not more than there are if it is none. */
export function binaryChunkSize(bytes: Uint8Array): number {
  if (bytes.length < HEADER_SIZE) return HEADER_SIZE;
  const input = new ByteReader(bytes);
  try {
    checkHeader(input);
    return HEADER_SIZE + input.u32();
  } catch {
    return bytes.length;
  }
}

/** The chunk's main function, safe to run. @throws ImageError */
export function parseBinaryChunk(bytes: Uint8Array): Prototype {
  const input = new ByteReader(bytes);
  checkHeader(input);
  const length = input.u32();
  const checksum = input.u32();
  const image = input.raw(length);
  check(checksumOf(image) === checksum, 'corrupted chunk');
  const prototype = parsePrototypeImage(image);
  const defect = findDefect(prototype);
  if (defect !== undefined) throw new ImageError(defect);
  return prototype;
}

/** Message for a chunk that parseBinaryChunk refused. @param name the chunk's name, a byte string */
export function binaryChunkMessage(name: string, error: ImageError): string {
  const shown = /^[@=]/.test(name) ? name.slice(1) : name.startsWith(SIGNATURE[0] as string) ? 'binary string' : name;
  return `${shown}: bad binary format (${error.message})`;
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

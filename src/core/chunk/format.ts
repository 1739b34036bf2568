/**
 * Binary chunks: what string.dump makes and load takes (manual, section 6.4, string.dump), and how the libraries written in Lua travel in the package.
 *
 *     "\27Lua" 0x54 0x00 | "\x19\x93\r\n\x1a\n" | 4 8 8 | 0x5678 (i64) | 370.5 (f64)      the header of PUC-Rio's luac
 *     u32 OPCODE_SET | u32 length | u32 checksum | image                                 what is ours
 *
 *     image:      text source | function
 *     function:   number line, last line | u8 parameters, is vararg, registers | number words | code | list of number lines
 *                 list of constants | list of upvalues: text name, u8 from stack, index, kind
 *                 list of locals: text name, u8 register, number start, end | list of functions
 *     code:       u32 u32 for each instruction, then number data if it has a data word; other second words (caches, counters) are left out
 *     constant:   u8 tag | i64, f64 or text
 *
 * A number is a LEB128 varint of 32 bits; a list is its length and its items; a text is a list of bytes. All is little endian.
 *
 * Chunks of PUC-Rio and of versions with other opcodes fail at OPCODE_SET, damaged ones at the checksum, forged ones in the verifier.
 * Why not version numbers: nobody remembers to raise them when the opcode table changes.
 */

import { work } from '../base/budget';

// Tags of constants.
export const CONSTANT_NIL: u32 = 0;
export const CONSTANT_FALSE: u32 = 1;
export const CONSTANT_TRUE: u32 = 2;
export const CONSTANT_INTEGER: u32 = 3;
export const CONSTANT_FLOAT: u32 = 4;
export const CONSTANT_STRING: u32 = 5;

/** Functions nested in one another; the compiler's own limit is lower. */
export const MAX_NESTING: u32 = 200;

/** Bytes of the header, and in front of its parts. */
export const HEADER_SIZE: u32 = 43;
export const HEADER_LENGTH: u32 = 35;
export const HEADER_CHECKSUM: u32 = 39;

/** The part of the header that is PUC-Rio's. */
export const SIGNATURE = <u32>memory.data<u8>([
  0x1b, 0x4c, 0x75, 0x61, 0x54, 0, 0x19, 0x93, 0x0d, 0x0a, 0x1a, 0x0a, 4, 8, 8, 0x78, 0x56, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x28, 0x77, 0x40,
]);
export const SIGNATURE_SIZE: u32 = 31;

/** FNV-1a. @param isPaid whether it is work of the program's */
export function checksum(bytes: u32, length: u32, isPaid: bool): u32 {
  let sum: u32 = 0x811c9dc5;
  for (const end = bytes + length; bytes < end; ) {
    const stop = bytes + min(end - bytes, BYTES_AT_ONCE);
    if (isPaid) work(stop - bytes);
    for (; bytes < stop; bytes++) sum = (sum ^ <u32>load<u8>(bytes)) * 0x01000193;
  }
  return sum;
}

/** Bytes of code, lines of a function, between two looks at the limits. */
export const BYTES_AT_ONCE: u32 = 1 << 15;

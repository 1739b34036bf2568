/** Encoding and decoding of the 8-byte instructions declared in opcode-table.ts. */
import { OPCODES, type OpcodeDescription, type OpNumber } from './opcode-table.ts';

/** Bytes of one instruction word. */
export const WORD = 8;
/** Bytes of one value slot: the scale of register and constant operands. */
export const SCALE = 16;
/** Largest constant index that fits a scaled 16-bit operand. */
export const MAX_OPERAND_CONSTANT = 4095;

/** Low 32 bits of a word: op, k and A (A as it is stored: scaled if it is a register). */
export const encodeLow = (op: OpNumber, k: number, a: number): number => (op | (k << 8) | (a << 16)) >>> 0;
/** High 32 bits of a word from B and C as stored. */
export const encodeHigh = (b: number, c: number): number => ((b & 0xffff) | ((c & 0xffff) << 16)) >>> 0;

export const opOf = (low: number): OpNumber => low & 0xff;
export const kOf = (low: number): number => (low >>> 8) & 0xff;
export const aOf = (low: number): number => low >>> 16;
export const bOf = (high: number): number => high & 0xffff;
export const cOf = (high: number): number => high >>> 16;
export const signedC = (high: number): number => high >> 16;
export const dOf = (high: number): number => high | 0;

const SIZES = OPCODES.map(({ cache }: OpcodeDescription) => (cache === undefined ? WORD : 2 * WORD));
/** Bytes the instruction takes, its cache word included. */
export const sizeOf = (op: OpNumber): number => SIZES[op]!;

/** Prototypes as text, in the manner of `luac -l`. Everything about an instruction comes from the operand modes of the opcode table. */
import { aOf, bOf, cOf, dOf, kOf, opOf, SCALE, signedC, sizeOf, WORD } from '../../src/bytecode/instruction.ts';
import { type OpcodeDescription, OPCODES, type OperandMode } from '../../src/bytecode/opcode-table.ts';
import type { Constant, Prototype } from './prototype.ts';

const NAME_WIDTH = 12;
const OPERANDS_WIDTH = 16;
const POSITION_WIDTH = 5;
const LINE_WIDTH = 6;

/** An instruction taken apart: operands are plain (registers and constant indices unscaled), jumps are target positions in words. */
export interface DecodedInstruction {
  /** Position in words. */
  readonly at: number;
  readonly description: OpcodeDescription;
  readonly k: number;
  readonly operands: readonly DecodedOperand[];
  /** First 32 bits of the second word, for opcodes that have one. */
  readonly data: number | undefined;
}

export interface DecodedOperand {
  readonly field: 'a' | 'b' | 'c' | 'd';
  readonly mode: OperandMode;
  readonly value: number;
}

/** Decodes all instructions of a function, in order. */
export function decodeInstructions({ code }: Prototype): DecodedInstruction[] {
  const instructions: DecodedInstruction[] = [];
  const words = code.length / 2;
  for (let at = 0; at < words; ) {
    const low = code[2 * at]!;
    const high = code[2 * at + 1]!;
    const op = opOf(low);
    const description: OpcodeDescription | undefined = OPCODES[op];
    if (description === undefined) throw new RangeError(`no opcode ${op} at word ${at}`);
    const next = at + sizeOf(op) / WORD;
    const operands: DecodedOperand[] = [];
    const add = (field: DecodedOperand['field'], raw: number): void => {
      const mode = description[field];
      if (mode !== undefined) operands.push({ field, mode, value: decodeOperand(mode, raw, next) });
    };
    add('a', aOf(low));
    if (description.d === undefined) {
      add('b', bOf(high));
      add('c', description.c === 'JC' || description.c === 'S' ? signedC(high) : cOf(high));
    } else {
      add('d', dOf(high));
    }
    instructions.push({ at, description, k: kOf(low), operands, data: description.cache === undefined ? undefined : code[2 * at + 2]! });
    at = next;
  }
  return instructions;
}

function decodeOperand(mode: OperandMode, raw: number, next: number): number {
  switch (mode) {
    case 'R':
    case 'W':
    case 'RW':
    case 'K':
    case 'RK':
      return raw / SCALE;
    case 'J':
      return next + raw / WORD;
    case 'JC':
      return next + raw;
    default:
      return raw;
  }
}

/** Whether an operand is a constant's index. */
export function isConstantOperand({ mode }: DecodedOperand, k: number): boolean {
  return mode === 'K' || mode === 'KD' || (mode === 'RK' && k === 1);
}

/**
 * Listing of a function and the functions in it. Positions and jump targets count words; registers are plain numbers, constants `K n`,
 * upvalues `U n`, jump targets `-> n`; `k` is shown where the opcode has a use for it.
 */
export function disassemble(prototype: Prototype): string {
  const title = prototype.lineDefined === 0 ? 'main' : 'function';
  const { lineDefined, lastLineDefined, parameterCount, isVararg, maxStack, upvalues, locals, constants, prototypes } = prototype;
  const lines = [
    `${title} <${prototype.source}:${lineDefined},${lastLineDefined}> ${parameterCount}${isVararg ? '+' : ''} params, ${maxStack} slots, ` +
      `${upvalues.length} upvalues, ${locals.length} locals, ${constants.length} constants, ${prototypes.length} functions`,
    ...decodeInstructions(prototype).map((instruction) => formatInstruction(prototype, instruction)),
  ];
  return [lines.join('\n'), ...prototypes.map(disassemble)].join('\n\n');
}

function formatInstruction(prototype: Prototype, { at, description, k, operands, data }: DecodedInstruction): string {
  const shown = operands.map((operand) => formatOperand(operand, k));
  if (description.k !== undefined && k !== 0 && !operands.some(({ mode }) => mode === 'RK')) shown.push('k');
  if (description.cache === 'data') shown.push(`[${data}]`);
  const comment = operands.map((operand) => commentOn(prototype, operand, k)).filter((text) => text !== '').join(' ');
  const line = `[${prototype.lines[at]}]`;
  const head = `${String(at).padStart(POSITION_WIDTH)} ${line.padEnd(LINE_WIDTH)} ${description.name.padEnd(NAME_WIDTH)}`;
  return `${head} ${shown.join(' ').padEnd(OPERANDS_WIDTH)}${comment === '' ? '' : ` ; ${comment}`}`.trimEnd();
}

function formatOperand(operand: DecodedOperand, k: number): string {
  if (isConstantOperand(operand, k)) return `K${operand.value}`;
  switch (operand.mode) {
    case 'U':
      return `U${operand.value}`;
    case 'J':
    case 'JC':
      return `->${operand.value}`;
    case 'P':
      return `P${operand.value}`;
    default:
      return String(operand.value);
  }
}

function commentOn(prototype: Prototype, operand: DecodedOperand, k: number): string {
  if (isConstantOperand(operand, k)) return formatConstant(prototype.constants[operand.value]);
  return operand.mode === 'U' ? (prototype.upvalues[operand.value]?.name ?? '?') : '';
}

/** A constant in Lua's syntax, except that an integral float shows its kind as `3.0`. */
export function formatConstant(constant: Constant | undefined): string {
  if (constant === undefined) return '?';
  if (constant === null) return 'nil';
  if (constant instanceof Uint8Array) return quoteBytes(constant);
  if (typeof constant === 'number' && Number.isInteger(constant) && Math.abs(constant) < Number.MAX_SAFE_INTEGER) return `${constant}.0`;
  return String(constant);
}

function quoteBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    if (char === '"' || char === '\\') text += `\\${char}`;
    else text += byte >= 32 && byte < 127 ? char : `\\${String(byte).padStart(3, '0')}`;
  }
  return `"${text}"`;
}

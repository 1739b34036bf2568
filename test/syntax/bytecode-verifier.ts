/**
 * Checks what every prototype must satisfy, from the operand modes of the opcode table plus the register ranges the modes cannot say.
 * The core trusts the compiler in all of this.
 */
import { type DecodedInstruction, type DecodedOperand, decodeInstructions, isConstantOperand } from '../../src/bytecode/disassembler.ts';
import { WORD } from '../../src/bytecode/instruction.ts';
import { MAX_SHORT_STRING } from '../../src/bytecode/layout.ts';
import type { Constant, Prototype } from '../../src/bytecode/prototype.ts';

const FIELD_OPS = new Set(['GETTABUP', 'SETTABUP', 'GETFIELD', 'SETFIELD', 'SELF']);
const NUMERIC_K_OP = /^(ADD|SUB|MUL|MOD|POW|DIV|IDIV|BAND|BOR|BXOR|SHL|SHR|LT|LE|GT|GE)K$/;
const BACKWARD_OPS = new Set(['LOOP', 'FORLOOP', 'TFORLOOP']);
const RETURN_OPS = new Set(['RETURN', 'RETURN0', 'RETURN1']);

/** Problems of a prototype and the functions in it, as readable lines; empty if there are none. */
export function verifyPrototype(prototype: Prototype, path = 'main'): string[] {
  return [
    ...verifyFunction(prototype).map((problem) => `${path}: ${problem}`),
    ...prototype.prototypes.flatMap((nested, index) => [
      ...verifyUpvalues(prototype, nested).map((problem) => `${path}.${index}: ${problem}`),
      ...verifyPrototype(nested, `${path}.${index}`),
    ]),
  ];
}

function verifyUpvalues(outer: Prototype, { upvalues }: Prototype): string[] {
  return upvalues
    .filter(({ fromStack, index }) => index < 0 || index >= (fromStack ? outer.maxStack : outer.upvalues.length))
    .map(({ name }) => `upvalue ${name} is out of range`);
}

function verifyFunction(prototype: Prototype): string[] {
  const { code, lines, locals, maxStack } = prototype;
  const instructions = decodeInstructions(prototype);
  const byPosition = new Map(instructions.map((instruction) => [instruction.at, instruction]));
  const words = code.length / 2;
  const problems: string[] = [];
  if (lines.length !== words) problems.push(`${lines.length} lines for ${words} words`);
  if (maxStack < Math.max(2, prototype.parameterCount) || maxStack >= 255) problems.push(`frame of ${maxStack} registers`);
  if (!RETURN_OPS.has(instructions.at(-1)?.description.name ?? '')) problems.push('does not end in a return');
  for (const { name, register, startPc, endPc } of locals) {
    if (register >= maxStack) problems.push(`local ${name} in register ${register}`);
    if (startPc > endPc || startPc < 0 || endPc > words * WORD) problems.push(`local ${name} lives in [${startPc}, ${endPc})`);
  }
  for (const instruction of instructions) {
    const { at, description, k, data } = instruction;
    const report = (problem: string): void => void problems.push(`${at} ${description.name}: ${problem}`);
    for (const operand of instruction.operands) verifyOperand(prototype, instruction, operand, byPosition, report);
    const top = topRegister(instruction);
    if (top >= maxStack) report(`uses register ${top} of ${maxStack}`);
    if (k > 1 || (k === 1 && description.k === undefined)) report(`k is ${k}`);
    if (data !== undefined && description.cache !== 'data' && (data !== 0 || code[2 * at + 3] !== 0)) report('cache is not zero');
    verifyLoop(instruction, byPosition, report);
  }
  return problems;
}

function verifyOperand(
  { constants, upvalues, prototypes, maxStack }: Prototype, { at, description, k }: DecodedInstruction, operand: DecodedOperand,
  byPosition: ReadonlyMap<number, DecodedInstruction>, report: (problem: string) => void,
): void {
  const { mode, value, field } = operand;
  if (!Number.isInteger(value)) report(`operand ${field} is ${value}`);
  if (isConstantOperand(operand, k)) {
    const constant = constants[value];
    if (constant === undefined) report(`no constant ${value}`);
    else if (FIELD_OPS.has(description.name) && mode === 'K' && !isShortString(constant)) report('key is no short string');
    else if (NUMERIC_K_OP.test(description.name) && typeof constant !== 'number' && typeof constant !== 'bigint') report('no number');
    return;
  }
  switch (mode) {
    case 'R':
    case 'W':
    case 'RW':
    case 'RK':
      if (value >= maxStack) report(`register ${value} of ${maxStack}`);
      break;
    case 'U':
      if (value >= upvalues.length) report(`upvalue ${value} of ${upvalues.length}`);
      break;
    case 'P':
      if (value < 0 || value >= prototypes.length) report(`function ${value} of ${prototypes.length}`);
      break;
    case 'J':
    case 'JC':
      if (!byPosition.has(value)) report(`jumps to ${value}, which is no instruction`);
      if (value > at === BACKWARD_OPS.has(description.name)) report(`jumps the wrong way, to ${value}`);
  }
}

const isShortString = (constant: Constant): boolean => constant instanceof Uint8Array && constant.length <= MAX_SHORT_STRING;

/** The highest register an instruction touches beyond those its operands name. */
function topRegister({ description, operands }: DecodedInstruction): number {
  const value = (field: 'a' | 'b' | 'c'): number => operands.find((operand) => operand.field === field)?.value ?? 0;
  const a = value('a');
  switch (description.name) {
    case 'LOADNIL':
      return a + value('b');
    case 'SELF':
      return a + 1;
    case 'CALL':
      return a + Math.max(value('b'), value('c') - 1, 1) - 1;
    case 'CONCAT':
    case 'TAILCALL':
    case 'SETLIST':
      return a + Math.max(value('b'), 1) - 1;
    case 'RETURN':
      return a + Math.max(value('b'), 2) - 2;
    case 'VARARG':
      return a + Math.max(value('c'), 2) - 2;
    case 'FORPREP':
    case 'FORLOOP':
    case 'TFORPREP':
      return a + 3;
    case 'TFORLOOP':
      return a + 4;
    case 'TFORCALL':
      return a + Math.max(value('b') + 3, 6);
    default:
      return 0;
  }
}

/** The instructions of a for belong together. */
function verifyLoop(
  { at, description, operands }: DecodedInstruction, byPosition: ReadonlyMap<number, DecodedInstruction>, report: (problem: string) => void,
): void {
  const target = operands.find(({ mode }) => mode === 'J')?.value ?? 0;
  const nameAt = (position: number): string | undefined => byPosition.get(position)?.description.name;
  switch (description.name) {
    case 'FORPREP':
      if (nameAt(target - 2) !== 'FORLOOP') report('does not jump behind a FORLOOP');
      break;
    case 'FORLOOP':
      if (nameAt(target - 1) !== 'FORPREP') report('does not jump behind a FORPREP');
      break;
    case 'TFORPREP':
      if (nameAt(target) !== 'TFORCALL') report('does not jump to a TFORCALL');
      break;
    case 'TFORLOOP':
      if (nameAt(target - 1) !== 'TFORPREP') report('does not jump behind a TFORPREP');
      if (nameAt(at - 1) !== 'TFORCALL') report('has no TFORCALL in front');
  }
}

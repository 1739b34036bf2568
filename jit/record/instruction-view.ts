/** An instruction of the running program, decoded, with the opcode's forms folded together where the recorder treats them alike. */
import { aOf, bOf, cOf, dOf, kOf, opOf, signedC, sizeOf } from '../../src/bytecode/instruction.ts';
import { OPCODES, type OpName } from '../../src/bytecode/opcode-table.ts';
import type { Memory } from '../../src/engine/memory.ts';

export interface InstructionView {
  /** Address. */
  readonly pc: number;
  /** Name as it stands in memory (a loop may be in its *_PLAIN or *_JIT form). */
  readonly name: OpName;
  /** Name without the form of a loop. */
  readonly baseName: OpName;
  readonly k: number;
  /** Operand fields as stored: registers and constants scaled by 16. */
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly signedC: number;
  readonly d: number;
  /** Address of the instruction behind it (and behind its cache word). */
  readonly next: number;
}

const NAMES: readonly OpName[] = OPCODES.map(({ name }) => name);
/** Names without the form of a loop, by opcode. */
export const BASE_NAMES: readonly OpName[] = OPCODES.map(({ name }) => name.replace(/_(PLAIN|JIT)$/, '') as OpName);

/** Decodes the instruction at an address. */
export function readInstruction(memory: Memory, pc: number): InstructionView {
  const low = memory.load(pc);
  const high = memory.load(pc + 4);
  const op = opOf(low);
  return {
    pc,
    name: NAMES[op]!,
    baseName: BASE_NAMES[op]!,
    k: kOf(low),
    a: aOf(low),
    b: bOf(high),
    c: cOf(high),
    signedC: signedC(high),
    d: dOf(high),
    next: pc + sizeOf(op),
  };
}

/** Address a conditional jump (mode JC) goes to. */
export const jumpTarget = (i: InstructionView): number => i.next + i.signedC * 8;

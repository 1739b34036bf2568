/** An instruction of the running program, decoded, with the opcode's forms folded together where the recorder treats them alike. */
import { firstForm, opcodeWords } from '../../../../src/core/generated/opcodes';
import { load32 } from '../../base/host';

/** Bytes of one instruction word. */
export const WORD: u32 = 8;

export class InstructionView {
  /** Opcode as it stands in memory (a loop may be in its *_PLAIN or *_JIT form). */
  op: u32;
  /** Opcode without the form of a loop. */
  baseOp: u32;
  k: i32;
  /** Operand fields as stored: registers and constants scaled by 16. */
  a: i32;
  b: i32;
  c: i32;
  signedC: i32;
  d: i32;
  /** Address of the instruction behind it (and behind its cache word). */
  next: u32;

  /** Decodes the instruction at an address. */
  constructor(public pc: u32) {
    const low = load32(pc);
    const high = load32(pc + 4);
    const op = low & 0xff;
    this.op = op;
    this.baseOp = firstForm(op);
    this.k = (low >> 8) & 0xff;
    this.a = low >> 16;
    this.b = high & 0xffff;
    this.c = high >> 16;
    this.signedC = <i32>high >> 16;
    this.d = <i32>high;
    this.next = pc + opcodeWords(op) * WORD;
  }
}

/** Address a conditional jump (mode JC) goes to. */
export function jumpTarget(i: InstructionView): u32 {
  return i.next + <u32>i.signedC * WORD;
}

/** An instruction of the running program as text, from the operand modes of the opcode table. */
import { SCALE } from '../../src/bytecode/instruction.ts';
import { OPCODES, type OperandMode, Op } from '../../src/bytecode/opcode-table.ts';
import type { InstructionView } from './instruction-view.ts';

function operandText(mode: OperandMode, value: number, k: number): string {
  if (mode === 'K' || (mode === 'RK' && k !== 0)) return `K${value / SCALE}`;
  if (mode === 'R' || mode === 'W' || mode === 'RW' || mode === 'RK') return `R${value / SCALE}`;
  return String(value);
}

export function instructionText(i: InstructionView): string {
  const { a, b, c, d } = OPCODES[Op[i.name]]!;
  const operands: string[] = [];
  if (a !== undefined) operands.push(operandText(a, i.a, i.k));
  if (b !== undefined) operands.push(operandText(b, i.b, i.k));
  if (c !== undefined) operands.push(operandText(c, c === 'JC' ? i.signedC : i.c, i.k));
  if (d !== undefined) operands.push(operandText(d, i.d, i.k));
  return `${i.pc.toString(16).padStart(6, '0')}  ${i.name.padEnd(10)} ${operands.join(' ')}`;
}

/**
 * Last step of a function's code: jumps get their encoded offsets.
 *
 * Forward jumps to a JMP go where it goes. Comparisons carry a 16-bit jump; where that does not reach, the condition is inverted and
 * jumps over a JMP with the full reach (note 7 of the opcode table). Only functions of more than MAX_SHORT_JUMP words can need
 * that, so all others skip the search.
 */
import { aOf, bOf, encodeHigh, encodeLow, kOf, opOf, sizeOf, WORD } from '../bytecode/instruction.ts';
import { type OpcodeDescription, OPCODES, Op, type OpNumber } from '../bytecode/opcode-table.ts';
import { type CodeBuffer, NO_JUMP } from './code-buffer.ts';
import { MAX_SHORT_JUMP } from './limits.ts';

export interface FinishedCode {
  readonly code: Uint32Array;
  readonly lines: Int32Array;
  /** New position of each old position, undefined when nothing moved. */
  readonly moved: Int32Array | undefined;
}

const IS_SHORT = Uint8Array.from(OPCODES, (entry: OpcodeDescription) => (entry.c === 'JC' ? 1 : 0));
const WORDS = Uint8Array.from(OPCODES, (_, op) => sizeOf(op) / WORD);

/** Encodes all jumps of a function whose jump lists are all placed. */
export function finishCode(buffer: CodeBuffer): FinishedCode {
  threadJumps(buffer);
  if (buffer.size <= MAX_SHORT_JUMP) {
    const code = buffer.words.slice(0, 2 * buffer.size);
    encodeJumps(code, buffer.targets);
    return { code, lines: buffer.lines.slice(0, buffer.size), moved: undefined };
  }
  return finishLongCode(buffer);
}

/** Calls `visit` for each instruction that jumps, with its position and opcode. */
function forEachJump(words: Uint32Array, targets: Int32Array, size: number, visit: (at: number, op: OpNumber) => void): void {
  for (let at = 0; at < size; ) {
    const op = opOf(words[2 * at]!);
    if (targets[at] !== NO_JUMP) visit(at, op);
    at += WORDS[op]!;
  }
}

function threadJumps({ words, targets, size }: CodeBuffer): void {
  for (let at = 0; at < size; at++) {
    let target = targets[at]!;
    const op = opOf(words[2 * at]!);
    if (target <= at || (op !== Op.JMP && op !== Op.TEST && IS_SHORT[op] === 0)) continue;
    // JMPs only go forward, so this ends. (A target is always an instruction, never a cache word that looks like one.)
    while (target < size && opOf(words[2 * target]!) === Op.JMP) target = targets[target]!;
    targets[at] = target;
  }
}

function encodeJumps(code: Uint32Array, targets: Int32Array): void {
  forEachJump(code, targets, code.length / 2, (at, op) => {
    const distance = targets[at]! - (at + WORDS[op]!);
    if (IS_SHORT[op] === 1) code[2 * at + 1] = encodeHigh(bOf(code[2 * at + 1]!), distance);
    else code[2 * at + 1] = (distance * WORD) >>> 0;
  });
}

// ---- Code longer than a short jump

/** Words an out-of-reach short jump grows by. TESTSET becomes TEST, MOVE, JMP. */
const growthOf = (op: OpNumber): number => (op === Op.TESTSET ? 2 : 1);

function finishLongCode(buffer: CodeBuffer): FinishedCode {
  const { words, lines, targets, size } = buffer;
  const growth = new Uint8Array(size);
  const moved = new Int32Array(size + 1);
  // Growing one jump can put another out of reach; growth only adds, so this ends.
  for (let changed = true; changed; ) {
    for (let at = 0; at < size; at++) moved[at + 1] = moved[at]! + 1 + growth[at]!;
    changed = false;
    forEachJump(words, targets, size, (at, op) => {
      if (IS_SHORT[op] === 0 || growth[at] !== 0) return;
      if (moved[targets[at]!]! - (moved[at]! + 1) <= MAX_SHORT_JUMP) return;
      growth[at] = growthOf(op);
      changed = true;
    });
  }
  const newSize = moved[size]!;
  const code = new Uint32Array(2 * newSize);
  const newLines = new Int32Array(newSize);
  const newTargets = new Int32Array(newSize).fill(NO_JUMP);
  for (let at = 0; at < size; at++) {
    const to = moved[at]!;
    const low = words[2 * at]!;
    const high = words[2 * at + 1]!;
    const target = targets[at] === NO_JUMP ? NO_JUMP : moved[targets[at]!]!;
    newLines.fill(lines[at]!, to, moved[at + 1]!);
    if (growth[at] === 0) {
      code[2 * to] = low;
      code[2 * to + 1] = high;
      newTargets[to] = target;
      continue;
    }
    const jump = moved[at + 1]! - 1;
    code[2 * jump] = encodeLow(Op.JMP, 0, 0);
    newTargets[jump] = target;
    newTargets[to] = jump + 1;
    if (opOf(low) === Op.TESTSET) {
      code[2 * to] = encodeLow(Op.TEST, kOf(low) ^ 1, bOf(high));
      code[2 * to + 2] = encodeLow(Op.MOVE, 0, aOf(low));
      code[2 * to + 3] = encodeHigh(bOf(high), 0);
    } else {
      code[2 * to] = encodeLow(opOf(low), kOf(low) ^ 1, aOf(low));
      code[2 * to + 1] = high;
    }
  }
  encodeJumps(code, newTargets);
  return { code, lines: newLines, moved };
}

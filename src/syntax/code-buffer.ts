/**
 * The instructions of one function while it is compiled.
 *
 * Positions are word indices. Operands go in as plain numbers (register, constant index, ...); the scaling that the encoding wants is
 * derived from the operand modes of the opcode table, here and nowhere else. A jump's destination is not in its operand but in
 * `targets`: for an open jump that entry links to the next jump of its list (PUC threads its lists through the code itself, for which our
 * fused 16-bit jumps have no room), for a placed jump it is the word it goes to. Offsets are encoded last, by jump-layout.ts.
 */
import { aOf, bOf, encodeHigh, encodeLow, kOf, opOf, WORD } from '../bytecode/instruction.ts';
import { type OpcodeDescription, OPCODES, type OperandMode, Op, type OpNumber } from '../bytecode/opcode-table.ts';

/** End of a jump list, and the target of instructions that are no jumps. */
export const NO_JUMP = -1;
/** Register operand of a TESTSET that has no destination yet. */
export const NO_REGISTER = 255;

const INITIAL_WORDS = 64;
const SCALE_SHIFT = 4;

const scaleShift = (mode: OperandMode | undefined): number =>
  mode === 'R' || mode === 'W' || mode === 'RW' || mode === 'K' || mode === 'RK' ? SCALE_SHIFT : 0;
const shiftsOf = (field: 'a' | 'b' | 'c'): Uint8Array => Uint8Array.from(OPCODES, (entry: OpcodeDescription) => scaleShift(entry[field]));
const SHIFT_A = shiftsOf('a');
const SHIFT_B = shiftsOf('b');
const SHIFT_C = shiftsOf('c');
const HAS_CACHE = Uint8Array.from(OPCODES, (entry: OpcodeDescription) => (entry.cache === undefined ? 0 : 1));

export class CodeBuffer {
  /** Instruction words as pairs [low, high]. */
  words = new Uint32Array(2 * INITIAL_WORDS);
  lines = new Int32Array(INITIAL_WORDS);
  targets = new Int32Array(INITIAL_WORDS);
  /** Number of words. */
  size = 0;
  /** Position of the instruction emitted last, NO_JUMP if there is none. */
  last = NO_JUMP;
  /** Latest position that something jumps to: code in front of it cannot be merged with code behind it. */
  private lastLabel = NO_JUMP;

  // ---- Emitting

  emit(op: OpNumber, a: number, b: number, c: number, k: number, line: number): number {
    return this.append(op, encodeLow(op, k, a << SHIFT_A[op]!), encodeHigh(b << SHIFT_B[op]!, c << SHIFT_C[op]!), line);
  }

  /** Emits an instruction with the 32-bit field D. */
  emitWide(op: OpNumber, a: number, d: number, k: number, line: number): number {
    return this.append(op, encodeLow(op, k, a << SHIFT_A[op]!), d >>> 0, line);
  }

  private append(op: OpNumber, low: number, high: number, line: number): number {
    const at = this.size;
    const size = at + 1 + HAS_CACHE[op]!;
    if (size > this.lines.length) this.grow();
    this.words[2 * at] = low;
    this.words[2 * at + 1] = high;
    this.lines[at] = line;
    this.targets[at] = NO_JUMP;
    if (size > at + 1) {
      this.words[2 * at + 2] = 0;
      this.words[2 * at + 3] = 0;
      this.lines[at + 1] = line;
      this.targets[at + 1] = NO_JUMP;
    }
    this.size = size;
    this.last = at;
    return at;
  }

  private grow(): void {
    const { words, lines, targets } = this;
    this.words = new Uint32Array(2 * words.length);
    this.words.set(words);
    this.lines = new Int32Array(2 * lines.length);
    this.lines.set(lines);
    this.targets = new Int32Array(2 * targets.length);
    this.targets.set(targets);
  }

  /** Takes back the last instruction, which has one word and is no jump target. */
  dropLast(): void {
    this.size--;
    this.last = NO_JUMP;
  }

  /** Moves the instruction at `at` to another line. */
  fixLine(at: number, line: number): void {
    this.lines[at] = line;
    if (HAS_CACHE[this.op(at)] === 1) this.lines[at + 1] = line;
  }

  // ---- Reading and changing instructions

  op(at: number): OpNumber {
    return opOf(this.words[2 * at]!);
  }

  a(at: number): number {
    return aOf(this.words[2 * at]!) >> SHIFT_A[this.op(at)]!;
  }

  b(at: number): number {
    return bOf(this.words[2 * at + 1]!) >> SHIFT_B[this.op(at)]!;
  }

  setOp(at: number, op: OpNumber): void {
    this.words[2 * at] = ((this.words[2 * at]! & ~0xff) | op) >>> 0;
  }

  setA(at: number, a: number): void {
    this.words[2 * at] = ((this.words[2 * at]! & 0xffff) | ((a << SHIFT_A[this.op(at)]!) << 16)) >>> 0;
  }

  setK(at: number, k: number): void {
    this.words[2 * at] = ((this.words[2 * at]! & 0xffff00ff) | (k << 8)) >>> 0;
  }

  setB(at: number, b: number): void {
    this.words[2 * at + 1] = ((this.words[2 * at + 1]! & 0xffff0000) | (b << SHIFT_B[this.op(at)]!)) >>> 0;
  }

  setC(at: number, c: number): void {
    this.words[2 * at + 1] = ((this.words[2 * at + 1]! & 0xffff) | ((c << SHIFT_C[this.op(at)]!) << 16)) >>> 0;
  }

  /** Sets the data word behind an instruction. */
  setData(at: number, value: number): void {
    this.words[2 * at + 2] = value >>> 0;
  }

  negate(at: number): void {
    this.setK(at, kOf(this.words[2 * at]!) ^ 1);
  }

  /** Whether the instruction emitted last runs directly before the next one, always. */
  get canMergeWithLast(): boolean {
    return this.last !== NO_JUMP && this.lastLabel !== this.size;
  }

  // ---- Jump lists

  /** Marks the current position as a jump target. */
  here(): number {
    this.lastLabel = this.size;
    return this.size;
  }

  /** Emits an open forward jump; returns the list that holds it. */
  jump(line: number): number {
    return this.emitWide(Op.JMP, 0, 0, 0, line);
  }

  /** Emits a jump back to `target`. */
  loopTo(target: number, line: number): void {
    const at = this.emitWide(Op.LOOP, 0, 0, 0, line);
    this.targets[at] = target;
  }

  setTarget(at: number, target: number): void {
    this.targets[at] = target;
  }

  /** The two lists as one; the first one is walked. */
  joinLists(first: number, second: number): number {
    if (second === NO_JUMP) return first;
    if (first === NO_JUMP) return second;
    let at = first;
    while (this.targets[at] !== NO_JUMP) at = this.targets[at]!;
    this.targets[at] = second;
    return first;
  }

  /** Sends every jump of the list to `target`, dropping the values TESTSETs would store. */
  placeList(list: number, target: number): void {
    this.placeValueList(list, target, NO_REGISTER, target);
  }

  placeListHere(list: number): void {
    if (list !== NO_JUMP) this.placeList(list, this.here());
  }

  /** Sends the jumps that produce a value into `register` to `valueTarget`, the others to `otherTarget`. */
  placeValueList(list: number, valueTarget: number, register: number, otherTarget: number): void {
    while (list !== NO_JUMP) {
      const next = this.targets[list]!;
      this.targets[list] = this.storeTestValue(list, register) ? valueTarget : otherTarget;
      list = next;
    }
  }

  /** Makes a TESTSET store into `register`, or a TEST if that is pointless; false for other jumps. */
  private storeTestValue(at: number, register: number): boolean {
    if (this.op(at) !== Op.TESTSET) return false;
    const source = this.b(at);
    if (register !== NO_REGISTER && register !== source) {
      this.setA(at, register);
    } else {
      this.setOp(at, Op.TEST);
      this.setA(at, source);
      this.words[2 * at + 1] = 0;
    }
    return true;
  }

  /** No jump of the list shall produce a value. */
  dropValues(list: number): void {
    for (; list !== NO_JUMP; list = this.targets[list]!) this.storeTestValue(list, NO_REGISTER);
  }

  /** Whether some jump of the list does not produce a value. */
  needsValue(list: number): boolean {
    for (; list !== NO_JUMP; list = this.targets[list]!) if (this.op(list) !== Op.TESTSET) return true;
    return false;
  }
}

/** Bytes from the start of the code to a word. */
export const byteOffset = (position: number): number => position * WORD;

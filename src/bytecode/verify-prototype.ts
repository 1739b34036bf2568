/**
 * Verifies bytecode that did not come from the compiler: what passes here cannot make the interpreter or a trace reach outside of its frame,
 * its constants or its closure, whatever the values it meets. (Types of values are the interpreter's own checks.)
 *
 * Checked for each function:
 *   (1) every operand is in range and scaled, constants have the type their instruction relies on;
 *   (2) every jump goes to an instruction of the function, forward unless it is a loop's, and execution cannot run off the end;
 *   (3) open lists (B or C = 0) have exactly one producer, directly in front of their consumer, and start above its fixed operands;
 *   (4) a vararg function begins with VARARGPREP and returns from its moved frame; others never touch variable arguments;
 *   (5) no return leaves registers open that are captured by closures or to be closed;
 *   (6) to-be-closed registers are marked in ascending order and not written to while they are marked: their slots hold the list itself.
 * (5) and (6) are a flow analysis over the registers that may be captured or marked; the others look at one instruction, or at two neighbours.
 */
import { aOf, bOf, cOf, dOf, kOf, opOf, SCALE, signedC, sizeOf, WORD } from './instruction.ts';
import { MAX_SHORT_STRING } from './layout.ts';
import { ARITHMETIC, type OpcodeDescription, OPCODES, type OperandMode, type OpName } from './opcode-table.ts';
import type { Constant, Prototype } from './prototype.ts';

const MAX_STACK = 255;
const MAX_UPVALUE_KIND = 3;
/** Bound of SETLIST's index: beyond it no table has room. */
const MAX_LIST = 0x3fffffff;

interface Instruction {
  readonly name: OpName;
  readonly description: OpcodeDescription;
  /** Byte offsets of the instruction and of the one behind it. */
  readonly pc: number;
  readonly next: number;
  readonly k: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  /** Jump target, -1 for none. */
  readonly target: number;
  /** Second word, its low half. */
  readonly data: number;
}

class Defect extends Error {
  override readonly name = 'Defect';
}

function fail(what: string): never {
  throw new Defect(what);
}

const isShortString = (constant: Constant | undefined): boolean => constant instanceof Uint8Array && constant.length <= MAX_SHORT_STRING;
const isNumber = (constant: Constant | undefined): boolean => typeof constant === 'number' || typeof constant === 'bigint';
/** The name a field instruction's constant operand is; undefined for instructions whose constants may be anything. */
const FIELD_OPERAND: { readonly [name in OpName]?: 'b' | 'c' } = { GETTABUP: 'c', SETTABUP: 'b', GETFIELD: 'c', SETFIELD: 'b', SELF: 'c' };
/** Instructions whose constant operand must be a number. */
const NUMERIC: ReadonlySet<string> = new Set([...ARITHMETIC.map((name) => `${name}K`), 'LTK', 'LEK', 'GTK', 'GEK']);
const LOOPS: ReadonlySet<OpName> = new Set(['LOOP', 'FORLOOP', 'TFORLOOP']);
const RETURNS: ReadonlySet<OpName> = new Set(['RETURN', 'RETURN0', 'RETURN1']);
const JUMPS_ALWAYS: ReadonlySet<OpName> = new Set(['JMP', 'LOOP', 'TFORPREP']);

class Verifier {
  readonly #prototype: Prototype;
  readonly #code: readonly Instruction[];
  readonly #byPc = new Map<number, Instruction>();

  constructor(prototype: Prototype) {
    this.#prototype = prototype;
    this.#code = this.#decode();
    for (const instruction of this.#code) this.#byPc.set(instruction.pc, instruction);
  }

  verify(): void {
    this.#verifyShape();
    this.#code.forEach((instruction, i) => {
      this.#verifyOperands(instruction);
      this.#verifyRanges(instruction);
      this.#verifyJump(instruction);
      this.#verifyReturn(instruction);
      this.#verifyOpenList(instruction, this.#code[i - 1], this.#code[i + 1]);
      if (instruction.name === 'VARARGPREP' && i !== 0) fail('misplaced VARARGPREP');
    });
    this.#verifyClosing();
  }

  #decode(): Instruction[] {
    const { code } = this.#prototype;
    const found: Instruction[] = [];
    for (let pc = 0; pc < code.length * 4; ) {
      const low = code[pc / 4] as number;
      const high = code[pc / 4 + 1] as number;
      const op = opOf(low);
      const description = OPCODES[op];
      // A loop's other forms name counters and traces that only this engine's core may write.
      if (description === undefined || /_(PLAIN|JIT)$/.test(description.name)) fail(`invalid opcode ${op}`);
      const next = pc + sizeOf(op);
      if (next > code.length * 4) fail('incomplete instruction');
      const target = description.d === 'J' ? next + dOf(high) : description.c === 'JC' ? next + signedC(high) * WORD : -1;
      const data = next - pc > WORD ? (code[pc / 4 + 2] as number) : 0;
      found.push({ name: description.name, description, pc, next, k: kOf(low), a: aOf(low), b: bOf(high), c: cOf(high), d: dOf(high), target, data });
      pc = next;
    }
    return found;
  }

  #verifyShape(): void {
    const { maxStack, parameterCount, isVararg, lines, code, locals, upvalues } = this.#prototype;
    if (maxStack < 2 || maxStack > MAX_STACK || parameterCount > maxStack) fail('invalid frame size');
    if (upvalues.length > MAX_STACK) fail('too many upvalues');
    if (lines.length !== 0 && lines.length !== code.length / 2) fail('invalid line information');
    for (const { register, startPc, endPc } of locals) if (register >= maxStack || startPc > endPc || endPc > code.length * 4) fail('invalid local variable');
    const last = this.#code.at(-1);
    if (last === undefined || !RETURNS.has(last.name)) fail('function does not end with a return');
    const first = this.#code[0] as Instruction;
    if (isVararg !== (first.name === 'VARARGPREP') || (isVararg && first.a !== parameterCount)) fail('invalid variable arguments');
  }

  #register(n: number): void {
    if (n >= this.#prototype.maxStack) fail(`invalid register ${n}`);
  }

  /** Registers [first, first + count). */
  #registers(first: number, count: number): void {
    if (count > 0) this.#register(first + count - 1);
  }

  #scaled(value: number): number {
    if (value % SCALE !== 0) fail('misaligned operand');
    return value / SCALE;
  }

  #operand(mode: OperandMode | undefined, value: number, k: number): void {
    const { constants, upvalues, prototypes } = this.#prototype;
    switch (mode) {
      case 'R':
      case 'W':
      case 'RW':
        return this.#register(this.#scaled(value));
      case 'RK':
        if (k === 0) return this.#register(this.#scaled(value));
        if (this.#scaled(value) >= constants.length) fail('invalid constant');
        return;
      case 'K':
        if (this.#scaled(value) >= constants.length) fail('invalid constant');
        return;
      case 'KD':
        if (value < 0 || value >= constants.length) fail('invalid constant');
        return;
      case 'U':
        if (value >= upvalues.length) fail('invalid upvalue');
        return;
      case 'P':
        if (value < 0 || value >= prototypes.length) fail('invalid function');
    }
  }

  #verifyOperands({ name, description, k, a, b, c, d }: Instruction): void {
    if (k > 1) fail('invalid operand');
    this.#operand(description.a, a, k);
    if (description.d === undefined) {
      this.#operand(description.b, b, k);
      this.#operand(description.c, c, k);
    } else this.#operand(description.d, d, k);
    const { constants } = this.#prototype;
    const field = FIELD_OPERAND[name];
    if (field !== undefined && !isShortString(constants[(field === 'b' ? b : c) / SCALE])) fail('invalid field name');
    if (NUMERIC.has(name) && !isNumber(constants[(description.c === 'K' ? c : b) / SCALE])) fail('invalid numeric constant');
  }

  /** Operands that are ranges of registers. */
  #verifyRanges({ name, a, b, c, data }: Instruction): void {
    const first = a / SCALE;
    switch (name) {
      case 'LOADNIL':
        return this.#registers(first, b + 1);
      case 'SELF':
        return this.#registers(first, 2);
      case 'CONCAT':
        if (b < 2) fail('invalid operand');
        return this.#registers(first, b);
      case 'CALL':
        this.#registers(first, b);
        return this.#registers(first, c - 1);
      case 'TAILCALL':
        return this.#registers(first, b);
      case 'RETURN':
        return this.#registers(first, b - 1);
      case 'FORPREP':
      case 'FORLOOP':
      case 'TFORPREP':
        return this.#registers(first, 4);
      case 'TFORLOOP':
        return this.#registers(first, 5);
      case 'TFORCALL':
        if (b < 1) fail('invalid operand');
        return this.#registers(first, 4 + b);
      case 'SETLIST':
        if (data > MAX_LIST) fail('invalid operand');
        return this.#registers(first, b);
      case 'VARARG':
        if (!this.#prototype.isVararg) fail('invalid variable arguments');
        return this.#registers(first, c - 1);
    }
  }

  #verifyJump({ name, description, pc, next, target }: Instruction): void {
    if (name === 'LFALSESKIP' && !this.#byPc.has(next + WORD)) fail('invalid jump');
    if (target < 0) {
      if (description.d === 'J' || description.c === 'JC') fail('invalid jump');
      return;
    }
    if (!this.#byPc.has(target) || (LOOPS.has(name) ? target > pc : target < next)) fail('invalid jump');
    if (target === 0 && this.#prototype.isVararg) fail('invalid jump');
  }

  #verifyReturn({ name, c }: Instruction): void {
    const { isVararg, parameterCount } = this.#prototype;
    if (name === 'RETURN0' || name === 'RETURN1') {
      if (isVararg) fail('invalid return');
    } else if (name === 'RETURN' || name === 'TAILCALL') {
      if (c !== (isVararg ? parameterCount + 1 : 0)) fail('invalid return');
    }
  }

  #verifyOpenList(instruction: Instruction, before: Instruction | undefined, behind: Instruction | undefined): void {
    const { name, pc, a, b } = instruction;
    if (isOpenProducer(instruction) && (behind === undefined || !isOpenConsumer(behind))) fail('open list without use');
    if (name === 'TAILCALL' && behind?.name !== 'RETURN') fail('tail call without return');
    if (!isOpenConsumer(instruction)) return;
    if (before === undefined || !isOpenProducer(before)) fail('open list without values');
    // The list begins behind what the instruction needs in front of it.
    const fixed = name === 'RETURN' ? 0 : SCALE;
    if (b === 0 && before.a < a + fixed) fail('open list out of place');
    if (this.#code.some((other) => other.target === pc || (other.name === 'LFALSESKIP' && other.next + WORD === pc))) fail('jump into an open list');
  }

  // ---- Registers to be closed

  /** Propagates the registers that may be open, from the first instruction on, until nothing changes. */
  #verifyClosing(): void {
    const captured = this.#prototype.prototypes.map(({ upvalues }) =>
      upvalues.reduce((set, { fromStack, index }) => (fromStack ? set | range(index, index + 1) : set), 0n));
    if (captured.every((set) => set === 0n) && !this.#code.some(({ name }) => name === 'TBC' || name === 'TFORPREP')) return;
    const states = new Map<number, Open>([[0, { captured: 0n, marked: 0n }]]);
    const waiting = [this.#code[0] as Instruction];
    for (let instruction = waiting.pop(); instruction !== undefined; instruction = waiting.pop()) {
      const after = closingEffect(instruction, states.get(instruction.pc) as Open, captured);
      for (const pc of successors(instruction)) {
        const known = states.get(pc) ?? { captured: 0n, marked: 0n };
        const merged = { captured: known.captured | after.captured, marked: known.marked | after.marked };
        if (states.has(pc) && merged.captured === known.captured && merged.marked === known.marked) continue;
        states.set(pc, merged);
        waiting.push(this.#byPc.get(pc) as Instruction);
      }
    }
  }
}

/** Sets of registers, one bit each: those that a closure may have captured, and those that may be marked to be closed. */
interface Open {
  readonly captured: bigint;
  readonly marked: bigint;
}

const isOpenProducer = ({ name, c }: Instruction): boolean => name === 'TAILCALL' || ((name === 'CALL' || name === 'VARARG') && c === 0);
const isOpenConsumer = ({ name, b }: Instruction): boolean =>
  (name === 'CALL' || name === 'TAILCALL' || name === 'RETURN' || name === 'SETLIST') && b === 0;

function successors({ name, next, target }: Instruction): number[] {
  if (RETURNS.has(name)) return [];
  if (name === 'LFALSESKIP') return [next + WORD];
  if (JUMPS_ALWAYS.has(name)) return [target];
  return target < 0 ? [next] : [next, target];
}

/** All registers from `first` on. */
const from = (first: number): bigint => (1n << 256n) - (1n << BigInt(first));
const range = (first: number, end: number): bigint => from(first) & ~from(Math.max(first, end));

/** Registers an instruction may write to. A call's frame lies over the caller's registers from its function on. */
function writtenBy({ name, description, a, b, c }: Instruction): bigint {
  const first = a / SCALE;
  switch (name) {
    case 'LOADNIL':
      return range(first, first + b + 1);
    case 'SELF':
      return range(first, first + 2);
    case 'CONCAT':
      return range(first, first + b);
    case 'CALL':
      return from(first);
    case 'VARARG':
      return c === 0 ? from(first) : range(first, first + c - 1);
    case 'FORPREP':
    case 'FORLOOP':
      return range(first, first + 4);
    case 'TFORCALL':
      return from(first + 4);
    case 'TFORLOOP':
      return range(first + 2, first + 3);
    case 'TFORPREP':
      return 0n;
    default: {
      return description.a === 'W' || description.a === 'RW' ? range(first, first + 1) : 0n;
    }
  }
}

/** The registers that may be open behind an instruction. @param captures registers that each nested function captures */
function closingEffect(instruction: Instruction, open: Open, captures: readonly bigint[]): Open {
  const { name, a, d, k } = instruction;
  const { captured, marked } = open;
  const first = a / SCALE;
  if (RETURNS.has(name) || name === 'TAILCALL') {
    if ((name === 'RETURN0' || name === 'RETURN1' || k === 0) && (captured | marked) !== 0n) fail('return without closing');
    return { captured: 0n, marked: 0n };
  }
  if (name === 'CLOSE') return { captured: captured & ~from(first), marked: marked & ~from(first) };
  if (name === 'TBC' || name === 'TFORPREP') {
    const register = name === 'TBC' ? first : first + 3;
    if ((marked & from(register)) !== 0n) fail('to-be-closed variables out of order');
    return { captured, marked: marked | range(register, register + 1) };
  }
  if ((marked & writtenBy(instruction)) !== 0n) fail('to-be-closed variable overwritten');
  return name === 'CLOSURE' ? { captured: captured | (captures[d] as bigint), marked } : open;
}

function verifyNested(prototype: Prototype): void {
  new Verifier(prototype).verify();
  const { maxStack, upvalues } = prototype;
  for (const nested of prototype.prototypes) {
    for (const { fromStack, index, kind } of nested.upvalues) {
      if (index >= (fromStack ? maxStack : upvalues.length) || kind > MAX_UPVALUE_KIND) fail('invalid upvalue');
    }
    verifyNested(nested);
  }
}

/** What is wrong with a prototype or one that it contains; undefined if it can be run. */
export function findDefect(prototype: Prototype): string | undefined {
  try {
    verifyNested(prototype);
    return undefined;
  } catch (error) {
    if (error instanceof Defect) return error.message;
    throw error;
  }
}

/**
 * Flow analysis of a prototype: which registers are live in front of each instruction: those that may be read before they are written.
 * Snapshots leave the others out. Without that every temporary of a loop's body would be carried around the loop and stored by every
 * exit, since an SSA recorder alone cannot tell a dead temporary from a variable.
 *
 * Derived from the operand modes of the opcode table, plus the ranges below for instructions with a variable number of operands.
 * A register that some closure captures counts as live everywhere: it may be read through the upvalue. So does a variable in its scope, for
 * debug.getlocal: the values that only exits want are cheap, since exits are out of line (measured: no difference on the benchmark programs).
 */
import {
  LOCAL_DESC_END, LOCAL_DESC_REGISTER, LOCAL_DESC_SIZE, LOCAL_DESC_START, PROTO_CODE, PROTO_CODE_SIZE, PROTO_FRAME_SIZE, PROTO_LOCALS,
  PROTO_LOCAL_COUNT, PROTO_PROTOS, PROTO_PROTO_COUNT, PROTO_UPVALUES, PROTO_UPVALUE_COUNT, UPVALUE_DESC_FROM_STACK, UPVALUE_DESC_INDEX, UPVALUE_DESC_SIZE,
} from '../../../src/bytecode/layout.ts';
import { aOf, bOf, cOf, dOf, kOf, opOf, signedC, sizeOf, WORD } from '../../../src/bytecode/instruction.ts';
import { OPCODES, type OpcodeDescription, type OpName } from '../../../src/bytecode/opcode-table.ts';
import type { Memory } from '../../../src/engine/memory.ts';
import { BASE_NAMES } from './instruction-view.ts';
import { RegisterSets } from './register-sets.ts';

/** For #predecessors. */
const SEVERAL = 0xffffffff;
/** Where a variable number of operands ends: all registers. */
const ALL = 0xffff;

/** What an instruction, whose operand A is register `a`, does to registers, a range at a time. B and C are as they are stored. */
type MarkRanges = (uses: RegisterSets, kills: RegisterSets, row: number, a: number, b: number, c: number) => void;

/** Instructions whose operands are ranges of registers. */
const RANGES: { readonly [name in OpName]?: MarkRanges } = {
  LOADNIL: (_, kills, row, a, b) => kills.add(row, a, a + b + 1),
  SELF: (uses, kills, row, a, b) => { uses.add(row, b >> 4); kills.add(row, a, a + 2); },
  CONCAT: (uses, kills, row, a, b) => { uses.add(row, a, a + b); kills.add(row, a); },
  // Whatever lies above the called function is overwritten by the callee's frame.
  CALL: (uses, kills, row, a, b) => { uses.add(row, a, b === 0 ? ALL : a + b); kills.add(row, a, ALL); },
  TAILCALL: (uses, kills, row, a, b) => { uses.add(row, a, b === 0 ? ALL : a + b); kills.add(row, a, ALL); },
  RETURN: (uses, kills, row, a, b) => { uses.add(row, a, b === 0 ? ALL : a + b - 1); kills.add(row, a, ALL); },
  RETURN0: () => {},
  FORPREP: (uses, kills, row, a) => { uses.add(row, a, a + 3); kills.add(row, a + 3); },
  FORLOOP: (uses, kills, row, a) => { uses.add(row, a, a + 3); kills.add(row, a + 3); },
  TFORPREP: (uses, _, row, a) => uses.add(row, a, a + 4),
  TFORCALL: (uses, kills, row, a) => { uses.add(row, a, a + 4); kills.add(row, a + 4, ALL); },
  TFORLOOP: (uses, kills, row, a) => { uses.add(row, a, a + 2); uses.add(row, a + 3, a + 5); kills.add(row, a + 2); },
  SETLIST: (uses, _, row, a, b) => uses.add(row, a, b === 0 ? ALL : a + b),
  VARARG: (_, kills, row, a, __, c) => kills.add(row, a, c === 0 ? ALL : a + c - 1),
};

/** Instructions behind which execution does not go on. */
const LEAVES: ReadonlySet<OpName> = new Set(['JMP', 'LOOP', 'TFORPREP', 'RETURN', 'RETURN0', 'RETURN1']);

const [NO_JUMP, NEAR_JUMP, FAR_JUMP] = [0, 1, 2];

/** What the opcode table says of each opcode, as the analysis wants it: most of its time goes into looking at instructions. */
const FLOWS = OPCODES.map(({ a, b, c, d }: OpcodeDescription, op) => {
  const name = BASE_NAMES[op]!;
  const ranges = RANGES[name];
  return {
    ranges,
    readsA: ranges === undefined && (a === 'R' || a === 'RW'),
    // TESTSET writes on one of its ways only.
    writesA: ranges === undefined && a === 'W' && name !== 'TESTSET',
    readsB: ranges === undefined && b === 'R',
    readsC: ranges === undefined && (c === 'R' || c === 'RK'),
    canBeConstant: c === 'RK',
    /** Distance from A of the variable that is to be closed. */
    closes: name === 'TBC' ? 0 : name === 'TFORPREP' ? 3 : undefined,
    size: sizeOf(op) / WORD,
    goesOn: !LEAVES.has(name),
    skips: name === 'LFALSESKIP' ? 1 : 0,
    jump: d === 'J' ? FAR_JUMP : c === 'JC' ? NEAR_JUMP : NO_JUMP,
  };
});

/** Liveness of one prototype, computed once. A row is an instruction's place in the code, in words; one behind the code stands for no instruction. */
export class Liveness {
  readonly #code: number;
  /** Live registers in front of each instruction. */
  readonly #live: RegisterSets;
  readonly #captured: RegisterSets;
  /** Variables to be closed: looked at where their scope ends, whatever the instructions there say. */
  readonly #closed: RegisterSets;
  readonly #registers: number;
  /** The only instruction execution can come from, a row + 1; 0 for none, SEVERAL for several. */
  readonly #predecessors: Uint32Array;

  /** @param proto address of the prototype */
  constructor(memory: Memory, proto: number) {
    this.#code = memory.load(proto + PROTO_CODE);
    this.#registers = memory.load(proto + PROTO_FRAME_SIZE) >> 4;
    const size = memory.load(proto + PROTO_CODE_SIZE);
    const rows = size >>> 3;
    this.#captured = new RegisterSets(1, this.#registers);
    this.#closed = new RegisterSets(1, this.#registers);
    const uses = new RegisterSets(rows + 1, this.#registers);
    const kills = new RegisterSets(rows + 1, this.#registers);
    const starts = new Uint32Array(rows);
    const successors = new Uint32Array(2 * rows).fill(rows);
    this.#predecessors = new Uint32Array(rows + 1);
    markCaptured(memory, proto, this.#captured);
    const visible = new VisibleRegisters(memory, proto, this.#registers);
    let count = 0;
    for (let row = 0; row < rows; ) {
      const low = memory.load(this.#code + row * WORD);
      const high = memory.load(this.#code + row * WORD + 4);
      const a = aOf(low) >> 4;
      const b = bOf(high);
      const c = cOf(high);
      const flow = FLOWS[opOf(low)]!;
      starts[count++] = row;
      visible.advance(row * WORD);
      uses.merge(row, visible.set);
      if (flow.ranges !== undefined) flow.ranges(uses, kills, row, a, b, c);
      if (flow.readsA) uses.add(row, a);
      if (flow.writesA) kills.add(row, a);
      if (flow.readsB) uses.add(row, b >> 4);
      if (flow.readsC && !(flow.canBeConstant && kOf(low) !== 0)) uses.add(row, c >> 4);
      if (flow.closes !== undefined) this.#closed.add(0, a + flow.closes);
      const next = row + flow.size;
      if (flow.goesOn) successors[2 * row] = this.#follow(row, next + flow.skips);
      if (flow.jump !== NO_JUMP) successors[2 * row + 1] = this.#follow(row, next + (flow.jump === FAR_JUMP ? dOf(high) / WORD : signedC(high)));
      row = next;
    }
    this.#live = new RegisterSets(rows + 1, this.#registers);
    for (let changed = true; changed; ) {
      changed = false;
      for (let n = count - 1; n >= 0; n--) {
        const at = starts[n]!;
        if (this.#live.flow(at, uses, kills, successors[2 * at]!, successors[2 * at + 1]!)) changed = true;
      }
    }
  }

  /** Is a register's value needed when execution goes on at `pc`? What lies above the registers is part of an open list, and needed. */
  isLive(pc: number, register: number): boolean {
    return register >= this.#registers || this.#live.has(this.#rowOf(pc), register) || this.#captured.has(0, register);
  }

  /** Registers that hold nothing the program, a closure or a closing of variables wants when execution goes on at `pc`. */
  deadRegisters(pc: number): readonly number[] {
    return Array.from({ length: this.#registers }, (_, register) => register).filter((register) => !this.isLive(pc, register) && !this.#closed.has(0, register));
  }

  /** Address of the only instruction that execution comes from to this one, 0 if there are several. */
  predecessor(pc: number): number {
    const row = this.#predecessors[this.#rowOf(pc)]!;
    return row === 0 || row === SEVERAL ? 0 : this.#code + WORD * (row - 1);
  }

  /** May a closure hold an upvalue to this register? */
  isCaptured(register: number): boolean {
    return this.#captured.has(0, register);
  }

  /** Execution may go on at row `to` behind a row. */
  #follow(row: number, to: number): number {
    this.#predecessors[to] = this.#predecessors[to] === 0 ? row + 1 : SEVERAL;
    return to;
  }

  #rowOf(pc: number): number {
    return (pc - this.#code) >>> 3;
  }
}

/** Registers that nested prototypes capture directly. */
function markCaptured(memory: Memory, proto: number, captured: RegisterSets): void {
  const nested = memory.load(proto + PROTO_PROTOS);
  for (let n = 0, count = memory.load(proto + PROTO_PROTO_COUNT); n < count; n++) {
    const child = memory.load(nested + 4 * n);
    const descriptions = memory.load(child + PROTO_UPVALUES);
    for (let u = 0, upvalues = memory.load(child + PROTO_UPVALUE_COUNT); u < upvalues; u++) {
      const at = descriptions + u * UPVALUE_DESC_SIZE;
      if (memory.loadByte(at + UPVALUE_DESC_FROM_STACK) !== 0) captured.add(0, memory.loadByte(at + UPVALUE_DESC_INDEX));
    }
  }
}

/**
 * Variables in their scope at each instruction, which count as used there: debug.getlocal can look at them from whatever is called behind an exit. (Used,
 * not only live: what a generic for was given is in its registers before the scope of its variables begins.)
 * Variables stand in the order in which their scopes begin.
 */
class VisibleRegisters {
  readonly set: RegisterSets;
  readonly #memory: Memory;
  readonly #end: number;
  #local: number;
  /** Where the scope of the variable in a register ends. */
  readonly #scopes = new Map<number, number>();
  #firstEnd = Number.POSITIVE_INFINITY;

  constructor(memory: Memory, proto: number, registers: number) {
    this.set = new RegisterSets(1, registers);
    this.#memory = memory;
    this.#local = memory.load(proto + PROTO_LOCALS);
    this.#end = this.#local + memory.load(proto + PROTO_LOCAL_COUNT) * LOCAL_DESC_SIZE;
  }

  /** Goes on to the instruction at this byte offset. */
  advance(at: number): void {
    const memory = this.#memory;
    if (at >= this.#firstEnd) this.#endScopes(at);
    for (; this.#local < this.#end && memory.load(this.#local + LOCAL_DESC_START) <= at; this.#local += LOCAL_DESC_SIZE) {
      const scopeEnd = memory.load(this.#local + LOCAL_DESC_END);
      if (scopeEnd <= at) continue;
      const register = memory.load(this.#local + LOCAL_DESC_REGISTER);
      this.#scopes.set(register, scopeEnd);
      this.#firstEnd = Math.min(this.#firstEnd, scopeEnd);
      this.set.add(0, register);
    }
  }

  #endScopes(at: number): void {
    for (const [register, scopeEnd] of this.#scopes) {
      if (at < scopeEnd) continue;
      this.#scopes.delete(register);
      this.set.remove(0, register);
    }
    this.#firstEnd = Math.min(...this.#scopes.values());
  }
}

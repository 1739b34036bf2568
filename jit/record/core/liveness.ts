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
import { OPCODES, type OpName, Op } from '../../../src/bytecode/opcode-table.ts';
import type { Memory } from '../../../src/engine/memory.ts';
import { type InstructionView, readInstruction } from './instruction-view.ts';

/** A set of registers, one bit each. */
export type RegisterSet = bigint;

/** Registers [from, to). */
const range = (from: number, to: number): RegisterSet => (to <= from ? 0n : ((1n << BigInt(to - from)) - 1n) << BigInt(from));
const one = (register: number): RegisterSet => 1n << BigInt(register);

interface Flow {
  readonly uses: RegisterSet;
  readonly kills: RegisterSet;
  /** Addresses execution may go on at. */
  readonly successors: readonly number[];
}

/** Instructions whose operands are ranges of registers. `all` is the number of registers. */
const RANGES: { readonly [name in OpName]?: (i: InstructionView, a: number, all: number) => { uses: RegisterSet; kills: RegisterSet } } = {
  LOADNIL: (i, a) => ({ uses: 0n, kills: range(a, a + i.b + 1) }),
  SELF: (i, a) => ({ uses: one(i.b >> 4), kills: range(a, a + 2) }),
  CONCAT: (i, a) => ({ uses: range(a, a + i.b), kills: one(a) }),
  // Whatever lies above the called function is overwritten by the callee's frame.
  CALL: (i, a, all) => ({ uses: range(a, i.b === 0 ? all : a + i.b), kills: range(a, all) }),
  TAILCALL: (i, a, all) => ({ uses: range(a, i.b === 0 ? all : a + i.b), kills: range(a, all) }),
  RETURN: (i, a, all) => ({ uses: range(a, i.b === 0 ? all : a + i.b - 1), kills: range(a, all) }),
  RETURN0: () => ({ uses: 0n, kills: 0n }),
  FORPREP: (_, a) => ({ uses: range(a, a + 3), kills: one(a + 3) }),
  FORLOOP: (_, a) => ({ uses: range(a, a + 3), kills: one(a + 3) }),
  TFORPREP: (_, a) => ({ uses: range(a, a + 4), kills: 0n }),
  TFORCALL: (_, a, all) => ({ uses: range(a, a + 4), kills: range(a + 4, all) }),
  TFORLOOP: (_, a) => ({ uses: range(a, a + 2) | one(a + 3) | one(a + 4), kills: one(a + 2) }),
  SETLIST: (i, a, all) => ({ uses: range(a, i.b === 0 ? all : a + i.b), kills: 0n }),
  VARARG: (i, a, all) => ({ uses: 0n, kills: i.c === 0 ? range(a, all) : range(a, a + i.c - 1) }),
};

const JUMPS_ALWAYS: ReadonlySet<OpName> = new Set(['JMP', 'LOOP', 'TFORPREP']);
const RETURNS: ReadonlySet<OpName> = new Set(['RETURN', 'RETURN0', 'RETURN1']);

function flowOf(i: InstructionView, all: number): Flow {
  const description = OPCODES[Op[i.name]]!;
  const successors: number[] = [];
  if (!RETURNS.has(i.baseName)) {
    if (!JUMPS_ALWAYS.has(i.baseName)) successors.push(i.next);
    if (description.d === 'J') successors.push(i.next + i.d);
    if (description.c === 'JC') successors.push(i.next + i.signedC * 8);
    if (i.baseName === 'LFALSESKIP') successors[0] = i.next + 8;
  }
  const ranges = RANGES[i.baseName];
  if (ranges !== undefined) return { ...ranges(i, i.a >> 4, all), successors };
  let uses = 0n;
  let kills = 0n;
  const operand = (mode: string | undefined, field: number): void => {
    if (mode === 'R' || mode === 'RW' || (mode === 'RK' && i.k === 0)) uses |= one(field >> 4);
    // TESTSET writes on one of its ways only.
    if (mode === 'W' && i.baseName !== 'TESTSET') kills |= one(field >> 4);
  };
  operand(description.a, i.a);
  if (description.d === undefined) {
    operand(description.b, i.b);
    operand(description.c, i.c);
  }
  return { uses, kills, successors };
}

/** Liveness of one prototype, computed once. */
export class Liveness {
  /** Live registers in front of the instruction at this byte offset. */
  private readonly live = new Map<number, RegisterSet>();
  private readonly captured: RegisterSet;
  /** Variables to be closed: looked at where their scope ends, whatever the instructions there say. */
  private readonly closed: RegisterSet;
  private readonly registers: number;
  /** The only instruction execution can come from, by address; 0 where there are several. */
  private readonly predecessors = new Map<number, number>();

  /** @param proto address of the prototype */
  constructor(memory: Memory, proto: number) {
    const code = memory.load(proto + PROTO_CODE);
    const all = memory.load(proto + PROTO_FRAME_SIZE) >> 4;
    this.registers = all;
    this.captured = capturedRegisters(memory, proto);
    const instructions: InstructionView[] = [];
    const end = code + memory.load(proto + PROTO_CODE_SIZE);
    for (let pc = code; pc < end; ) {
      const i = readInstruction(memory, pc);
      instructions.push(i);
      pc = i.next;
    }
    this.closed = instructions.reduce((set, { baseName, a }) => (baseName === 'TBC' ? set | one(a >> 4) : baseName === 'TFORPREP' ? set | one((a >> 4) + 3) : set), 0n);
    const visible = visibleRegisters(memory, proto, instructions);
    const flows = instructions.map((i, n): Flow => {
      const flow = flowOf(i, all);
      return { ...flow, uses: flow.uses | visible[n]! };
    });
    instructions.forEach(({ pc }, n) => {
      for (const target of flows[n]!.successors) this.predecessors.set(target, this.predecessors.has(target) ? 0 : pc);
    });
    for (let changed = true; changed; ) {
      changed = false;
      for (let n = instructions.length - 1; n >= 0; n--) {
        const { uses, kills, successors } = flows[n]!;
        let out = 0n;
        for (const target of successors) out |= this.live.get(target) ?? 0n;
        const before = uses | (out & ~kills);
        const pc = instructions[n]!.pc;
        if (this.live.get(pc) !== before) {
          this.live.set(pc, before);
          changed = true;
        }
      }
    }
  }

  /** Is a register's value needed when execution goes on at `pc`? What lies above the registers is part of an open list, and needed. */
  isLive(pc: number, register: number): boolean {
    return register >= this.registers || (((this.live.get(pc) ?? 0n) | this.captured) >> BigInt(register) & 1n) === 1n;
  }

  /** Registers that hold nothing the program, a closure or a closing of variables wants when execution goes on at `pc`. */
  deadRegisters(pc: number): readonly number[] {
    const wanted = (this.live.get(pc) ?? 0n) | this.captured | this.closed;
    return Array.from({ length: this.registers }, (_, register) => register).filter((register) => ((wanted >> BigInt(register)) & 1n) === 0n);
  }

  /** Address of the only instruction that execution comes from to this one, 0 if there are several. */
  predecessor(pc: number): number {
    return this.predecessors.get(pc) ?? 0;
  }

  /** May a closure hold an upvalue to this register? */
  isCaptured(register: number): boolean {
    return ((this.captured >> BigInt(register)) & 1n) === 1n;
  }
}

/** Registers that nested prototypes capture directly. */
function capturedRegisters(memory: Memory, proto: number): RegisterSet {
  let captured = 0n;
  const nested = memory.load(proto + PROTO_PROTOS);
  for (let n = 0, count = memory.load(proto + PROTO_PROTO_COUNT); n < count; n++) {
    const child = memory.load(nested + 4 * n);
    const descriptions = memory.load(child + PROTO_UPVALUES);
    for (let u = 0, upvalues = memory.load(child + PROTO_UPVALUE_COUNT); u < upvalues; u++) {
      const at = descriptions + u * UPVALUE_DESC_SIZE;
      if (memory.loadByte(at + UPVALUE_DESC_FROM_STACK) !== 0) captured |= one(memory.loadByte(at + UPVALUE_DESC_INDEX));
    }
  }
  return captured;
}

/**
 * Variables in their scope at each instruction, which count as used there: debug.getlocal can look at them from whatever is called behind an exit. (Used,
 * not only live: what a generic for was given is in its registers before the scope of its variables begins.)
 * Variables stand in the order in which their scopes begin.
 */
function visibleRegisters(memory: Memory, proto: number, instructions: readonly InstructionView[]): readonly RegisterSet[] {
  const code = memory.load(proto + PROTO_CODE);
  let local = memory.load(proto + PROTO_LOCALS);
  const end = local + memory.load(proto + PROTO_LOCAL_COUNT) * LOCAL_DESC_SIZE;
  /** Where the scope of the variable in a register ends. */
  const scopes = new Map<number, number>();
  let visible = 0n;
  return instructions.map(({ pc }) => {
    const at = pc - code;
    for (const [register, scopeEnd] of scopes) {
      if (at < scopeEnd) continue;
      scopes.delete(register);
      visible &= ~one(register);
    }
    for (; local < end && memory.load(local + LOCAL_DESC_START) <= at; local += LOCAL_DESC_SIZE) {
      const scopeEnd = memory.load(local + LOCAL_DESC_END);
      if (scopeEnd <= at) continue;
      scopes.set(memory.load(local + LOCAL_DESC_REGISTER), scopeEnd);
      visible |= one(memory.load(local + LOCAL_DESC_REGISTER));
    }
    return visible;
  });
}

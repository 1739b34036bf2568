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
} from '../../../../src/bytecode/layout';
import {
  firstForm, MODE_J, MODE_JC, MODE_R, MODE_RK, MODE_RW, MODE_W, OP_CALL, OP_CONCAT, OP_FORLOOP, OP_FORPREP, OP_JMP, OP_LFALSESKIP, OP_LOADNIL, OP_LOOP, OP_RETURN, OP_RETURN0,
  OP_RETURN1, OP_SELF, OP_SETLIST, OP_TAILCALL, OP_TBC, OP_TESTSET, OP_TFORCALL, OP_TFORLOOP, OP_TFORPREP, OP_VARARG, opcodeWords, operandModes,
} from '../../../../src/core/generated/opcodes';
import { BitRows } from '../../base/bit-rows';
import { load32, load8 } from '../../base/host';
import { WORD } from './instruction-view';

/** For `predecessors`. */
const SEVERAL: u32 = 0xffffffff;
/** Where a variable number of operands ends: all registers. */
const ALL: i32 = 0xffff;

const MODE_MASK: u32 = 15;

/** What an instruction whose operands are ranges of registers does to them. B and C are as they are stored. @returns whether it is one */
function markRanges(op: u32, uses: BitRows, kills: BitRows, row: i32, a: i32, b: i32, c: i32): bool {
  switch (op) {
    case OP_LOADNIL:
      kills.addRange(row, a, a + b + 1);
      return true;
    case OP_SELF:
      uses.add(row, b >> 4);
      kills.addRange(row, a, a + 2);
      return true;
    case OP_CONCAT:
      uses.addRange(row, a, a + b);
      kills.add(row, a);
      return true;
    // Whatever lies above the called function is overwritten by the callee's frame.
    case OP_CALL:
    case OP_TAILCALL:
      uses.addRange(row, a, b == 0 ? ALL : a + b);
      kills.addRange(row, a, ALL);
      return true;
    case OP_RETURN:
      uses.addRange(row, a, b == 0 ? ALL : a + b - 1);
      kills.addRange(row, a, ALL);
      return true;
    case OP_RETURN0:
      return true;
    case OP_FORPREP:
    case OP_FORLOOP:
      uses.addRange(row, a, a + 3);
      kills.add(row, a + 3);
      return true;
    case OP_TFORPREP:
      uses.addRange(row, a, a + 4);
      return true;
    case OP_TFORCALL:
      uses.addRange(row, a, a + 4);
      kills.addRange(row, a + 4, ALL);
      return true;
    case OP_TFORLOOP:
      uses.addRange(row, a, a + 2);
      uses.addRange(row, a + 3, a + 5);
      kills.add(row, a + 2);
      return true;
    case OP_SETLIST:
      uses.addRange(row, a, b == 0 ? ALL : a + b);
      return true;
    case OP_VARARG:
      kills.addRange(row, a, c == 0 ? ALL : a + c - 1);
      return true;
    default: return false;
  }
}

/** Does execution go on behind an instruction? */
function goesOn(op: u32): bool {
  switch (op) {
    case OP_JMP:
    case OP_LOOP:
    case OP_TFORPREP:
    case OP_RETURN:
    case OP_RETURN0:
    case OP_RETURN1:
      return false;
    default: return true;
  }
}

/** Liveness of one prototype. A row is an instruction's place in the code, in words; one behind the code stands for no instruction. */
export class Liveness {
  private code: u32;
  /** Live registers in front of each instruction. */
  private live: BitRows;
  private captured: BitRows;
  /** Variables to be closed: looked at where their scope ends, whatever the instructions there say. */
  private closed: BitRows;
  private registers: i32;
  /** The only instruction execution can come from, a row + 1; 0 for none, SEVERAL for several. */
  private predecessors: StaticArray<u32>;

  /** @param proto address of the prototype */
  constructor(proto: u32) {
    const registers = <i32>(load32(proto + PROTO_FRAME_SIZE) >> 4);
    const rows = <i32>(load32(proto + PROTO_CODE_SIZE) / WORD);
    this.code = load32(proto + PROTO_CODE);
    this.registers = registers;
    this.captured = new BitRows(1, registers);
    this.closed = new BitRows(1, registers);
    this.live = new BitRows(rows + 1, registers);
    this.predecessors = new StaticArray<u32>(rows + 1);
    const uses = new BitRows(rows + 1, registers);
    const kills = new BitRows(rows + 1, registers);
    const starts = new StaticArray<i32>(rows);
    const successors = new StaticArray<i32>(2 * rows);
    markCaptured(proto, this.captured);
    const visible = new VisibleRegisters(proto, registers);
    let count = 0;
    for (let row = 0; row < rows; ) {
      const low = load32(this.code + <u32>row * WORD);
      const high = load32(this.code + <u32>row * WORD + 4);
      const op = firstForm(low & 0xff);
      const modes = operandModes(op);
      const a = <i32>(low >> 20);
      const b = <i32>(high & 0xffff);
      const c = <i32>(high >> 16);
      starts[count++] = row;
      visible.advance(<u32>row * WORD);
      uses.merge(row, visible.set, 0);
      if (!markRanges(op, uses, kills, row, a, b, c)) {
        const modeA = modes & MODE_MASK;
        const modeC = (modes >> 8) & MODE_MASK;
        const isConstant = modeC == MODE_RK && ((low >> 8) & 0xff) != 0;
        if (modeA == MODE_R || modeA == MODE_RW) uses.add(row, a);
        // TESTSET writes on one of its ways only.
        if (modeA == MODE_W && op != OP_TESTSET) kills.add(row, a);
        if (((modes >> 4) & MODE_MASK) == MODE_R) uses.add(row, b >> 4);
        if (modeC == MODE_R || (modeC == MODE_RK && !isConstant)) uses.add(row, c >> 4);
      }
      if (op == OP_TBC) this.closed.add(0, a);
      else if (op == OP_TFORPREP) this.closed.add(0, a + 3);
      const next = row + <i32>opcodeWords(op);
      const isFar = modes >> 12 == MODE_J;
      const isNear = ((modes >> 8) & MODE_MASK) == MODE_JC;
      successors[2 * row] = goesOn(op) ? this.follow(row, op == OP_LFALSESKIP ? next + 1 : next) : rows;
      successors[2 * row + 1] = isFar ? this.follow(row, next + <i32>high / <i32>WORD) : isNear ? this.follow(row, next + (<i32>high >> 16)) : rows;
      row = next;
    }
    for (let changed = true; changed; ) {
      changed = false;
      for (let n = count - 1; n >= 0; n--) {
        const at = starts[n];
        if (this.live.flow(at, uses, kills, successors[2 * at], successors[2 * at + 1])) changed = true;
      }
    }
  }

  /** Is a register's value needed when execution goes on at `pc`? What lies above the registers is part of an open list, and needed. */
  isLive(pc: u32, register: i32): bool {
    return register >= this.registers || this.live.has(this.rowOf(pc), register) || this.captured.has(0, register);
  }

  /** Registers that hold nothing the program, a closure or a closing of variables wants when execution goes on at `pc`. */
  deadRegisters(pc: u32): StaticArray<i32> {
    const dead: Array<i32> = [];
    for (let register = 0; register < this.registers; register++) {
      if (!this.isLive(pc, register) && !this.closed.has(0, register)) dead.push(register);
    }
    return StaticArray.fromArray(dead);
  }

  /** Address of the only instruction that execution comes from to this one, 0 if there are several. */
  predecessor(pc: u32): u32 {
    const row = this.predecessors[this.rowOf(pc)];
    return row == 0 || row == SEVERAL ? 0 : this.code + WORD * (row - 1);
  }

  /** May a closure hold an upvalue to this register? */
  isCaptured(register: i32): bool {
    return this.captured.has(0, register);
  }

  /** Execution may go on at row `to` behind a row. */
  private follow(row: i32, to: i32): i32 {
    this.predecessors[to] = this.predecessors[to] == 0 ? row + 1 : SEVERAL;
    return to;
  }

  private rowOf(pc: u32): i32 {
    return (pc - this.code) / WORD;
  }
}

/** Registers that nested prototypes capture directly. */
function markCaptured(proto: u32, captured: BitRows): void {
  const nested = load32(proto + PROTO_PROTOS);
  const count = load32(proto + PROTO_PROTO_COUNT);
  for (let n: u32 = 0; n < count; n++) {
    const child = load32(nested + 4 * n);
    const descriptions = load32(child + PROTO_UPVALUES);
    const upvalues = load32(child + PROTO_UPVALUE_COUNT);
    for (let u: u32 = 0; u < upvalues; u++) {
      const at = descriptions + u * UPVALUE_DESC_SIZE;
      if (load8(at + UPVALUE_DESC_FROM_STACK) != 0) captured.add(0, load8(at + UPVALUE_DESC_INDEX));
    }
  }
}

/**
 * Variables in their scope at each instruction, which count as used there: debug.getlocal can look at them from whatever is called behind an exit. (Used,
 * not only live: what a generic for was given is in its registers before the scope of its variables begins.)
 * Variables stand in the order in which their scopes begin.
 */
class VisibleRegisters {
  set: BitRows;
  private end: u32;
  private local: u32;
  /** Where the scope of the variable in a register ends, 0 if there is none. */
  private scopes: StaticArray<u32>;
  private firstEnd: u32 = u32.MAX_VALUE;

  constructor(proto: u32, registers: i32) {
    this.set = new BitRows(1, registers);
    this.scopes = new StaticArray<u32>(registers);
    this.local = load32(proto + PROTO_LOCALS);
    this.end = this.local + load32(proto + PROTO_LOCAL_COUNT) * LOCAL_DESC_SIZE;
  }

  /** Goes on to the instruction at this byte offset. */
  advance(at: u32): void {
    if (at >= this.firstEnd) this.endScopes(at);
    for (; this.local < this.end && load32(this.local + LOCAL_DESC_START) <= at; this.local += LOCAL_DESC_SIZE) {
      const scopeEnd = load32(this.local + LOCAL_DESC_END);
      if (scopeEnd <= at) continue;
      const register = <i32>load32(this.local + LOCAL_DESC_REGISTER);
      if (register >= this.scopes.length) continue;
      this.scopes[register] = scopeEnd;
      this.firstEnd = min(this.firstEnd, scopeEnd);
      this.set.add(0, register);
    }
  }

  private endScopes(at: u32): void {
    this.firstEnd = u32.MAX_VALUE;
    for (let register = 0; register < this.scopes.length; register++) {
      const scopeEnd = this.scopes[register];
      if (scopeEnd == 0) continue;
      if (at < scopeEnd) this.firstEnd = min(this.firstEnd, scopeEnd);
      else {
        this.scopes[register] = 0;
        this.set.remove(0, register);
      }
    }
  }
}

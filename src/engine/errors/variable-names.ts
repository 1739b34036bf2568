/**
 * What a value is called in the source: finds, for a register at an instruction, the local, global, field, upvalue, method or constant it
 * was loaded from, by looking for the instruction that last wrote it (the manual's luaG_* messages; section 4.7, "namewhat").
 */
import { aOf, bOf, cOf, dOf, opOf, SCALE, sizeOf } from '../../bytecode/instruction.ts';
import {
  LOCAL_DESC_END, LOCAL_DESC_REGISTER, LOCAL_DESC_SIZE, LOCAL_DESC_START, PROTO_CODE, PROTO_CONSTANTS, PROTO_LOCALS, PROTO_LOCAL_COUNT,
  PROTO_UPVALUES, PROTO_UPVALUE_COUNT, SLOT_SIZE, TAG_STRING, UPVALUE_DESC_SIZE,
} from '../../bytecode/layout.ts';
import { METAMETHODS } from '../../bytecode/metamethods.ts';
import { type OpNumber, OPCODES, Op } from '../../bytecode/opcode-table.ts';
import type { Slots } from '../slots.ts';

/** How a value is called: `global 'x'`. */
export interface VariableName {
  readonly kind: 'local' | 'global' | 'field' | 'upvalue' | 'method' | 'constant' | 'metamethod' | 'for iterator' | 'hook';
  readonly name: string;
}

/** Metamethod an opcode may call, by opcode name; arithmetic follows from the operation's own name. */
const EVENT_OF_OPCODE: Readonly<Record<string, string>> = {
  SELF: 'index', GETTABUP: 'index', GETTABLE: 'index', GETI: 'index', GETFIELD: 'index',
  SETTABUP: 'newindex', SETTABLE: 'newindex', SETI: 'newindex', SETFIELD: 'newindex',
  LEN: 'len', CONCAT: 'concat', EQ: 'eq', LT: 'lt', LTK: 'lt', GTK: 'lt', LE: 'le', LEK: 'le', GEK: 'le', CLOSE: 'close', RETURN: 'close',
};

/** Event name of an instruction's operation, undefined if it calls no metamethod. */
function eventOfOpcode(op: OpNumber): string | undefined {
  const name = OPCODES[op]?.name ?? '';
  const arithmetic = name.replace(/K$/, '').toLowerCase();
  return EVENT_OF_OPCODE[name] ?? METAMETHODS.find((event) => event === arithmetic);
}

export class VariableNames {
  readonly #slots: Slots;

  constructor(slots: Slots) {
    this.#slots = slots;
  }

  #load(address: number): number {
    return this.#slots.memory.load(address);
  }

  #low(proto: number, pc: number): number {
    return this.#load(this.#load(proto + PROTO_CODE) + pc);
  }

  #high(proto: number, pc: number): number {
    return this.#load(this.#load(proto + PROTO_CODE) + pc + 4);
  }

  upvalueName(proto: number, index: number): string {
    if (index >= this.#load(proto + PROTO_UPVALUE_COUNT)) return '?';
    const name = this.#load(this.#load(proto + PROTO_UPVALUES) + index * UPVALUE_DESC_SIZE);
    return name === 0 ? '?' : this.#slots.stringText(name);
  }

  /** Name of the n-th local variable (from 1) that is active at an instruction; it lives in register n - 1. */
  activeLocal(proto: number, n: number, pc: number): string | undefined {
    let left = n;
    let local = this.#load(proto + PROTO_LOCALS);
    for (let count = this.#load(proto + PROTO_LOCAL_COUNT); count > 0; count--, local += LOCAL_DESC_SIZE) {
      if (this.#load(local + LOCAL_DESC_START) > pc) break;
      if (pc < this.#load(local + LOCAL_DESC_END) && --left === 0) return this.#slots.stringText(this.#load(local));
    }
    return undefined;
  }

  /** Name of the local variable that lives in a register at an instruction. */
  localName(proto: number, register: number, pc: number): string | undefined {
    let local = this.#load(proto + PROTO_LOCALS);
    for (let left = this.#load(proto + PROTO_LOCAL_COUNT); left > 0; left--, local += LOCAL_DESC_SIZE) {
      if (
        this.#load(local + LOCAL_DESC_REGISTER) === register &&
        this.#load(local + LOCAL_DESC_START) <= pc &&
        pc < this.#load(local + LOCAL_DESC_END)
      ) {
        return this.#slots.stringText(this.#load(local));
      }
    }
    return undefined;
  }

  /** Text of a constant if it is a string, else '?'. @param offset scaled constant index */
  #constantName(proto: number, offset: number): string {
    const slot = this.#load(proto + PROTO_CONSTANTS) + offset;
    return this.#slots.tag(slot) === TAG_STRING ? this.#slots.stringText(this.#slots.pointer(slot)) : '?';
  }

  /** What the value in a register was loaded from. @param register plain number */
  registerName(proto: number, pc: number, register: number): VariableName | undefined {
    const local = this.localName(proto, register, pc);
    if (local !== undefined) return { kind: 'local', name: local };
    const writer = this.#lastWriter(proto, pc, register);
    if (writer < 0) return undefined;
    const low = this.#low(proto, writer);
    const high = this.#high(proto, writer);
    switch (opOf(low)) {
      case Op.MOVE:
        return bOf(high) < aOf(low) ? this.registerName(proto, writer, bOf(high) / SCALE) : undefined;
      case Op.GETTABUP:
        return this.#indexName(this.upvalueName(proto, bOf(high)), this.#constantName(proto, cOf(high)));
      case Op.GETTABLE: {
        const key = this.registerName(proto, writer, cOf(high) / SCALE);
        return { kind: 'field', name: key?.kind === 'constant' ? key.name : '?' };
      }
      case Op.GETI:
        return { kind: 'field', name: 'integer index' };
      case Op.GETFIELD: {
        const table = this.registerName(proto, writer, bOf(high) / SCALE);
        const tableName = table?.kind === 'local' || table?.kind === 'upvalue' ? table.name : '';
        return this.#indexName(tableName, this.#constantName(proto, cOf(high)));
      }
      case Op.GETUPVAL:
        return { kind: 'upvalue', name: this.upvalueName(proto, bOf(high)) };
      case Op.LOADK: {
        const name = this.#constantName(proto, dOf(high) * SLOT_SIZE);
        return name === '?' ? undefined : { kind: 'constant', name };
      }
      case Op.SELF:
        return { kind: 'method', name: this.#constantName(proto, cOf(high)) };
      default:
        return undefined;
    }
  }

  #indexName(table: string, name: string): VariableName {
    return { kind: table === '_ENV' ? 'global' : 'field', name };
  }

  /** Pc of the instruction that last wrote a register before `lastPc`; -1 if several may have. */
  #lastWriter(proto: number, lastPc: number, register: number): number {
    let writer = -1;
    /** Code before this address is conditional. */
    let jumpTarget = 0;
    let low = 0;
    for (let pc = 0; pc < lastPc; pc += sizeOf(opOf(low))) {
      low = this.#low(proto, pc);
      const high = this.#high(proto, pc);
      const op = opOf(low);
      const a = aOf(low) / SCALE;
      let writes: boolean;
      switch (op) {
        case Op.LOADNIL:
          writes = a <= register && register <= a + bOf(high);
          break;
        case Op.TFORCALL:
          writes = register >= a + 2;
          break;
        case Op.CALL:
        case Op.TAILCALL:
          writes = register >= a;
          break;
        default: {
          const mode = OPCODES[op]?.a;
          writes = (mode === 'W' || mode === 'RW') && register === a;
          const target = this.#forwardJump(op, pc, high);
          if (target <= lastPc && target > jumpTarget) jumpTarget = target;
        }
      }
      if (writes) writer = pc < jumpTarget ? -1 : pc;
    }
    return writer;
  }

  /** Target of a forward jump, -1 for other instructions. */
  #forwardJump(op: OpNumber, pc: number, high: number): number {
    const next = pc + sizeOf(op);
    if (OPCODES[op]?.c === 'JC') return next + (high >> 16) * 8;
    return op === Op.JMP || op === Op.TEST ? next + dOf(high) : -1;
  }

  /** How the function called by the instruction at `pc` is called (funcnamefromcode). */
  calleeName(proto: number, pc: number): VariableName | undefined {
    const low = this.#low(proto, pc);
    const op = opOf(low);
    if (op === Op.CALL || op === Op.TAILCALL) return this.registerName(proto, pc, aOf(low) / SCALE);
    if (op === Op.TFORCALL) return { kind: 'for iterator', name: 'for iterator' };
    const event = eventOfOpcode(op);
    return event === undefined ? undefined : { kind: 'metamethod', name: event };
  }
}

/**
 * Reads prototypes back out of linear memory: the loader's inverse. The result is what the compiler made, whatever has happened to the code
 * since: counters and caches are empty again, and loops are in their first form.
 */
import { opOf, sizeOf, WORD } from '../../bytecode/instruction.ts';
import {
  LOCAL_DESC_END, LOCAL_DESC_REGISTER, LOCAL_DESC_SIZE, LOCAL_DESC_START, PROTO_CODE, PROTO_CODE_SIZE, PROTO_CONSTANTS, PROTO_CONSTANT_COUNT,
  PROTO_FRAME_SIZE, PROTO_IS_VARARG, PROTO_LAST_LINE_DEFINED, PROTO_LINES, PROTO_LINE_DEFINED, PROTO_LOCALS, PROTO_LOCAL_COUNT,
  PROTO_PARAMETER_COUNT, PROTO_PROTOS, PROTO_PROTO_COUNT, PROTO_SOURCE, PROTO_UPVALUES, PROTO_UPVALUE_COUNT, SLOT_SIZE, TAG_FALSE, TAG_FLOAT,
  TAG_INT, TAG_NIL, TAG_TRUE, UPVALUE_DESC_FROM_STACK, UPVALUE_DESC_INDEX, UPVALUE_DESC_KIND, UPVALUE_DESC_SIZE,
} from '../../bytecode/layout.ts';
import { OPCODES, Op, type OpName, type OpNumber } from '../../bytecode/opcode-table.ts';
import type { Constant, LocalVariable, Prototype, UpvalueDescription } from '../../bytecode/prototype.ts';
import type { Slots } from '../slots.ts';

/** The form of each opcode that the compiler emits. */
const FIRST_FORM: readonly OpNumber[] = OPCODES.map(({ name }, op) => Op[name.replace(/_(PLAIN|JIT)$/, '') as OpName] ?? op);

function readCode({ memory }: Slots, proto: number): Uint32Array {
  const start = memory.load(proto + PROTO_CODE);
  const size = memory.load(proto + PROTO_CODE_SIZE);
  const code = memory.u32.slice(start / 4, (start + size) / 4);
  for (let at = 0; at < code.length; ) {
    const low = code[at] as number;
    const op = opOf(low);
    code[at] = ((low & ~0xff) | (FIRST_FORM[op] ?? op)) >>> 0;
    const cache = OPCODES[op]?.cache;
    if (cache === 'field' || cache === 'loop') code.fill(0, at + 2, at + 4);
    at += sizeOf(op) / 4;
  }
  return code;
}

function readConstant(slots: Slots, slot: number): Constant {
  switch (slots.tag(slot)) {
    case TAG_NIL:
      return null;
    case TAG_FALSE:
      return false;
    case TAG_TRUE:
      return true;
    case TAG_INT:
      return slots.integer(slot);
    case TAG_FLOAT:
      return slots.float(slot);
    default:
      return slots.stringView(slots.pointer(slot)).slice();
  }
}

/** Addresses of `count` records. */
const records = (start: number, count: number, size: number): number[] => Array.from({ length: count }, (_, i) => start + i * size);

/** The prototype at an address, with all it contains. */
export function readPrototype(slots: Slots, proto: number): Prototype {
  const { memory } = slots;
  const load = (offset: number): number => memory.load(proto + offset);
  const text = (address: number): string => {
    const string = memory.load(address);
    return string === 0 ? '' : slots.stringText(string);
  };
  const byte = (address: number): number => memory.u8[address] as number;
  const lines = load(PROTO_LINES);
  return {
    source: text(proto + PROTO_SOURCE),
    lineDefined: load(PROTO_LINE_DEFINED),
    lastLineDefined: load(PROTO_LAST_LINE_DEFINED),
    parameterCount: load(PROTO_PARAMETER_COUNT),
    isVararg: load(PROTO_IS_VARARG) !== 0,
    maxStack: load(PROTO_FRAME_SIZE) / SLOT_SIZE,
    code: readCode(slots, proto),
    lines: lines === 0 ? new Int32Array(0) : memory.i32.slice(lines / 4, lines / 4 + load(PROTO_CODE_SIZE) / WORD),
    constants: records(load(PROTO_CONSTANTS), load(PROTO_CONSTANT_COUNT), SLOT_SIZE).map((slot) => readConstant(slots, slot)),
    upvalues: records(load(PROTO_UPVALUES), load(PROTO_UPVALUE_COUNT), UPVALUE_DESC_SIZE).map((at): UpvalueDescription => ({
      name: text(at), fromStack: byte(at + UPVALUE_DESC_FROM_STACK) !== 0, index: byte(at + UPVALUE_DESC_INDEX), kind: byte(at + UPVALUE_DESC_KIND),
    })),
    locals: records(load(PROTO_LOCALS), load(PROTO_LOCAL_COUNT), LOCAL_DESC_SIZE).map((at): LocalVariable => ({
      name: text(at), register: memory.load(at + LOCAL_DESC_REGISTER), startPc: memory.load(at + LOCAL_DESC_START), endPc: memory.load(at + LOCAL_DESC_END),
    })),
    prototypes: records(load(PROTO_PROTOS), load(PROTO_PROTO_COUNT), 4).map((at) => readPrototype(slots, memory.load(at))),
  };
}

/**
 * Writes compiled prototypes into linear memory (layout.ts, "Prototype"). The blocks a prototype points to are raw blocks that
 * the collector frees with it, with sizes that follow from the counts; so each count is stored only once its block is complete.
 */
import { opOf, sizeOf } from '../../bytecode/instruction.ts';
import {
  LOCAL_DESC_END, LOCAL_DESC_REGISTER, LOCAL_DESC_SIZE, LOCAL_DESC_START, LOOP_COUNTER, MAX_SHORT_STRING, PROTO_CODE, PROTO_CODE_SIZE, PROTO_CONSTANTS,
  PROTO_CONSTANT_COUNT, PROTO_FRAME_SIZE, PROTO_IS_VARARG, PROTO_LAST_LINE_DEFINED, PROTO_LINES, PROTO_LINE_DEFINED, PROTO_LOCALS,
  PROTO_LOCAL_COUNT, PROTO_PARAMETER_COUNT, PROTO_PROTOS, PROTO_PROTO_COUNT, PROTO_SOURCE, PROTO_UPVALUES, PROTO_UPVALUE_COUNT, SLOT_SIZE, TAG_STRING,
  UPVALUE_DESC_FROM_STACK, UPVALUE_DESC_INDEX, UPVALUE_DESC_KIND, UPVALUE_DESC_SIZE, VM_HOT_LOOP,
} from '../../bytecode/layout.ts';
import { OPCODES } from '../../bytecode/opcode-table.ts';
import type { Constant, Prototype } from '../../bytecode/prototype.ts';
import type { Slots } from '../slots.ts';
import { fromByteString, toByteString } from '../text.ts';

export class Loader {
  readonly #slots: Slots;
  /** Long string constants of the chunk being loaded, by their bytes: its functions share them, as PUC's do. */
  readonly #longStrings = new Map<string, number>();

  constructor(slots: Slots) {
    this.#slots = slots;
  }

  /** Writes a prototype and all it contains. @returns address of the prototype, which nothing roots yet */
  loadPrototype(prototype: Prototype): number {
    const source = this.#slots.newString(fromByteString(prototype.source));
    try {
      return this.#load(prototype, source);
    } finally {
      this.#longStrings.clear();
    }
  }

  #load(prototype: Prototype, source: number): number {
    const { core, memory } = this.#slots;
    const proto = core.newPrototype();
    memory.store(proto + PROTO_SOURCE, source);
    memory.store(proto + PROTO_PARAMETER_COUNT, prototype.parameterCount);
    memory.store(proto + PROTO_IS_VARARG, prototype.isVararg ? 1 : 0);
    memory.store(proto + PROTO_FRAME_SIZE, prototype.maxStack * SLOT_SIZE);
    memory.store(proto + PROTO_LINE_DEFINED, prototype.lineDefined);
    memory.store(proto + PROTO_LAST_LINE_DEFINED, prototype.lastLineDefined);
    this.#writeCode(proto, prototype);
    this.#writeConstants(proto, prototype.constants);
    this.#writeUpvalues(proto, prototype);
    this.#writeLocals(proto, prototype);
    const count = prototype.prototypes.length;
    const nested = this.#block(count * 4);
    memory.store(proto + PROTO_PROTOS, nested);
    memory.store(proto + PROTO_PROTO_COUNT, count);
    prototype.prototypes.forEach((inner, i) => {
      const address = this.#load(inner, source);
      memory.store(nested + 4 * i, address);
    });
    return proto;
  }

  /** A zeroed raw block; 0 for no bytes. */
  #block(size: number): number {
    if (size === 0) return 0;
    const block = this.#slots.core.allocateRaw(size);
    this.#slots.memory.u8.fill(0, block, block + size);
    return block;
  }

  #writeCode(proto: number, { code, lines }: Prototype): void {
    const { memory } = this.#slots;
    const codeSize = code.length * 4;
    const block = this.#block(codeSize);
    const lineBlock = this.#block(lines.length * 4);
    memory.u32.set(code, block >>> 2);
    memory.i32.set(lines, lineBlock >>> 2);
    const counter = memory.load(VM_HOT_LOOP);
    for (let pc = 0; pc < codeSize; ) {
      const op = opOf(memory.load(block + pc));
      if (OPCODES[op]?.cache === 'loop') memory.store(block + pc + LOOP_COUNTER, counter);
      pc += sizeOf(op);
    }
    memory.store(proto + PROTO_CODE, block);
    memory.store(proto + PROTO_LINES, lineBlock);
    memory.store(proto + PROTO_CODE_SIZE, codeSize);
  }

  #writeConstants(proto: number, constants: readonly Constant[]): void {
    const { memory } = this.#slots;
    const block = this.#block(constants.length * SLOT_SIZE);
    memory.store(proto + PROTO_CONSTANTS, block);
    memory.store(proto + PROTO_CONSTANT_COUNT, constants.length);
    constants.forEach((constant, i) => {
      this.#writeConstant(block + i * SLOT_SIZE, constant);
    });
  }

  #writeConstant(slot: number, constant: Constant): void {
    const slots = this.#slots;
    if (constant === null) slots.setNil(slot);
    else if (typeof constant === 'boolean') slots.setBoolean(slot, constant);
    else if (typeof constant === 'bigint') slots.setInteger(slot, constant);
    else if (typeof constant === 'number') slots.setFloat(slot, constant);
    else if (constant.length <= MAX_SHORT_STRING) slots.setString(slot, constant);
    else {
      const bytes = toByteString(constant);
      const known = this.#longStrings.get(bytes) ?? slots.newString(constant);
      this.#longStrings.set(bytes, known);
      slots.setObject(slot, TAG_STRING, known);
    }
  }

  #writeUpvalues(proto: number, { upvalues }: Prototype): void {
    const { memory } = this.#slots;
    const block = this.#block(upvalues.length * UPVALUE_DESC_SIZE);
    memory.store(proto + PROTO_UPVALUES, block);
    memory.store(proto + PROTO_UPVALUE_COUNT, upvalues.length);
    upvalues.forEach(({ name, fromStack, index, kind }, i) => {
      const description = block + i * UPVALUE_DESC_SIZE;
      const string = name === '' ? 0 : this.#slots.newString(fromByteString(name));
      memory.store(description, string);
      const bytes = memory.u8;
      bytes[description + UPVALUE_DESC_FROM_STACK] = fromStack ? 1 : 0;
      bytes[description + UPVALUE_DESC_INDEX] = index;
      bytes[description + UPVALUE_DESC_KIND] = kind;
    });
  }

  #writeLocals(proto: number, { locals }: Prototype): void {
    const { memory } = this.#slots;
    const block = this.#block(locals.length * LOCAL_DESC_SIZE);
    memory.store(proto + PROTO_LOCALS, block);
    memory.store(proto + PROTO_LOCAL_COUNT, locals.length);
    locals.forEach(({ name, register, startPc, endPc }, i) => {
      const description = block + i * LOCAL_DESC_SIZE;
      const string = this.#slots.newString(fromByteString(name));
      memory.store(description, string);
      memory.store(description + LOCAL_DESC_REGISTER, register);
      memory.store(description + LOCAL_DESC_START, startPc);
      memory.store(description + LOCAL_DESC_END, endPc);
    });
  }
}

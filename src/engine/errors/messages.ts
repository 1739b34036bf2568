/**
 * Messages of run-time errors, worded as PUC-Rio Lua 5.4 words them, and raising them. Called from the core through its `throw*`
 * imports and by host functions; a cold path, so clarity goes before speed.
 *
 * Raising puts the value into THREAD_ERROR and throws `CORE_THROW`, which leaves all Wasm frames; the Vm catches it and unwinds.
 */
import {
  CLOSURE_UPVALUES, CLOSURE_UPVALUE_COUNT, FRAME_BASE, FRAME_CLOSURE, FRAME_TOP, LIMIT_MEMORY, LIMIT_NONE, SLOT_SIZE, TAG_FLOAT, TAG_INT, TAG_STRING, THREAD_ERROR,
  UPVALUE_LOCATION, VM_MEMORY_MESSAGE,
} from '../../bytecode/layout.ts';
import type { Frames } from './frames.ts';
import type { FunctionNames } from './function-names.ts';
import type { Slots } from '../slots.ts';
import { toByteString } from '../text.ts';
import type { VariableName, VariableNames } from './variable-names.ts';

class CoreThrow extends Error {
  override readonly name = 'CoreThrow';
}

/** The one exception that carries every Lua error out of the core; the error's value is in THREAD_ERROR. */
export const CORE_THROW: Error = new CoreThrow('a Lua error in flight');

/** Kinds of operand errors: OPERAND_ERROR_* of src/core/base/raise.ts, in their order. */
const OPERAND_ERRORS = ['arithmetic', 'bitwise', 'toInteger', 'concat', 'compare', 'index', 'call', 'length', 'for', 'close'] as const;

/** What could not be done, for errors that name one operand. */
const ACTIONS = {
  arithmetic: 'perform arithmetic on', bitwise: 'perform bitwise operation on', concat: 'concatenate', index: 'index', call: 'call', length: 'get length of',
} as const;

const FOR_PARTS = ['initial value', 'limit', 'step'] as const;

/** A name ends at a zero byte, as in PUC. */
const format = (name: VariableName | undefined): string => (name === undefined ? '' : ` (${name.kind} '${name.name.split('\0', 1)[0]}')`);

export class ErrorMessages {
  readonly #slots: Slots;
  readonly #frames: Frames;
  readonly #variables: VariableNames;
  readonly #functions: FunctionNames;

  constructor(slots: Slots, frames: Frames, variables: VariableNames, functions: FunctionNames) {
    this.#slots = slots;
    this.#frames = frames;
    this.#variables = variables;
    this.#functions = functions;
  }

  #load(address: number): number {
    return this.#slots.memory.load(address);
  }

  /** Raises the value in THREAD_ERROR. */
  throwError(): never {
    throw CORE_THROW;
  }

  /** Raises a string as it is. @param text a byte string @param limit LIMIT_* */
  throwString(text: string, limit = LIMIT_NONE): never {
    const error = this.#frames.thread + THREAD_ERROR;
    this.#slots.setText(error, text);
    this.#slots.setLimit(error, limit);
    throw CORE_THROW;
  }

  /** Raises "not enough memory", as the core does. */
  throwOutOfMemory(): never {
    const error = this.#frames.thread + THREAD_ERROR;
    this.#slots.setObject(error, TAG_STRING, this.#slots.memory.load(VM_MEMORY_MESSAGE));
    this.#slots.setLimit(error, LIMIT_MEMORY);
    throw CORE_THROW;
  }

  /** Raises "position: text" with the position of the function that called the running builtin, or runs (luaL_error). */
  throwMessage(text: string, limit = LIMIT_NONE): never {
    return this.throwString(this.#frames.position(this.#frames.reportingFrame, this.#frames.runsInstruction) + text, limit);
  }

  /** As throwMessage, for text in linear memory. */
  throwText(text: number, length: number, limit: number): never {
    return this.throwMessage(toByteString(this.#slots.memory.viewBytes(text, length)), limit);
  }

  /** The text alone. */
  throwBareText(text: number, length: number, limit: number): never {
    return this.throwString(toByteString(this.#slots.memory.viewBytes(text, length)), limit);
  }

  throwArgumentError(argument: number, text: number, length: number): never {
    return this.throwArgument(argument, toByteString(this.#slots.memory.viewBytes(text, length)));
  }

  /** Raises "bad argument #n to 'f' (text)". @param argument 1-based */
  throwArgument(argument: number, text: string): never {
    const running = this.#frames.levelAt(0);
    if (running === undefined) return this.throwMessage(`bad argument #${argument} to '?' (${text})`);
    const called = this.#functions.calledName(running);
    let number = argument;
    if (called?.kind === 'method') {
      number -= 1;
      if (number === 0) return this.throwMessage(`calling '${called.name}' on bad self (${text})`);
    }
    const name = called?.name ?? this.#functions.globalName(running.func) ?? '?';
    return this.throwMessage(`bad argument #${number} to '${name}' (${text})`);
  }

  /** Raises the error of an operation on values it does not apply to. @param first, second slots of the operands */
  throwOperandError(kind: number, first: number, second: number): never {
    return this.throwMessage(this.#operandMessage(OPERAND_ERRORS[kind] ?? 'index', first, second));
  }

  #operandMessage(kind: (typeof OPERAND_ERRORS)[number], first: number, second: number): string {
    const slots = this.#slots;
    switch (kind) {
      case 'arithmetic':
      case 'bitwise':
        return this.#typeMessage(kind, slots.isNumber(first) ? second : first);
      case 'concat':
        return this.#typeMessage(kind, slots.tag(first) === TAG_STRING || slots.isNumber(first) ? second : first);
      case 'toInteger':
        return `number${format(this.#nameOf(this.#hasInteger(first) ? second : first))} has no integer representation`;
      case 'compare': {
        const a = slots.operandType(first);
        const b = slots.operandType(second);
        return a === b ? `attempt to compare two ${a} values` : `attempt to compare ${a} with ${b}`;
      }
      case 'call': {
        const frame = this.#frames.current;
        // Functions of the library that are written in Lua have no names to tell.
        const called = this.#frames.isBuiltinFrame(frame) ? undefined : this.#functions.nameOfCall(frame);
        return `attempt to call a ${slots.operandType(first)} value${format(called ?? this.#nameOf(first))}`;
      }
      case 'for':
        return `bad 'for' ${FOR_PARTS[second] ?? ''} (number expected, got ${slots.operandType(first)})`;
      case 'close':
        return `variable '${this.#nameOf(first)?.name ?? '?'}' got a non-closable value`;
      default:
        return this.#typeMessage(kind, first);
    }
  }

  #typeMessage(kind: keyof typeof ACTIONS, culprit: number): string {
    return `attempt to ${ACTIONS[kind]} a ${this.#slots.operandType(culprit)} value${format(this.#nameOf(culprit))}`;
  }

  #hasInteger(slot: number): boolean {
    const tag = this.#slots.tag(slot);
    if (tag === TAG_INT) return true;
    if (tag !== TAG_FLOAT) return false;
    const value = this.#slots.float(slot);
    return Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63;
  }

  /** How the value in a slot is called in the source of the current function: an upvalue of it, or one of its registers. */
  #nameOf(slot: number): VariableName | undefined {
    const frame = this.#frames.current;
    if (!this.#frames.isLua(frame) || this.#frames.isBuiltinFrame(frame)) return undefined;
    const proto = this.#frames.prototype(frame);
    const closure = this.#load(frame + FRAME_CLOSURE);
    const upvalueCount = this.#load(closure + CLOSURE_UPVALUE_COUNT);
    for (let i = 0; i < upvalueCount; i++) {
      const upvalue = this.#load(closure + CLOSURE_UPVALUES + 4 * i);
      if (upvalue !== 0 && this.#load(upvalue + UPVALUE_LOCATION) === slot) return { kind: 'upvalue', name: this.#variables.upvalueName(proto, i) };
    }
    const base = this.#load(frame + FRAME_BASE);
    if (slot < base || slot >= this.#load(frame + FRAME_TOP)) return undefined;
    return this.#variables.registerName(proto, this.#frames.pc(frame), (slot - base) / SLOT_SIZE);
  }
}

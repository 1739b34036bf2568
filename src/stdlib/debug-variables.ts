/** The debug library's access to variables: locals of active functions, and upvalues. */
import {
  BUILTIN_UPVALUE_COUNT, BUILTIN_UPVALUES, CLOSURE_PROTO, CLOSURE_UPVALUE_COUNT, CLOSURE_UPVALUES, FRAME_VARARGS, PROTO_IS_VARARG, PROTO_PARAMETER_COUNT, PROTO_UPVALUES,
  SLOT_SIZE, TAG_BUILTIN, TAG_CLOSURE, TAG_LIGHT, UPVALUE_DESC_SIZE, UPVALUE_LOCATION,
} from '../bytecode/layout.ts';
import type { Activation } from '../engine/errors/frames.ts';
import { activationAt, threadArgument } from './debug-info.ts';
import type { HostFunctions } from './catalogue.ts';
import type { LibraryContext } from './library.ts';

interface Variable {
  readonly name: string;
  /** Where its value is. */
  readonly slot: number;
  /** It counts as nil. */
  readonly isUnset?: boolean;
  /** Frame of a Lua function whose register it is. */
  readonly frame?: number;
}

export function createVariableFunctions(context: LibraryContext): HostFunctions {
  const { machine, args } = context;
  const { slots, core, memory, frames, errors, variables } = machine;

  /** A Lua function of the program, not of the library. */
  const isLuaFunction = (slot: number): boolean =>
    slots.tag(slot) === TAG_CLOSURE && !frames.isBuiltinPrototype(memory.load(slots.pointer(slot) + CLOSURE_PROTO));

  /** End of what a library function written in Lua shows: its arguments, as a function in C would. */
  const argumentsEnd = (func: number, frame: number): number => {
    const proto = frames.prototype(frame);
    const base = frames.base(frame);
    if (memory.load(proto + PROTO_IS_VARARG) === 0) return base + memory.load(proto + PROTO_PARAMETER_COUNT) * SLOT_SIZE;
    // The frame is moved above the arguments, unless it has just been entered.
    return base === func + SLOT_SIZE ? base + memory.load(frame + FRAME_VARARGS) * SLOT_SIZE : base - SLOT_SIZE;
  };

  /** Does the hook that runs hand the variable over? */
  const isTransferred = (activation: Activation, n: number): boolean => {
    const transfer = activation.isHooked ? machine.hooks.transfer : undefined;
    return transfer !== undefined && n >= transfer.first && n < transfer.first + transfer.count;
  };

  /**
   * Does the slot of a Lua function's frame hold a value of that function? Variables do once they are written; temporaries as long as they are needed. The
   * others hold what calls have left there, which is nobody's business.
   */
  const holdsValue = (frame: number, slot: number, isVariable: boolean): boolean => {
    return (isVariable ? core.isAssigned : core.isLive)(frames.prototype(frame), frames.pc(frame), registerOf(frame, slot)) !== 0;
  };

  const registerOf = (frame: number, slot: number): number => (slot - frames.base(frame)) / SLOT_SIZE;

  /** What a counting loop counts with is not the program's to change: it relies on finding what it has left there. */
  const isLoopState = ({ frame = 0, slot }: Variable): boolean =>
    frame !== 0 && core.isLoopState(frames.prototype(frame), frames.pc(frame), registerOf(frame, slot)) !== 0;

  /** The n-th variable of an active function: positive for locals and temporaries, negative for variable arguments. */
  const findLocal = (activation: Activation, n: number): Variable | undefined => {
    const { func, frame } = activation;
    if (func === 0) return undefined;
    const isLua = frame !== 0 && !frames.isBuiltinFrame(frame);
    const base = isLua ? frames.base(frame) : func + SLOT_SIZE;
    if (isLua && n < 0) {
      const extra = memory.load(frames.prototype(frame) + PROTO_IS_VARARG) === 0 ? 0 : memory.load(frame + FRAME_VARARGS);
      return n < -extra ? undefined : { name: '(vararg)', slot: base - (extra + n + 2) * SLOT_SIZE };
    }
    const slot = base + (n - 1) * SLOT_SIZE;
    const isAvailable = isTransferred(activation, n);
    const limit = frame === 0 || isLua ? activation.limit : Math.min(activation.limit, argumentsEnd(func, frame));
    const name = isLua ? variables.activeLocal(frames.prototype(frame), n, frames.pc(frame)) : undefined;
    if (name === undefined && (n <= 0 || slot >= limit) && !isAvailable) return undefined;
    return { name: name ?? (isLua ? '(temporary)' : '(C temporary)'), slot, frame: isLua ? frame : 0, isUnset: isLua && !isAvailable && !holdsValue(frame, slot, name !== undefined) };
  };

  /** The variable that level and index name. @param skipped arguments in front of the level */
  const localArgument = (base: number, count: number, thread: number, skipped: number): Variable | undefined => {
    const activation = activationAt(context, thread, args.checkInteger(base, count, skipped + 1));
    if (activation === undefined) return errors.throwArgument(skipped + 1, 'level out of range');
    return findLocal(activation, indexOf(args.checkInteger(base, count, skipped + 2)));
  };

  /** An index is an int in C. */
  const indexOf = (n: bigint): number => Number(BigInt.asIntN(32, n));

  /** The n-th upvalue of the function in a slot. */
  const findUpvalue = (func: number, n: number): (Variable & { readonly id: number }) | undefined => {
    const pointer = slots.pointer(func);
    if (slots.tag(func) === TAG_BUILTIN) {
      if (n < 1 || n > memory.load(pointer + BUILTIN_UPVALUE_COUNT)) return undefined;
      const slot = pointer + BUILTIN_UPVALUES + (n - 1) * SLOT_SIZE;
      return { name: '', slot, id: slot };
    }
    if (!isLuaFunction(func) || n < 1 || n > memory.load(pointer + CLOSURE_UPVALUE_COUNT)) return undefined;
    const upvalue = memory.load(pointer + CLOSURE_UPVALUES + 4 * (n - 1));
    const string = memory.load(memory.load(memory.load(pointer + CLOSURE_PROTO) + PROTO_UPVALUES) + (n - 1) * UPVALUE_DESC_SIZE);
    const name = string === 0 ? '' : slots.stringText(string);
    return { name: name === '' ? '(no name)' : name, slot: memory.load(upvalue + UPVALUE_LOCATION), id: upvalue };
  };

  /** Upvalue that the arguments `n` (a function) and `n + 1` (an index) name. */
  const upvalueArgument = (base: number, count: number, n: number): ReturnType<typeof findUpvalue> => {
    const index = indexOf(args.checkInteger(base, count, n + 1));
    if (n > count || !slots.isFunction(args.slot(base, n))) args.typeError(base, count, n, 'function');
    return findUpvalue(args.slot(base, n), index);
  };

  const nameAndValue = (base: number, { name, slot, isUnset = false }: Variable): number => {
    if (isUnset) slots.setNil(base);
    else slots.copy(base, slot);
    args.text(base, name);
    return 2;
  };

  return {
    'debug.getlocal'(base, count) {
      const { thread, skipped } = threadArgument(context, base, count);
      const func = args.slot(base, skipped + 1);
      if (count > skipped && slots.isFunction(func)) {
        const n = indexOf(args.checkInteger(base, count, skipped + 2));
        const name = isLuaFunction(func) ? variables.activeLocal(memory.load(slots.pointer(func) + CLOSURE_PROTO), n, 0) : undefined;
        return name === undefined ? args.nil(base) : args.text(base, name);
      }
      args.checkInteger(base, count, skipped + 2);
      const variable = localArgument(base, count, thread, skipped);
      return variable === undefined ? args.nil(base) : nameAndValue(base, variable);
    },

    'debug.setlocal'(base, count) {
      const { thread, skipped } = threadArgument(context, base, count);
      args.checkInteger(base, count, skipped + 1);
      args.checkInteger(base, count, skipped + 2);
      const variable = localArgument(base, count, thread, skipped);
      args.checkAny(count, skipped + 3);
      if (variable === undefined) return args.nil(base);
      if (variable.frame === 0) machine.values.holdArguments();
      if (!isLoopState(variable)) slots.copy(variable.slot, args.slot(base, skipped + 3));
      return args.text(base, variable.name);
    },

    'debug.getupvalue'(base, count) {
      const upvalue = upvalueArgument(base, count, 1);
      return upvalue === undefined ? 0 : nameAndValue(base, upvalue);
    },

    'debug.setupvalue'(base, count) {
      args.checkAny(count, 3);
      const upvalue = upvalueArgument(base, count, 1);
      if (upvalue === undefined) return 0;
      if (slots.tag(base) === TAG_CLOSURE) core.setUpvalue(slots.pointer(base), Number(args.checkInteger(base, count, 2)) - 1, args.slot(base, 3));
      else core.setBuiltinUpvalue(slots.pointer(base), Number(args.checkInteger(base, count, 2)) - 1, args.slot(base, 3));
      return args.text(base, upvalue.name);
    },

    'debug.upvalueid'(base, count) {
      const upvalue = upvalueArgument(base, count, 1);
      return upvalue === undefined ? args.nil(base) : args.object(base, TAG_LIGHT, upvalue.id);
    },

    'debug.upvaluejoin'(base, count) {
      for (const n of [1, 3]) if (upvalueArgument(base, count, n) === undefined) errors.throwArgument(n + 1, 'invalid upvalue index');
      for (const n of [1, 3]) if (!isLuaFunction(args.slot(base, n))) errors.throwArgument(n, 'Lua function expected');
      const index = (n: number): number => Number(args.checkInteger(base, count, n)) - 1;
      core.joinUpvalue(slots.pointer(base), index(2), slots.pointer(args.slot(base, 3)), index(4));
      // Compiled code takes the variables of a closure for the same ever after.
      machine.jit.flush();
      return 0;
    },
  };
}

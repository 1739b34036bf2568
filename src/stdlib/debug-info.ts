/** debug.getinfo and debug.traceback. */
import { SCRATCH_KEY, SCRATCH_VALUE } from '../bytecode/host-scratch.ts';
import {
  BUILTIN_UPVALUE_COUNT, CLOSURE_PROTO, CLOSURE_UPVALUE_COUNT, PROTO_CODE, PROTO_CODE_SIZE, PROTO_IS_VARARG, PROTO_LAST_LINE_DEFINED, PROTO_LINE_DEFINED,
  PROTO_LINES, PROTO_PARAMETER_COUNT, PROTO_SOURCE, SLOT_SIZE, TAG_BUILTIN, TAG_CLOSURE, TAG_STRING, TAG_TABLE, TAG_THREAD,
} from '../bytecode/layout.ts';
import { opOf, sizeOf } from '../bytecode/instruction.ts';
import { Op } from '../bytecode/opcode-table.ts';
import type { Activation } from '../engine/errors/frames.ts';
import type { HostFunctions } from './catalogue.ts';
import type { LibraryContext } from './library.ts';

/** All options of getinfo; those it takes where none are given. */
const OPTIONS = /^[SlnrutLf]*$/;
const DEFAULT_OPTIONS = 'flnSrtu';

/** The thread a debug function works on, and how many arguments naming it took. */
export function threadArgument({ machine: { slots, frames } }: LibraryContext, base: number, count: number): { readonly thread: number; readonly skipped: 0 | 1 } {
  return count >= 1 && slots.tag(base) === TAG_THREAD ? { thread: slots.pointer(base), skipped: 1 } : { thread: frames.thread, skipped: 0 };
}

/** The active function at a level of a thread, 0 = the innermost. */
export function activationAt({ machine: { frames } }: LibraryContext, thread: number, level: bigint): Activation | undefined {
  // A level is an int in C.
  return frames.levelAt(Number(BigInt.asIntN(32, level)), thread);
}

export function createInfoFunctions(context: LibraryContext): HostFunctions {
  const { machine, args } = context;
  const { slots, core, memory, frames, errors } = machine;

  const setText = (table: number, name: string, value: string): void => {
    slots.setText(SCRATCH_VALUE, value);
    slots.setField(table, name, SCRATCH_VALUE);
  };
  const setInteger = (table: number, name: string, value: number): void => {
    slots.setInteger(SCRATCH_VALUE, BigInt(value));
    slots.setField(table, name, SCRATCH_VALUE);
  };
  const setBoolean = (table: number, name: string, value: boolean): void => {
    slots.setBoolean(SCRATCH_VALUE, value);
    slots.setField(table, name, SCRATCH_VALUE);
  };

  /** Prototype of a Lua function that counts as Lua's; 0 for builtins and the host. */
  const luaPrototype = (func: number): number => {
    if (func === 0 || slots.tag(func) !== TAG_CLOSURE) return 0;
    const proto = memory.load(slots.pointer(func) + CLOSURE_PROTO);
    return frames.isBuiltinPrototype(proto) ? 0 : proto;
  };

  const addSource = (table: number, proto: number): void => {
    const lineDefined = proto === 0 ? -1 : memory.load(proto + PROTO_LINE_DEFINED);
    const source = proto === 0 ? 0 : memory.load(proto + PROTO_SOURCE);
    if (source === 0) slots.setText(SCRATCH_VALUE, proto === 0 ? '=[C]' : '=?');
    else slots.setObject(SCRATCH_VALUE, TAG_STRING, source);
    slots.setField(table, 'source', SCRATCH_VALUE);
    setText(table, 'short_src', proto === 0 ? '[C]' : frames.shortSource(proto));
    setText(table, 'what', proto === 0 ? 'C' : lineDefined === 0 ? 'main' : 'Lua');
    setInteger(table, 'linedefined', lineDefined);
    setInteger(table, 'lastlinedefined', proto === 0 ? -1 : memory.load(proto + PROTO_LAST_LINE_DEFINED));
  };

  const addName = (table: number, activation: Activation | undefined): void => {
    const name = activation === undefined ? undefined : machine.functionNames.calledName(activation);
    setText(table, 'namewhat', name?.kind ?? '');
    if (name !== undefined) setText(table, 'name', name.name);
  };

  const upvalueCount = (func: number, proto: number): number => {
    if (func === 0) return 0;
    if (proto !== 0) return memory.load(slots.pointer(func) + CLOSURE_UPVALUE_COUNT);
    return slots.tag(func) === TAG_CLOSURE ? 0 : memory.load(slots.pointer(func) + BUILTIN_UPVALUE_COUNT);
  };

  const addUpvalues = (table: number, func: number, proto: number): void => {
    setInteger(table, 'nups', upvalueCount(func, proto));
    setInteger(table, 'nparams', proto === 0 ? 0 : memory.load(proto + PROTO_PARAMETER_COUNT));
    setBoolean(table, 'isvararg', proto === 0 || memory.load(proto + PROTO_IS_VARARG) !== 0);
  };

  const addTransfer = (table: number, activation: Activation | undefined): void => {
    const transfer = activation?.isHooked ? machine.hooks.transfer : undefined;
    setInteger(table, 'ftransfer', transfer?.first ?? 0);
    setInteger(table, 'ntransfer', transfer?.count ?? 0);
  };

  /** The lines that have code, as the keys of a set. The instruction that prepares variable arguments does not count. */
  const addActiveLines = (table: number, proto: number): void => {
    if (proto === 0) return;
    const lines = core.newTable(0, 0);
    slots.setObject(SCRATCH_VALUE, TAG_TABLE, lines);
    slots.setField(table, 'activelines', SCRATCH_VALUE);
    if (memory.load(proto + PROTO_LINES) === 0) return;
    slots.setBoolean(SCRATCH_VALUE, true);
    const code = memory.load(proto + PROTO_CODE);
    const end = memory.load(proto + PROTO_CODE_SIZE);
    for (let pc = 0; pc < end; ) {
      const op = opOf(memory.load(code + pc));
      if (op !== Op.VARARGPREP) {
        slots.setSafeInteger(SCRATCH_KEY, frames.lineAt(proto, pc));
        core.tableSet(lines, SCRATCH_KEY, SCRATCH_VALUE);
      }
      pc += sizeOf(op);
    }
  };

  const addFunction = (table: number, func: number): void => {
    if (func === 0) return;
    slots.copy(SCRATCH_VALUE, func);
    const original = machine.functionNames.originalOf(slots.pointer(func));
    if (original !== slots.pointer(func)) slots.setObject(SCRATCH_VALUE, TAG_BUILTIN, original);
    slots.setField(table, 'func', SCRATCH_VALUE);
  };

  const getinfo = (base: number, count: number): number => {
    const { thread, skipped } = threadArgument(context, base, count);
    const first = args.slot(base, skipped + 1);
    const what = args.optionalName(base, count, skipped + 2) ?? DEFAULT_OPTIONS;
    if (what.startsWith('>')) errors.throwArgument(skipped + 2, "invalid option '>'");
    const isFunction = count > skipped && slots.isFunction(first);
    const activation = isFunction ? undefined : activationAt(context, thread, args.checkInteger(base, count, skipped + 1));
    if (!isFunction && activation === undefined) return args.nil(base);
    if (!OPTIONS.test(what)) errors.throwArgument(skipped + 2, 'invalid option');
    const func = activation?.func ?? first;
    const proto = luaPrototype(func);
    const table = core.newTable(0, 12);
    if (what.includes('S')) addSource(table, proto);
    if (what.includes('l')) {
      setInteger(table, 'currentline', activation !== undefined && activation.frame !== 0 && proto !== 0 ? frames.lineAt(proto, frames.pc(activation.frame)) : -1);
    }
    if (what.includes('u')) addUpvalues(table, func, proto);
    if (what.includes('n')) addName(table, activation);
    if (what.includes('r')) addTransfer(table, activation);
    if (what.includes('t')) setBoolean(table, 'istailcall', activation?.isTail ?? false);
    if (what.includes('L')) addActiveLines(table, proto);
    if (what.includes('f')) addFunction(table, func);
    return args.object(base, TAG_TABLE, table);
  };

  const traceback = (base: number, count: number): number => {
    const { thread, skipped } = threadArgument(context, base, count);
    const message = args.slot(base, skipped + 1);
    const isAbsent = args.isAbsent(base, count, skipped + 1);
    if (!isAbsent && slots.tag(message) !== TAG_STRING && !slots.isNumber(message)) {
      slots.copy(base - SLOT_SIZE, message);
      return 1;
    }
    const level = Number(args.optionalInteger(base, count, skipped + 2, thread === frames.thread ? 1n : 0n));
    const text = machine.traceback.text(level, thread);
    if (isAbsent) return args.text(base, text);
    args.checkString(base, count, skipped + 1);
    return args.appended(base, message, `\n${text}`);
  };

  return { 'debug.getinfo': getinfo, 'debug.traceback': traceback };
}

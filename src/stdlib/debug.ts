/** The debug library as far as it reads: tracebacks, information on functions and frames, metatables of all types. */
import {
  CLOSURE_PROTO, PROTO_IS_VARARG, PROTO_LAST_LINE_DEFINED, PROTO_LINE_DEFINED, PROTO_PARAMETER_COUNT, PROTO_UPVALUE_COUNT, SLOT_SIZE,
  TAG_BUILTIN, TAG_CLOSURE, TAG_FALSE, TAG_FLOAT, TAG_INT, TAG_STRING, TAG_TABLE, TAG_THREAD, TAG_TRUE, TAG_USERDATA,
  VM_HOST_SCRATCH, VM_REGISTRY, VM_TYPE_METATABLES,
} from '../bytecode/layout.ts';
import type { Activation } from '../vm/frames.ts';
import type { LibraryContext, LibraryFunctions } from './library.ts';

/** Types that have two tags. */
const TAGS_OF_ONE_TYPE: readonly (readonly number[])[] = [[TAG_CLOSURE, TAG_BUILTIN], [TAG_FALSE, TAG_TRUE], [TAG_INT, TAG_FLOAT]];

export function createDebugFunctions({ machine, args }: LibraryContext): LibraryFunctions {
  const { slots, core, memory, frames, errors } = machine;
  const scratch = VM_HOST_SCRATCH + 8 * SLOT_SIZE;

  const setText = (table: number, name: string, value: string): void => {
    slots.setText(scratch, value);
    slots.setField(table, name, scratch);
  };
  const setInteger = (table: number, name: string, value: number): void => {
    slots.setInteger(scratch, BigInt(value));
    slots.setField(table, name, scratch);
  };
  const setBoolean = (table: number, name: string, value: boolean): void => {
    slots.setBoolean(scratch, value);
    slots.setField(table, name, scratch);
  };

  /** Prototype of a Lua function that counts as Lua's; 0 for builtins. */
  const luaPrototype = (func: number): number => {
    if (slots.tag(func) !== TAG_CLOSURE) return 0;
    const proto = memory.load(slots.pointer(func) + CLOSURE_PROTO);
    return frames.isBuiltinPrototype(proto) ? 0 : proto;
  };

  const addSource = (table: number, proto: number): void => {
    const lineDefined = proto === 0 ? -1 : memory.load(proto + PROTO_LINE_DEFINED);
    setText(table, 'source', proto === 0 ? '=[C]' : frames.source(proto));
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

  const addUpvalues = (table: number, func: number, proto: number): void => {
    setInteger(table, 'nups', slots.tag(func) === TAG_CLOSURE ? memory.load(memory.load(slots.pointer(func) + CLOSURE_PROTO) + PROTO_UPVALUE_COUNT) : 0);
    setInteger(table, 'nparams', proto === 0 ? 0 : memory.load(proto + PROTO_PARAMETER_COUNT));
    setBoolean(table, 'isvararg', proto === 0 || memory.load(proto + PROTO_IS_VARARG) !== 0);
  };

  /** Leaves a thread argument out: only the running thread can be looked at. @returns arguments to skip */
  const skipThread = (base: number, count: number): number => (count >= 1 && slots.tag(base) === TAG_THREAD ? 1 : 0);

  const getinfo = (base: number, count: number): number => {
    const skipped = skipThread(base, count);
    const first = args.slot(base, skipped + 1);
    const what = args.optionalText(base, count, skipped + 2) ?? 'flnSrtu';
    if (/[^SlnrutLf]/.test(what)) errors.throwArgument(skipped + 2, 'invalid option');
    let activation: Activation | undefined;
    let func = first;
    if (count <= skipped || !slots.isFunction(first)) {
      const level = Number(args.checkInteger(base, count, skipped + 1));
      const all = frames.activations();
      // The outermost level is the host's own function.
      if (level < 0 || level > all.length) return args.nil(base);
      activation = all[level];
      if (activation === undefined) {
        const host = core.newTable(0, 8);
        addSource(host, 0);
        setInteger(host, 'currentline', -1);
        setText(host, 'namewhat', '');
        return args.object(base, TAG_TABLE, host);
      }
      func = activation.func;
    }
    const table = core.newTable(0, 12);
    const proto = luaPrototype(func);
    if (what.includes('S')) addSource(table, proto);
    if (what.includes('l')) {
      const isRunning = activation !== undefined && activation.frame !== 0 && proto !== 0;
      setInteger(table, 'currentline', isRunning ? frames.lineAt(proto, frames.pc((activation as Activation).frame)) : -1);
    }
    if (what.includes('u')) addUpvalues(table, func, proto);
    if (what.includes('n')) addName(table, activation);
    if (what.includes('t')) setBoolean(table, 'istailcall', activation?.isTail ?? false);
    if (what.includes('f')) {
      slots.copy(scratch, func);
      slots.setField(table, 'func', scratch);
    }
    return args.object(base, TAG_TABLE, table);
  };

  const traceback = (base: number, count: number): number => {
    const skipped = skipThread(base, count);
    const message = args.slot(base, skipped + 1);
    const isAbsent = args.isAbsent(base, count, skipped + 1);
    if (!isAbsent && slots.tag(message) !== TAG_STRING && !slots.isNumber(message)) {
      slots.copy(base - SLOT_SIZE, message);
      return 1;
    }
    const text = isAbsent ? '' : `${args.checkText(base, count, skipped + 1)}\n`;
    const thread = skipped === 1 ? slots.pointer(base) : frames.thread;
    const level = Number(args.optionalInteger(base, count, skipped + 2, thread === frames.thread ? 1n : 0n));
    return args.text(base, text + machine.traceback.text(level, thread));
  };

  const getmetatable = (base: number, count: number): number => {
    args.checkAny(count, 1);
    const metatable = slots.metatable(base);
    return metatable === 0 ? args.nil(base) : args.object(base, TAG_TABLE, metatable);
  };

  const setmetatable = (base: number, count: number): number => {
    const metatable = args.isAbsent(base, count, 2) ? 0 : args.checkTable(base, count, 2);
    const tag = slots.tag(base);
    if (tag === TAG_TABLE) core.setMetatable(slots.pointer(base), metatable);
    else if (tag === TAG_USERDATA) core.setUserdataMetatable(slots.pointer(base), metatable);
    else {
      for (const each of TAGS_OF_ONE_TYPE.find((tags) => tags.includes(tag)) ?? [tag]) memory.store(VM_TYPE_METATABLES + 4 * each, metatable);
      if (metatable !== 0) core.pinObject(metatable);
    }
    slots.copy(base - SLOT_SIZE, base);
    return 1;
  };

  return {
    getinfo,
    traceback,
    getmetatable,
    setmetatable,
    getregistry: (base) => args.object(base, TAG_TABLE, memory.load(VM_REGISTRY)),
    gethook: (base) => args.nil(base),
  };
}

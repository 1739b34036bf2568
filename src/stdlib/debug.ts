/** The debug library (manual, section 6.10), from its parts; here metatables of all types, user values, hooks as the program sets them. */
import {
  SLOT_SIZE, TAG_BUILTIN, TAG_CLOSURE, TAG_FALSE, TAG_FLOAT, TAG_INT, TAG_NIL, TAG_TABLE, TAG_TRUE, TAG_USERDATA, VM_REGISTRY,
} from '../bytecode/layout.ts';
import { createInfoFunctions, threadArgument } from './debug-info.ts';
import { createVariableFunctions } from './debug-variables.ts';
import type { HostFunctions } from './catalogue.ts';
import type { LibraryContext } from './library.ts';

/** Types that have two tags. */
const TAGS_OF_ONE_TYPE: readonly (readonly number[])[] = [[TAG_CLOSURE, TAG_BUILTIN], [TAG_FALSE, TAG_TRUE], [TAG_INT, TAG_FLOAT]];
/** PUC's LUAI_MAXCCALLS: the limit that cannot be set any more. */
const C_STACK_LIMIT = 200;

export function createDebugFunctions(context: LibraryContext): HostFunctions {
  const { machine, args, streams } = context;
  const { slots, core, memory, hooks } = machine;

  return {
    ...createInfoFunctions(context),
    ...createVariableFunctions(context),

    'debug.getmetatable'(base, count) {
      args.checkAny(count, 1);
      const metatable = slots.metatable(base);
      return metatable === 0 ? args.nil(base) : args.object(base, TAG_TABLE, metatable);
    },

    'debug.setmetatable'(base, count) {
      const given = args.slot(base, 2);
      if (count < 2 || (slots.tag(given) !== TAG_NIL && slots.tag(given) !== TAG_TABLE)) args.typeError(base, count, 2, 'nil or table');
      const metatable = slots.isNil(given) ? 0 : slots.pointer(given);
      const tag = slots.tag(base);
      if (tag === TAG_TABLE) core.setMetatable(slots.pointer(base), metatable);
      else if (tag === TAG_USERDATA) core.setUserdataMetatable(slots.pointer(base), metatable);
      else for (const each of TAGS_OF_ONE_TYPE.find((tags) => tags.includes(tag)) ?? [tag]) core.setTypeMetatable(each, metatable);
      slots.copy(base - SLOT_SIZE, base);
      return 1;
    },

    'debug.getregistry': (base) => args.object(base, TAG_TABLE, memory.load(VM_REGISTRY)),

    /** No userdata that a program can get has user values. */
    'debug.getuservalue'(base, count) {
      args.optionalInteger(base, count, 2, 1n);
      return args.nil(base);
    },

    'debug.setuservalue'(base, count) {
      args.optionalInteger(base, count, 3, 1n);
      if (count < 1 || slots.tag(base) !== TAG_USERDATA) args.typeError(base, count, 1, 'userdata');
      args.checkAny(count, 2);
      return args.nil(base);
    },

    'debug.sethook'(base, count) {
      const { thread, skipped } = threadArgument(context, base, count);
      const func = args.slot(base, skipped + 1);
      if (args.isAbsent(base, count, skipped + 1)) return hooks.set(base, thread, undefined);
      const mask = args.checkText(base, count, skipped + 2);
      if (!slots.isFunction(func)) args.typeError(base, count, skipped + 1, 'function');
      const period = Number(BigInt.asIntN(32, args.optionalInteger(base, count, skipped + 3, 0n)));
      return hooks.set(base, thread, { func, mask, period });
    },

    'debug.gethook'(base, count) {
      const { thread } = threadArgument(context, base, count);
      const hook = hooks.get(thread, base - SLOT_SIZE);
      if (hook === undefined) return args.nil(base);
      slots.setText(base, hook.mask);
      slots.setSafeInteger(base + SLOT_SIZE, hook.period);
      return 3;
    },

    'debug.setcstacklimit'(base, count) {
      args.checkInteger(base, count, 1);
      return args.integer(base, C_STACK_LIMIT);
    },

    /** readCommand(): the next line for debug.debug, with its end; nil at the end of the input. */
    'internal.readCommand'(base) {
      streams.writeError('lua_debug> ');
      const line = streams.stdin.readLine(true);
      return line === undefined ? args.nil(base) : args.bytes(base, line);
    },

    /** writeError(text) */
    'internal.writeError'(base, count) {
      streams.writeError(args.checkText(base, count, 1));
      return 0;
    },
  };
}

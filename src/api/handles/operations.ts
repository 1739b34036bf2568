/**
 * What the host does with Lua objects as Lua would, metamethods included: by functions of Lua's own, which need no library to be there. Compiled when a VM
 * first has a use for them.
 */
import { BUILTINS } from '../../bytecode/builtin-table.ts';
import { SLOT_SIZE, TAG_BUILTIN, TAG_CLOSURE } from '../../bytecode/layout.ts';
import type { LuaInput } from '../../engine/lua-value.ts';
import type { Machine } from '../../engine/machine.ts';
import { encodeText } from '../../engine/text.ts';
import type { LuaValue } from '../types.ts';
import type { ObjectOfLua } from './reference.ts';

const NAME = encodeText('=host');
const SOURCES = {
  index: 'local object, key = ... return object[key]',
  assign: 'local object, key, value = ... object[key] = value',
  length: 'local object = ... return #object',
  steps: 'local step, state, key = ... return function() local value key, value = step(state, key) return key, value end',
  bind: 'local object, first = ... return function(...) return object(first, ...) end',
} as const;
const LIBRARY_FUNCTIONS = { tostring: 'baseTostring', pairs: 'basePairs' } as const;

type OperationName = keyof typeof SOURCES | keyof typeof LIBRARY_FUNCTIONS;

const known = new WeakMap<Machine, Map<OperationName, number>>();

/** Pushes the function that does an operation. */
function pushOperation(machine: Machine, name: OperationName): void {
  const functions = known.get(machine) ?? new Map<OperationName, number>();
  known.set(machine, functions);
  const { core } = machine;
  const pointer = functions.get(name);
  const tag = name in SOURCES ? TAG_CLOSURE : TAG_BUILTIN;
  if (pointer !== undefined) return machine.pushObject(tag, pointer);
  if (name in SOURCES) machine.pushChunk(machine.chunks.loadBytes(encodeText(SOURCES[name as keyof typeof SOURCES]), machine.slots.newString(NAME)));
  else machine.pushObject(tag, core.newBuiltin(BUILTINS.findIndex(({ implementation }) => implementation === LIBRARY_FUNCTIONS[name as keyof typeof LIBRARY_FUNCTIONS]) + 1, machine.slots.nameString(name)));
  const made = machine.slots.pointer(machine.top - SLOT_SIZE);
  core.pinObject(made);
  functions.set(name, made);
}

/** Does an operation on an object, within an operation of the API. @returns how many results are at the top of the stack @throws LuaError */
export function operate(name: OperationName, { machine, tag, pointer }: ObjectOfLua, ...operands: readonly LuaInput[]): number {
  pushOperation(machine, name);
  machine.pushObject(tag, pointer);
  for (const operand of operands) machine.pushValue(operand);
  return machine.call(1 + operands.length);
}

/** Begins to go through an object's pairs, as `pairs` does. @returns how many results are at the top of the stack: a function that gives the next pair @throws LuaError */
export function iterate(object: ObjectOfLua): number {
  const { machine } = object;
  pushOperation(machine, 'steps');
  return machine.call(operate('pairs', object));
}

/** The first of as many results at the top of the stack, which go. */
export function firstResult(machine: Machine, count: number): LuaValue {
  const first = count === 0 ? undefined : machine.values.toHost(machine.top - count * SLOT_SIZE);
  machine.pop(count);
  return first as LuaValue;
}

/** All of them. */
export function allResults(machine: Machine, count: number): LuaValue[] {
  const results: LuaValue[] = [];
  for (let slot = machine.top - count * SLOT_SIZE; slot < machine.top; slot += SLOT_SIZE) results.push(machine.values.toHost(slot) as LuaValue);
  machine.pop(count);
  return results;
}

/** Calls the function at the top of the stack, which goes. @returns how many results are there @throws LuaError, MoontraceError bad-value, bad-handle */
export function callPushed(machine: Machine, args: readonly unknown[]): number {
  for (let i = 0; i < args.length; i++) machine.pushValue(args[i] as LuaInput);
  return machine.call(args.length);
}

/** Host functions in the form the core calls: arguments out of its slots, results into them. */
import { HOST_GENERATE, HOST_GENERATOR_METATABLE } from '../../bytecode/host-places.ts';
import { BUILTIN_NUMBER, LIMIT_STACK, SLOT_SIZE, TAG_CLOSURE, TAG_USERDATA, VM_HOST_RESULT, VM_STACK_LIMIT } from '../../bytecode/layout.ts';
import { CORE_THROW } from '../../engine/errors/messages.ts';
import type { RawHostFunction } from '../../engine/host-objects.ts';
import { isInstance, isThenable, kindOfFunction } from '../../engine/host-values.ts';
import type { LuaInput as AnyInput, LuaValue as AnyValue } from '../../engine/lua-value.ts';
import type { Machine } from '../../engine/machine.ts';
import { type AsyncLuaSequence, HostGenerator, type LuaSequence } from '../../engine/run/host-generator.ts';
import type { HandleRegistry } from '../handles/registry.ts';
import { Results } from './markers.ts';
import type { HostFunction, LuaValue } from '../types.ts';

/** A host function in the form the core calls, by how it was declared. */
export function rawForm(machine: Machine, handles: HandleRegistry, implementation: HostFunction): RawHostFunction {
  const kind = kindOfFunction(implementation);
  if (kind === 'GeneratorFunction' || kind === 'AsyncGeneratorFunction') return generatorForm(machine, implementation as SequenceFunction, kind === 'AsyncGeneratorFunction');
  return plainForm(machine, handles, implementation, kind === 'AsyncFunction');
}

/**
 * The door is open while the function runs; the handles it is given, and those it makes, are good until it returns, or until the promise is settled that it returned.
 * @param isAsync whether it is declared so: then it is clear beforehand that somebody has to wait for it
 */
function plainForm(machine: Machine, handles: HandleRegistry, implementation: HostFunction, isAsync: boolean): RawHostFunction {
  const { access, memory, values } = machine;
  const argument = (place: number, base: number): LuaValue => values.argumentToHost(base + place * SLOT_SIZE) as LuaValue;
  return (base, count, offset, numbers, first, second) => {
    const scope = handles.enter();
    try {
      if (isAsync) void machine.runs.waiter;
      const one = (numbers & 1) !== 0 ? (first as LuaValue) : count > 0 ? argument(0, base) : undefined;
      const two = (numbers & 2) !== 0 ? (second as LuaValue) : count > 1 ? argument(1, base) : undefined;
      const args = count > 2 ? Array.from({ length: count }, (_, place) => (place === 0 ? one : place === 1 ? two : argument(place, base))) : undefined;
      access.isShut = false;
      const result = args !== undefined ? implementation(...args) : count === 2 ? implementation(one, two) : count === 1 ? implementation(one) : implementation();
      access.isShut = true;
      if (result === undefined) return 0;
      if (typeof result !== 'number') return place(machine, handles, result, offset - SLOT_SIZE, scope);
      memory.f64[VM_HOST_RESULT >>> 3] = result;
      return BUILTIN_NUMBER;
    } catch (error) {
      access.isShut = true;
      // What was thrown may be a handle of this call.
      machine.storeHostError(error);
      throw CORE_THROW;
    } finally {
      handles.leave(scope);
    }
  };
}

/** Places what a host function gave where its results begin, an offset, or waits for it. @param scope that of its handles */
function place(machine: Machine, handles: HandleRegistry, result: unknown, first: number, scope: number): number {
  if (isInstance(result, Results)) {
    // The slots of its arguments are next.
    handles.holdArguments();
    return placeResults(machine, first, result.values);
  }
  if (typeof result === 'object' && !Array.isArray(result) && isThenable(result)) {
    const end = handles.detach(scope);
    handles.enter();
    return wait(machine, result, end);
  }
  const own = machine.stackAddress(first);
  machine.allocating(() => machine.values.toLua(own, result as AnyInput));
  return 1;
}

/** The program waits for what a host function has promised. @param end what is over then */
function wait(machine: Machine, promised: PromiseLike<unknown>, end: () => void): number {
  try {
    return machine.runs.waitFor(promised, (value) => placeResults(machine, machine.waitingOffset, machine.values.resultsOf(value)), end);
  } catch (error) {
    end();
    throw error;
  }
}

type SequenceFunction = (...args: readonly AnyValue[]) => LuaSequence | AsyncLuaSequence;

/** One that is a generator: a function written in Lua takes its place, and drives it (src/stdlib/generators.ts). Its handles are good for as long as it keeps them. */
function generatorForm(machine: Machine, implementation: SequenceFunction, isAsync: boolean): RawHostFunction {
  const { core, host, hostObjects, values } = machine;
  return (base, count) => {
    if (isAsync) void machine.runs.waiter;
    const generator = values.unscoped(() => {
      const args = Array.from({ length: count }, (_, place) => values.toHost(base + place * SLOT_SIZE));
      return new HostGenerator(machine.outside(() => implementation(...args)));
    });
    machine.pushObject(TAG_CLOSURE, host.pointer(HOST_GENERATE));
    const userdata = core.newUserdata(0, 0);
    core.setUserdataMetatable(userdata, host.pointer(HOST_GENERATOR_METATABLE));
    core.setUserdataHandle(userdata, hostObjects.lendObject(generator, userdata));
    machine.pushObject(TAG_USERDATA, userdata);
    return core.callInstead(1);
  };
}

/** Before any result is looked at it is certain that there is room for as many as there are. They are on the stack as soon as they are there. @param first where, as an offset */
export function placeResults(machine: Machine, first: number, results: readonly unknown[]): number {
  const { length } = results;
  if (!(length <= machine.memory.load(VM_STACK_LIMIT))) machine.errors.throwMessage('stack overflow (too many results)', LIMIT_STACK);
  machine.core.ensureStack(length);
  const end = machine.stackAddress(first) + length * SLOT_SIZE;
  for (let slot = machine.top; slot < end; slot += SLOT_SIZE) machine.slots.setNil(slot);
  machine.top = Math.max(machine.top, end);
  for (let i = 0; i < length; i++) machine.allocating(() => machine.values.toLua(machine.stackAddress(first) + i * SLOT_SIZE, results[i] as AnyInput));
  return length;
}

/** Host functions in the form the core calls: arguments out of its slots, results into them. */
import { LIMIT_STACK, SLOT_SIZE, TAG_CLOSURE, TAG_USERDATA, VM_STACK_LIMIT } from '../../bytecode/layout.ts';
import { CORE_THROW } from '../../engine/errors/messages.ts';
import type { RawHostFunction } from '../../engine/host-objects.ts';
import { isThenable, kindOfFunction } from '../../engine/host-values.ts';
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
  const { access, values } = machine;
  return (base, count) => {
    const position = machine.stackOffset(base);
    const wasShut = access.isShut;
    let scope = handles.enter();
    try {
      if (isAsync) void machine.runs.waiter;
      const result = invoke(machine, implementation, base, count);
      access.isShut = true;
      if (result instanceof Results) return placeResults(machine, position - SLOT_SIZE, result.values);
      if (result === undefined) return 0;
      if (typeof result === 'object' && !Array.isArray(result) && isThenable(result)) {
        const end = handles.detach(scope);
        scope = handles.enter();
        return wait(machine, result, end);
      }
      const own = machine.stackAddress(position) - SLOT_SIZE;
      if (typeof result === 'number') values.toLua(own, result);
      else machine.allocating(() => values.toLua(own, result as AnyInput));
      return 1;
    } catch (error) {
      access.isShut = true;
      // What was thrown may be a handle of this call.
      machine.storeHostError(error);
      throw CORE_THROW;
    } finally {
      handles.leave(scope);
      access.isShut = wasShut;
    }
  };
}

function invoke(machine: Machine, implementation: HostFunction, base: number, count: number): ReturnType<HostFunction> {
  const { access, values, files } = machine;
  const argument = (place: number): LuaValue => values.toHost(base + place * SLOT_SIZE) as LuaValue;
  switch (count) {
    case 0:
      files.flushOutput();
      access.isShut = false;
      return implementation();
    case 1: {
      const first = argument(0);
      files.flushOutput();
      access.isShut = false;
      return implementation(first);
    }
    case 2: {
      const first = argument(0);
      const second = argument(1);
      files.flushOutput();
      access.isShut = false;
      return implementation(first, second);
    }
    default: {
      const args: LuaValue[] = [];
      for (let place = 0; place < count; place++) args.push(argument(place));
      files.flushOutput();
      access.isShut = false;
      return implementation(...args);
    }
  }
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
  const { core, hostObjects, values } = machine;
  return (base, count) => {
    if (isAsync) void machine.runs.waiter;
    const generator = values.unscoped(() => {
      const args = Array.from({ length: count }, (_, place) => values.toHost(base + place * SLOT_SIZE));
      return new HostGenerator(machine.outside(() => implementation(...args)));
    });
    machine.pushObject(TAG_CLOSURE, machine.helpers.generate);
    const userdata = core.newUserdata(0, 0);
    core.setUserdataMetatable(userdata, values.hostMetatables.generator);
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

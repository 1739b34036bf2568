/** Host functions in the form the core calls: arguments out of its slots, results into them. */
import { LIMIT_STACK, SLOT_SIZE, VM_STACK_LIMIT } from '../bytecode/layout.ts';
import { CORE_THROW } from '../engine/errors/messages.ts';
import type { RawHostFunction } from '../engine/host-objects.ts';
import type { LuaInput as AnyInput } from '../engine/lua-value.ts';
import type { Machine } from '../engine/machine.ts';
import type { HandleRegistry } from './handles/registry.ts';
import { Results } from './markers.ts';
import type { HostFunction, LuaValue } from './types.ts';

/** The door is open while the function runs; the handles it is given, and those it makes, are good until it returns. */
export function rawForm(machine: Machine, handles: HandleRegistry, implementation: HostFunction): RawHostFunction {
  const { access, values } = machine;
  return (base, count) => {
    const position = machine.stackOffset(base);
    const wasShut = access.isShut;
    const scope = handles.enter();
    try {
      const result = invoke(machine, implementation, base, count);
      access.isShut = true;
      if (result instanceof Results) return placeAll(machine, position, result.values);
      if (result === undefined) return 0;
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

/** Before any result is looked at it is certain that there is room for as many as there are. They are on the stack as soon as they are there. */
function placeAll(machine: Machine, position: number, results: readonly unknown[]): number {
  const { length } = results;
  if (!(length <= machine.memory.load(VM_STACK_LIMIT))) machine.errors.throwMessage('stack overflow (too many results)', LIMIT_STACK);
  machine.core.ensureStack(length);
  const end = machine.stackAddress(position) + (length - 1) * SLOT_SIZE;
  for (let slot = machine.top; slot < end; slot += SLOT_SIZE) machine.slots.setNil(slot);
  machine.top = Math.max(machine.top, end);
  for (let i = 0; i < length; i++) machine.allocating(() => machine.values.toLua(machine.stackAddress(position) + (i - 1) * SLOT_SIZE, results[i] as AnyInput));
  return length;
}

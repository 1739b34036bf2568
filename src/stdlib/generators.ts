/** What the part written in Lua that runs generators (src/stdlib/lua/host.lua) is built on. */
import { SLOT_SIZE, USERDATA_HANDLE } from '../bytecode/layout.ts';
import { HostGenerator, type LuaRequest } from '../engine/run/host-generator.ts';
import { isThenable } from '../engine/host-values.ts';
import type { LuaInput } from '../engine/lua-value.ts';
import type { HostFunctions } from './catalogue.ts';
import type { LibraryContext } from './library.ts';

/** What a generator wants, as host.lua knows it. */
const WISHES = { return: 0, call: 1, yield: 2 } as const;

export function createGeneratorFunctions({ machine }: LibraryContext): HostFunctions {
  const { slots, memory, hostObjects, values } = machine;

  const generatorAt = (base: number, count: number): HostGenerator => {
    const object = count >= 1 ? hostObjects.lentObject(memory.load(slots.pointer(base) + USERDATA_HANDLE)) : undefined;
    return object instanceof HostGenerator ? object : machine.errors.throwMessage('generator expected');
  };

  /** @param first where on the stack the results begin, as an offset @returns their number */
  const write = (first: number, { done, value }: { readonly done?: boolean | undefined; readonly value: unknown }): number => {
    if (done === true) return values.writeResults(first, [WISHES.return, ...values.resultsOf(value)]);
    const request = value as LuaRequest;
    return values.writeResults(first, [WISHES[request.kind], ...request.values]);
  };

  return {
    /** advance(generator, ok, ...): goes on with the values, or with an error if not ok. Gives what it wants (WISHES), and with which values. */
    'internal.advance'(base, count) {
      const generator = generatorAt(base, count);
      const own = machine.stackOffset(base) - SLOT_SIZE;
      const isThrown = slots.isFalsy(base + SLOT_SIZE);
      // It may keep them for as long as it is under way.
      const given = values.unscoped((): unknown => {
        if (isThrown) return machine.errorIn(base + 2 * SLOT_SIZE);
        const list: LuaInput[] = [];
        for (let i = 2; i < count; i++) list.push(values.toHost(machine.stackAddress(own) + (i + 1) * SLOT_SIZE));
        return list;
      });
      return machine.outside(() => {
        const step = generator.resume(isThrown, given);
        return isThenable(step) ? machine.runs.waitFor(step, (later) => write(machine.waitingOffset, later as { readonly value: unknown })) : write(own, step);
      });
    },

    /** `__close` of generators. */
    'internal.closeGenerator'(base, count) {
      const generator = generatorAt(base, count);
      return machine.outside(() => {
        const closing = generator.close();
        // Where nobody can wait for it it has begun at least.
        return closing !== undefined && machine.runs.canWait ? machine.runs.waitFor(closing, () => 0) : 0;
      });
    },
  };
}

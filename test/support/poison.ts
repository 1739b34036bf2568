/** The host's side of TAG_POISON: on the debug core, slots that nobody has written for whoever may look at them now. */
import { machineOf } from '../../src/api/engine-port.ts';
import type { Vm } from '../../src/api/vm.ts';
import { SLOT_TAG, TAG_POISON } from '../../src/bytecode/layout.ts';

/** Makes the host's reading of poisoned slots an error, as the debug core does with its own. Call where no Lua code has run. */
export function watchSlots(vm: Vm): void {
  const { slots, memory } = machineOf(vm);
  const tag = (slot: number): number => {
    const found = memory.load(slot + SLOT_TAG);
    if (found === TAG_POISON) throw new RangeError('a slot that nobody wrote was read');
    return found;
  };
  const { copy } = slots;
  Object.assign(slots, {
    tag,
    copy(to: number, from: number): void {
      tag(from);
      copy.call(slots, to, from);
    },
  });
}

/** The end of a program that asks for it (lua_close): its pending to-be-closed variables are closed, then all finalisers run. */
import { SCRATCH_CLOSED, SCRATCH_CLOSER } from '../../bytecode/host-scratch.ts';
import { THREAD_TBC, VM_MAIN_THREAD } from '../../bytecode/layout.ts';
import { LuaError } from '../errors/errors.ts';
import type { Machine } from '../machine.ts';

/**
 * Closes the variables of the main thread, innermost first, and runs the finalisers. May be called while a program runs, whose frames stay as
 * they are: the caller ends it. An error in a closer becomes the error that the closers after it see; then it is dropped.
 */
export function closeState(machine: Machine): void {
  const { memory, core, slots } = machine;
  const thread = memory.load(VM_MAIN_THREAD);
  let error: LuaError | undefined;
  while (memory.load(thread + THREAD_TBC) !== 0) {
    slots.copy(SCRATCH_CLOSED, core.popToBeClosed(thread));
    const metatable = slots.metatable(SCRATCH_CLOSED);
    if (metatable === 0) slots.setNil(SCRATCH_CLOSER);
    else slots.getField(metatable, '__close', SCRATCH_CLOSER);
    if (slots.isNil(SCRATCH_CLOSER)) slots.copy(SCRATCH_CLOSER, SCRATCH_CLOSED);
    slots.copy(machine.pushSlot(), SCRATCH_CLOSER);
    slots.copy(machine.pushSlot(), SCRATCH_CLOSED);
    machine.pushValue(error?.value);
    try {
      machine.pop(machine.call(2));
    } catch (failure) {
      if (!(failure instanceof LuaError)) throw failure;
      error = failure;
    }
  }
  machine.runFinalizers(true);
}

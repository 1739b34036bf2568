/** The end of a program that asks for it (lua_close): its pending to-be-closed variables are closed, then all finalisers run. */
import { SLOT_SIZE, THREAD_TBC, VM_HOST_SCRATCH, VM_MAIN_THREAD } from '../../bytecode/layout.ts';
import { LuaError } from '../errors/errors.ts';
import type { Machine } from '../machine.ts';

/**
 * Closes the variables of the main thread, innermost first, and runs the finalisers. May be called while a program runs, whose frames stay as
 * they are: the caller ends it. An error in a closer becomes the error that the closers after it see; then it is dropped.
 */
export function closeState(machine: Machine): void {
  const { memory, core, slots } = machine;
  const thread = memory.load(VM_MAIN_THREAD);
  const value = VM_HOST_SCRATCH;
  let error: LuaError | undefined;
  while (memory.load(thread + THREAD_TBC) !== 0) {
    slots.copy(value, core.popToBeClosed(thread));
    const handler = value + SLOT_SIZE;
    const metatable = slots.metatable(value);
    if (metatable === 0) slots.setNil(handler);
    else slots.getField(metatable, '__close', handler);
    if (slots.isNil(handler)) slots.copy(handler, value);
    slots.copy(machine.pushSlot(), handler);
    slots.copy(machine.pushSlot(), value);
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

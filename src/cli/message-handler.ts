/** The message handler of the command (lua.c, msghandler): makes the text that is reported, while the frames of the error are there. */
import { CORE_THROW, encodeText, isHostError, type Machine, SLOT_SIZE, TAG_BUILTIN, TAG_STRING, textOfHost, THREAD_ERROR, toByteString } from '../api/engine-port.ts';
import type { LuaFunction } from '../api/index.ts';

/** A function that takes an error and returns its text with a traceback; what `__tostring` gives stands without one. */
export function createMessageHandler(machine: Machine): LuaFunction {
  const { slots, frames, core } = machine;

  /**
   * Calls the `__tostring` of an error; an error there is handled, too, and its text counts as the result. Slots are given by their
   * offsets, since the stack may move.
   * @returns whether `result` holds a string now
   */
  const callTostring = (error: number, result: number): boolean => {
    const metatable = slots.metatable(machine.stackAddress(error));
    if (metatable === 0) return false;
    const own = machine.stackOffset(machine.top);
    machine.pushValue(undefined);
    machine.pushValue(handler);
    const func = machine.pushSlot();
    slots.getField(metatable, '__tostring', func);
    if (slots.isNil(func)) return false;
    slots.copy(machine.pushSlot(), machine.stackAddress(error));
    const count = machine.tryCallHandled(1);
    if (count === 0) return false;
    if (count < 0 && !machine.isCatchable()) throw CORE_THROW;
    slots.copy(machine.stackAddress(result), count < 0 ? frames.thread + THREAD_ERROR : machine.stackAddress(own));
    return slots.tag(machine.stackAddress(result)) === TAG_STRING;
  };

  const stringOf = (error: number): string | undefined => {
    if (slots.tag(error) === TAG_STRING) return slots.stringText(slots.pointer(error));
    if (slots.isNumber(error)) return slots.stringText(core.stringFromNumber(error));
    const value = machine.values.toHost(error);
    return isHostError(value) ? toByteString(encodeText(textOfHost(value))) : undefined;
  };

  const handle = (base: number): number => {
    const error = machine.stackOffset(base);
    const result = error - SLOT_SIZE;
    const typeName = slots.typeName(base);
    const text = stringOf(base);
    if (text === undefined && callTostring(error, result)) return 1;
    slots.setText(machine.stackAddress(result), `${text ?? `(error object is a ${typeName} value)`}\n${machine.traceback.text(1)}`);
    return 1;
  };

  machine.pushObject(TAG_BUILTIN, machine.newHostFunction('?', handle));
  const handler = machine.values.toHost(machine.top - SLOT_SIZE) as LuaFunction;
  machine.pop(1);
  return handler;
}

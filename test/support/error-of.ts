/** Errors of programs, as tests look at them. */
import { LuaError } from '../../src/engine/errors/errors.ts';

/** The error that an action ends with. @throws anything else it throws; Error if it ends well */
export function errorOf(action: () => unknown): LuaError {
  try {
    action();
  } catch (error) {
    if (error instanceof LuaError) return error;
    throw error;
  }
  throw new Error('no error was thrown');
}

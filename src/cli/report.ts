/** Errors as `lua` prints them. */
import { LuaError, LuaReference } from '../vm/index.ts';

/** Message, and the traceback where `lua` adds one: not for syntax errors, nor for objects with `__tostring`. */
export function describeError(error: LuaError): string {
  const isObject = error.value instanceof LuaReference && !error.message.startsWith('(error object is a ');
  return error.traceback === '' || isObject ? error.message : `${error.message}\n${error.traceback}`;
}

/** Runs a part of the program. @returns false after an error, which was handed to `report` */
export function runReporting(part: () => void, report: (message: string) => void): boolean {
  try {
    part();
    return true;
  } catch (error) {
    if (!(error instanceof LuaError)) throw error;
    report(describeError(error));
    return false;
  }
}

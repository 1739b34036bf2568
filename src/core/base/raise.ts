/**
 * Raising errors from core code. Owns the kinds of operand errors; the messages themselves are built on the host (cold path).
 * None of these functions returns.
 */
import { LIMIT_MEMORY, LIMIT_NONE, TAG_STRING, THREAD_BUILTIN, THREAD_ERROR, VM_MEMORY_MESSAGE, VM_TEXT_SCRATCH, VM_THREAD } from '../../bytecode/layout';
import { hostThrowArgumentError, hostThrowBareText, hostThrowError, hostThrowOperandError, hostThrowText } from './host';
import { setLimit, setObject } from './value';

export const OPERAND_ERROR_ARITHMETIC: u32 = 0;
export const OPERAND_ERROR_BITWISE: u32 = 1;
/** A float without integer representation in a bit operation. */
export const OPERAND_ERROR_TO_INTEGER: u32 = 2;
export const OPERAND_ERROR_CONCAT: u32 = 3;
export const OPERAND_ERROR_COMPARE: u32 = 4;
export const OPERAND_ERROR_INDEX: u32 = 5;
export const OPERAND_ERROR_CALL: u32 = 6;
export const OPERAND_ERROR_LENGTH: u32 = 7;
/** "'for' initial value must be a number" etc.: first = slot, second = 0 initial, 1 limit, 2 step. */
export const OPERAND_ERROR_FOR: u32 = 8;
/** "variable 'x' got a non-closable value". */
export const OPERAND_ERROR_CLOSE: u32 = 9;

/** Raises an operand error with the variable's name, as luaG_typeerror and its relatives. */
export function throwOperandError(kind: u32, first: u32, second: u32): void {
  hostThrowOperandError(kind, first, second);
  unreachable();
}

/** Narrows an ASCII literal (UTF-16 in static memory) to bytes in the text scratch; returns their address. */
function literalBytes(text: string): u32 {
  const out: u32 = VM_TEXT_SCRATCH;
  for (let i = 0, n = min(text.length, 900); i < n; i++) store<u8>(out + i, <u8>text.charCodeAt(i));
  return out;
}

/** Raises "position: text" with the position of the calling Lua function (luaL_error). */
export function throwText(text: string, limit: u32 = LIMIT_NONE): void {
  hostThrowText(literalBytes(text), min(text.length, 900), limit);
  unreachable();
}

/** Raises "position: text" with the position of the running Lua function; the text alone if a builtin runs (luaG_runerror). */
export function throwRuntimeText(text: string, limit: u32 = LIMIT_NONE): void {
  if (load<u32>(load<u32>(VM_THREAD), THREAD_BUILTIN)) throwBareText(text, limit);
  throwText(text, limit);
}

/** Raises the text alone. */
export function throwBareText(text: string, limit: u32 = LIMIT_NONE): void {
  hostThrowBareText(literalBytes(text), min(text.length, 900), limit);
  unreachable();
}

/** Raises a string object. @param limit LIMIT_* */
export function throwString(string: u32, limit: u32): void {
  const error = load<u32>(VM_THREAD) + THREAD_ERROR;
  setObject(error, TAG_STRING, string);
  setLimit(error, limit);
  hostThrowError();
  unreachable();
}

/** Raises "bad argument #n to 'f' (text)". @param argument 1-based */
export function throwArgument(argument: i32, text: string): void {
  hostThrowArgumentError(argument, literalBytes(text), min(text.length, 900));
  unreachable();
}

/** Raises "not enough memory", without position, as PUC does; the string was made beforehand. */
export function throwMemoryError(): void {
  throwString(load<u32>(VM_MEMORY_MESSAGE), LIMIT_MEMORY);
}

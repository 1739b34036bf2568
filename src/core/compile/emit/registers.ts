/**
 * Registers are a stack: active variables at the bottom, temporaries above, F_FREE on top. A temporary is freed in the reverse order of its
 * allocation.
 */
import { failAtToken } from '../lex/syntax-error';
import { F_FREE, F_MAX_STACK } from '../state/records';
import { currentFunction } from '../state/stacks';
import { variableRegisters } from './scope';

/** Registers of one frame; a frame must stay below it. */
const MAX_REGISTERS: u32 = 255;

// @ts-ignore: decorator
@inline export function freeRegister(): u32 { return load<u32>(currentFunction(), F_FREE); }
// @ts-ignore: decorator
@inline export function setFreeRegister(register: u32): void { store<u32>(currentFunction(), register, F_FREE); }

/** Makes sure that `count` more registers exist. */
export function checkStack(count: u32): void {
  const f = currentFunction();
  const size = load<u32>(f, F_FREE) + count;
  if (size <= load<u32>(f, F_MAX_STACK)) return;
  if (size >= MAX_REGISTERS) failAtToken('function or expression needs too many registers');
  store<u32>(f, size, F_MAX_STACK);
}

export function reserve(count: u32): void {
  checkStack(count);
  setFreeRegister(freeRegister() + count);
}

// @ts-ignore: decorator
@inline export function isTemporary(register: u32): bool { return register >= variableRegisters(); }

/** Frees a register if it is a temporary; it must be the topmost one. */
export function free(register: u32): void {
  if (isTemporary(register)) setFreeRegister(freeRegister() - 1);
}

/** Frees two registers in the right order. */
export function freeBoth(first: u32, second: u32): void {
  free(max(first, second));
  free(min(first, second));
}

/** Frees all temporaries. */
export function freeTemporaries(): void { setFreeRegister(variableRegisters()); }

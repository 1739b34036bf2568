/**
 * What the core imports from the host (src/core/host.ts): the parts that need no VM state, i.e. number formatting and the
 * mathematics Wasm lacks. The rest, errors and host calls, comes from the Vm (`HostCalls`).
 */
import { formatFloat } from './format-float.ts';
import type { Memory } from './memory.ts';
import { toByteString } from './text.ts';

/** Imports that raise errors or call host functions; none of the `throw*` returns. */
export interface HostCalls {
  throwError(): never;
  throwOperandError(kind: number, first: number, second: number): never;
  throwArgumentError(argument: number, text: number, length: number): never;
  throwText(text: number, length: number, limit: number): never;
  callHost(handle: number, base: number, count: number): number;
  /** The function or userdata (by tag) with a handle was freed. */
  release(tag: number, handle: number): void;
  /** Calls the running thread's hook for an event. */
  callHook(event: number, line: number, first: number, count: number): void;
  /** Fills VM_BUDGET, or raises the error of a limit. */
  refill(): void;
  /** Warns of the error in a slot, which a finaliser raised. */
  warnError(error: number): void;
}

export interface HostImports extends HostCalls {
  formatFloat(out: number, value: number, conversion: number, flags: number, width: number, precision: number): number;
  parseFloat(text: number, length: number): number;
  pow(x: number, y: number): number;
  fmod(x: number, y: number): number;
  exp(x: number): number;
  log(x: number): number;
  log2(x: number): number;
  log10(x: number): number;
  sin(x: number): number;
  cos(x: number): number;
  tan(x: number): number;
  asin(x: number): number;
  acos(x: number): number;
  atan2(y: number, x: number): number;
  entropy(): number;
}

/** C's pow: unlike JS's, 1^y is 1 for every y and (-1)^±inf is 1. */
export function pow(x: number, y: number): number {
  if (x === 1 || (x === -1 && (y === Infinity || y === -Infinity))) return 1;
  return x ** y;
}

/**
 * All imports of the core. The members are own properties that close over their arguments: the core calls them without `this`.
 */
export function createHostImports(memory: Memory, calls: HostCalls, entropy: () => number): HostImports {
  return {
    ...calls,
    formatFloat(out, value, conversion, flags, width, precision) {
      const text = formatFloat(value, String.fromCharCode(conversion), flags, width, precision);
      const bytes = memory.u8;
      for (let i = 0; i < text.length; i++) bytes[out + i] = text.charCodeAt(i);
      return text.length;
    },
    parseFloat: (text, length) => Number(toByteString(memory.u8.subarray(text, text + length))),
    pow,
    fmod: (x, y) => x % y,
    exp: Math.exp,
    log: Math.log,
    log2: Math.log2,
    log10: Math.log10,
    sin: Math.sin,
    cos: Math.cos,
    tan: Math.tan,
    asin: Math.asin,
    acos: Math.acos,
    atan2: Math.atan2,
    entropy,
  };
}

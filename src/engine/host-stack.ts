/**
 * The host's own stack, which all recursion between Lua and host functions shares with the program around it. Once it is full, a call anywhere in the core
 * fails, in the middle of an allocation if need be. So whoever enters the core makes sure of RESERVE bytes first. The core takes a tenth of that; but what it
 * calls of the host's may have to be compiled first, for which V8 wants 40 KB.
 *
 * How: a WebAssembly function with a large frame is refused by its engine before it begins. All but its entry is skipped, so it takes some 50 ns; filling
 * as much of the stack with arguments takes many microseconds.
 */
import { isInstance, textOfHost } from './host-values.ts';

const RESERVE = 65536;
/** Functions with frames of half the size, one calling the other, are compiled in far less time. */
const FRAMES = 2;
const VALUE_SIZE = 8;

/** LEB128. */
function encodeUnsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest & 127) | 128);
  }
}

const section = (id: number, content: readonly number[]): number[] => [id, ...encodeUnsigned(content.length), ...content];
const name = (text: string): number[] => [text.length, ...Array.from(text, (char) => char.charCodeAt(0))];

/** i32.const 0, i64.load with an offset that takes three bytes. */
const LOAD = [0x41, 0, 0x29, 3, 0x80, 0x80, 0];
const OFFSET = 4;

/**
 * (func $reserve (param $frames i32) (param $never i32)
 *   (call $nothing)
 *   (if (local.get $frames) (then (call $reserve (i32.sub (local.get $frames) (i32.const 1)) (local.get $never))))
 *   (if (i32.eqz (local.get $never)) (then (return)))
 *   loads that stay on the stack across (call $nothing), their sum stored)
 * It returns in front of the loads because V8 counts how far into the code a return is: one behind them had all this optimised after four calls, for 20 ms. The first call is there for the frame to be made in any case, the last for the values to need their places in it. Each load is of another place, so that
 * no engine takes two for one. The thousands of them are written in place: every VM of a process starts with this, in cold code.
 */
function moduleBytes(): Uint8Array<ArrayBuffer> {
  const count = RESERVE / FRAMES / VALUE_SIZE;
  const head = [0, 0x10, 0, 0x20, 0, 0x04, 0x40, 0x20, 0, 0x41, 1, 0x6b, 0x20, 1, 0x10, 1, 0x0b, 0x20, 1, 0x45, 0x04, 0x40, 0x0f, 0x0b, 0x41, 0];
  const call = [0x10, 0];
  const tail = [0x37, 3, 0, 0x0b];
  const size = head.length + count * LOAD.length + call.length + (count - 1) + tail.length;
  const start = [
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, [2, 0x60, 0, 0, 0x60, 2, 0x7f, 0x7f, 0]),
    ...section(2, [2, ...name('host'), ...name('nothing'), 0, 0, ...name('host'), ...name('memory'), 2, 0, 1]),
    ...section(3, [1, 1]),
    ...section(7, [1, ...name('reserve'), 0, 1]),
    10, ...encodeUnsigned(1 + encodeUnsigned(size).length + size), 1, ...encodeUnsigned(size), ...head,
  ];
  const bytes = new Uint8Array(start.length - head.length + size);
  bytes.set(start);
  const loads = bytes.subarray(start.length, start.length + count * LOAD.length);
  loads.set(LOAD);
  for (let done = LOAD.length; done < loads.length; done *= 2) loads.copyWithin(done, 0, Math.min(done, loads.length - done));
  for (let i = 1; i < count; i++) {
    const at = i * LOAD.length + OFFSET;
    const offset = i * VALUE_SIZE;
    loads[at] = offset | 128;
    loads[at + 1] = (offset >> 7) | 128;
    loads[at + 2] = offset >> 14;
  }
  bytes.set(call, start.length + loads.length);
  bytes.fill(0x7c, start.length + loads.length + call.length, bytes.length - tail.length);
  bytes.set(tail, bytes.length - tail.length);
  return bytes;
}

type Reserve = (frames: number, never: number) => void;
let reserve: Reserve | undefined;

const nothing = (..._: unknown[]): void => {};

function createReserve(): Reserve {
  let module: WebAssembly.Module;
  try {
    module = new WebAssembly.Module(moduleBytes());
  } catch (error) {
    if (outOfHost(error) !== undefined) throw error;
    // Nothing may be compiled here: the core was handed in.
    const values = Array<number>(RESERVE / VALUE_SIZE).fill(0);
    return () => nothing.apply(undefined, values);
  }
  const host = { nothing, memory: new WebAssembly.Memory({ initial: 1 }) };
  return new WebAssembly.Instance(module, { host }).exports['reserve'] as Reserve;
}

/** Is there enough of the stack left to enter the core? Nothing but the want of it can fail here; to look closer would take what there is not. */
export function hasHostStack(): boolean {
  try {
    reserve ??= createReserve();
    reserve(FRAMES - 1, 0);
    return true;
  } catch {
    return false;
  }
}

/** What SpiderMonkey throws in place of RangeError. */
const InternalError = (globalThis as { readonly InternalError?: ErrorConstructor }).InternalError ?? RangeError;

/** What V8, SpiderMonkey and JavaScriptCore say. There is no other way to tell. */
const STACK_OVERFLOW = /^(Maximum call stack size exceeded\.?|too much recursion)$/;
const OUT_OF_MEMORY = /^(Array buffer allocation failed|Invalid (typed )?array length(: \d+)?|Invalid string length|allocation size overflow|Out of memory)$/i;

const isEngineError = (error: unknown): error is Error => isInstance(error, RangeError) || isInstance(error, InternalError);

/** Whether the host's own stack ran out. */
export const isStackOverflow = (error: unknown): boolean => isEngineError(error) && STACK_OVERFLOW.test(textOfHost(error));

/** What of the host's ran out, by an exception that it raised in code of the engine. */
export function outOfHost(error: unknown): 'stack' | 'memory' | undefined {
  if (isStackOverflow(error)) return 'stack';
  return isEngineError(error) && OUT_OF_MEMORY.test(textOfHost(error)) ? 'memory' : undefined;
}

/**
 * The host's own stack, which all recursion between Lua and host functions shares with the program around it. Once it is full, a call anywhere in the core
 * fails, in the middle of an allocation if need be. So whoever enters the core makes sure of RESERVE bytes first, more than any of its functions takes.
 *
 * How: a WebAssembly function whose frame is that large is refused by its engine before it begins. All but its entry is skipped, so it takes
 * some 20 ns; filling as much of the stack with arguments takes several microseconds.
 */

const RESERVE = 32768;
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

/**
 * (func (param i32) (call $nothing) (if (local.get 0) (then loads that stay on the stack across a call, their sum stored)))
 * The first call is there for the frame to be made in any case, the second for the values to need their places in it.
 */
function moduleBytes(): Uint8Array<ArrayBuffer> {
  const count = RESERVE / VALUE_SIZE;
  const body: number[] = [0x10, 0, 0x20, 0, 0x04, 0x40, 0x41, 0];
  for (let i = 0; i < count; i++) body.push(0x41, 0, 0x29, 3, ...encodeUnsigned(i * VALUE_SIZE));
  body.push(0x10, 0);
  for (let i = 1; i < count; i++) body.push(0x7c);
  body.push(0x37, 3, 0, 0x0b, 0x0b);
  const code = [0, ...body];
  return Uint8Array.from([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, [2, 0x60, 0, 0, 0x60, 1, 0x7f, 0]),
    ...section(2, [2, ...name('host'), ...name('nothing'), 0, 0, ...name('host'), ...name('memory'), 2, 0, 1]),
    ...section(3, [1, 1]),
    ...section(7, [1, ...name('reserve'), 0, 1]),
    ...section(10, [1, ...encodeUnsigned(code.length), ...code]),
  ]);
}

let reserve: ((never: number) => void) | undefined;

function createReserve(): (never: number) => void {
  const host = { nothing() {}, memory: new WebAssembly.Memory({ initial: 1 }) };
  return new WebAssembly.Instance(new WebAssembly.Module(moduleBytes()), { host }).exports['reserve'] as (never: number) => void;
}

/** Is there enough of the stack left to enter the core? */
export function hasHostStack(): boolean {
  try {
    reserve ??= createReserve();
    reserve(0);
    return true;
  } catch (error) {
    if (!isStackOverflow(error)) throw error;
    return false;
  }
}

/** What V8, SpiderMonkey and JavaScriptCore say. There is no other way to tell. */
const STACK_OVERFLOW = /^(Maximum call stack size exceeded\.?|too much recursion)$/;
const OUT_OF_MEMORY = /^(Array buffer allocation failed|Invalid (typed )?array length(: \d+)?|Invalid string length|allocation size overflow|Out of memory)$/i;

const isEngineError = (error: unknown): error is Error => error instanceof RangeError || (error instanceof Error && error.name === 'InternalError');

/** Whether the host's own stack ran out. */
export const isStackOverflow = (error: unknown): boolean => isEngineError(error) && STACK_OVERFLOW.test(error.message);

/** What of the host's ran out, by an exception that it raised in code of the engine. */
export function outOfHost(error: unknown): 'stack' | 'memory' | undefined {
  if (isStackOverflow(error)) return 'stack';
  return isEngineError(error) && OUT_OF_MEMORY.test(error.message) ? 'memory' : undefined;
}

/**
 * When V8 optimises functions of the core. It does, in another thread, once a function has used up its budget: a return and a turn of a loop take from it what lies between them and the start of the
 * function or loop, in bytes of code. The usual budget lasts for a few hundred instructions in the interpreter's loop, which takes 25 ms to optimise, and for a thousand lines in the compiler, 20 ms more.
 * The process waits for that at its end, and a short program gains nothing by it. So the core has a larger one, and what every program runs counts by how often it is run, not by how large it is.
 *
 * V8 looks at the flag when a module is made, for the budget, and when a function is compiled, at its first call: a quarter of it is the most that is taken at once. It is set back each time:
 * traces are to have the usual budget, and code caches, Node's own too, are good only for the flags that they were made with.
 */
import { coreModule } from '../api/engine-port.ts';
import { builtinModule } from '../hosts/node/builtins.ts';

/** In bytes. V8 12 has a larger one than those before. */
const USUAL_BUDGET = Number.parseInt(process.versions.v8, 10) < 12 ? 1.8e6 : 13e6;
const BUDGET = 64e6;
const MOST_AT_ONCE = 1000;

function withBudget<T>(budget: number, part: () => T): T {
  const { setFlagsFromString } = builtinModule('node:v8') as typeof import('node:v8');
  setFlagsFromString(`--wasm-tiering-budget=${budget}`);
  try {
    return part();
  } finally {
    setFlagsFromString(`--wasm-tiering-budget=${USUAL_BUDGET}`);
  }
}

/** @throws MoontraceError no-webassembly */
export const compileCore = (): WebAssembly.Module => withBudget(BUDGET, coreModule);

/** Does what runs functions of the core for the first time that every program runs. */
export const countingRuns = <T>(part: () => T): T => withBudget(4 * MOST_AT_ONCE, part);

/** The engine as the conformance and fuzz tests see it: source in, output and error message out, in one of several modes. */
import { machineOf } from '../../src/api/engine-port.ts';
import { readFileSync } from 'node:fs';
import { type CreateJitOptions, createJit } from '../../jit/index.ts';
import { createVm, type Vm } from '../../src/api/index-node.ts';
import { LuaError } from '../../src/engine/errors/errors.ts';

/** How a script is run. */
export interface Mode {
  readonly name: string;
  /** Options of the JIT; without them the script is interpreted. */
  readonly jit?: CreateJitOptions;
  /** Runs on the debug core, which checks the heap again and again and moves the stack at every growth: the collector works at every allocation, or around traces. */
  readonly stress?: keyof typeof STRESS;
  /** Runs on the debug core, where one of so many allocations fails for once: what failed is done again after a collection. */
  readonly failures?: number;
}

export interface RunResult {
  /** Bytes written to standard output, one character each. */
  readonly stdout: string;
  /** Message of the error that ended the script. */
  readonly error: string | undefined;
}

export const INTERPRETED: Mode = { name: 'interpreted' };

/** The JIT as a user has it. */
export const COMPILED: Mode = { name: 'jit', jit: {} };

/** Everything that runs twice is compiled; the IR is verified and the recorder compared with the real stack. */
export const EAGER: Mode = {
  name: 'eager',
  jit: { tunables: { share: 100, hotloop: 1, hotexit: 1, penaltystart: 2, penaltyfactor: 2 }, checkSlots: true, optimisations: { verify: true } },
};

/** The same, and every function is compiled as a whole, and called instead of inlined. */
export const FUNCTIONS: Mode = { ...EAGER, name: 'functions', jit: { ...EAGER.jit, tunables: { ...EAGER.jit?.tunables, hotfunction: 0 } } };

/** Every exit of every trace is taken, in turn. */
export const FORCED_EXITS: Mode = { name: 'forced-exits', jit: { tunables: { share: 100, hotloop: 2, hotexit: 3, loopbudget: 5 }, forceExits: true } };

/** A trace leaves after each iteration; there is a limit to the time of recordings, if one that is out of reach. */
export const SHORT_BUDGET: Mode = { name: 'short-budget', jit: { tunables: { share: 99, grace: 1e6, hotloop: 2, hotexit: 2, loopbudget: 1 } } };

/** The collector works all the time. */
export const STRESSED: Mode = { name: 'stressed', stress: 'allocations' };
export const STRESSED_EAGER: Mode = { ...EAGER, name: 'stressed-eager', stress: 'allocations' };

/** The collector works wherever a trace is entered or left, and trees are thrown away in the middle of a cycle. */
export const COLLECTING: Mode = {
  name: 'collecting',
  stress: 'traces',
  jit: { tunables: { share: 100, hotloop: 2, hotexit: 2, loopbudget: 9, penaltystart: 2, penaltyfactor: 2 }, dropTrees: true, checkSlots: true, optimisations: { verify: true } },
};

/** The same with functions compiled as a whole. */
export const COLLECTING_FUNCTIONS: Mode = { ...COLLECTING, name: 'collecting-functions', jit: { ...COLLECTING.jit, tunables: { ...COLLECTING.jit?.tunables, hotfunction: 0 } } };

/** Allocations fail all the time. */
export const FAILING: Mode = { name: 'failing', failures: 3 };
export const FAILING_EAGER: Mode = { ...EAGER, name: 'failing-eager', failures: 3 };

const without = (name: 'fold' | 'cse' | 'forward' | 'loop' | 'dse' | 'dce'): Mode => ({
  name: `no-${name}`,
  jit: { tunables: { share: 100, hotloop: 2, hotexit: 2 }, optimisations: { [name]: false } },
});

/** Each optimisation switched off in turn. */
export const WITHOUT_OPTIMISATIONS: readonly Mode[] = [without('fold'), without('cse'), without('forward'), without('loop'), without('dse'), without('dce')];

export const USUAL_MODES: readonly Mode[] = [INTERPRETED, COMPILED, EAGER];
export const EXIT_MODES: readonly Mode[] = [FUNCTIONS, FORCED_EXITS, SHORT_BUDGET];

/** What the conformance tests run, and what the fuzzer compares with lua5.4. */
export const ALL_MODES: readonly Mode[] = [...USUAL_MODES, ...EXIT_MODES, ...WITHOUT_OPTIMISATIONS];

/** STRESS_PIECES and STRESS_TRACES of src/core/memory/heap.ts. */
const STRESS = { allocations: 2, traces: 3 } as const;

let debugModule: WebAssembly.Module | undefined;

/** The debug build of the core (scripts/build.mjs --test). */
export function debugCore(): WebAssembly.Module {
  debugModule ??= new WebAssembly.Module(readFileSync('build/core.debug.wasm'));
  return debugModule;
}

/** Milliseconds that a script may take; nothing ends a test from outside while it runs. */
const PATIENCE = 240_000;

/** Raises an error, again and again, in a script that does not end. */
function endInTime(vm: Vm): void {
  const machine = machineOf(vm);
  const { onSlice } = machine;
  const end = performance.now() + PATIENCE;
  machine.onSlice = () => {
    if (performance.now() > end) throw new Error('the script does not end');
    onSlice();
  };
}

/** A standard input that holds these bytes. */
export function readerOf(input: string): (target: Uint8Array) => number {
  let rest = Buffer.from(input, 'latin1');
  return (target) => {
    const count = rest.copy(target);
    rest = rest.subarray(count);
    return count;
  };
}

/**
 * Runs chunks one after the other in a fresh VM; stops at the first error.
 * @param chunks source (a byte per character) and chunk name of each
 * @param input standard input, a byte per character
 */
export function runLua(chunks: readonly (readonly [source: string, name: string])[], mode: Mode, input = ''): RunResult {
  const output: string[] = [];
  const jit = mode.jit && { jit: createJit(mode.jit) };
  const stdout = (bytes: Uint8Array): unknown => output.push(Buffer.from(bytes).toString('latin1'));
  const vm = createVm({ libraries: 'all', ...jit, ...((mode.stress || mode.failures) && { core: debugCore() }), stdin: readerOf(input), stdout });
  if (mode.stress !== undefined) {
    machineOf(vm).core.setCollectorStress(STRESS[mode.stress]);
    machineOf(vm).core.setStackStress(true);
  }
  if (mode.failures) machineOf(vm).core.setFailures(mode.failures);
  endInTime(vm);
  let error: string | undefined;
  try {
    for (const [source, name] of chunks) vm.doString(Buffer.from(source, 'latin1'), name);
  } catch (failure) {
    if (!(failure instanceof LuaError)) throw failure;
    error = failure.message;
  } finally {
    vm.close();
  }
  return { stdout: output.join(''), error };
}

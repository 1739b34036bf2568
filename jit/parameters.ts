/**
 * THE table of the JIT's tunables, with LuaJIT's names where the meaning is the same. `-j name=value` sets them.
 *
 * Why the thresholds are far above LuaJIT's: a trace costs the Wasm engine half a millisecond or more of CPU time, most of it in the
 * background, where it is easily overlooked. An exit costs about 100 ns, so a side trace has to save thousands of them.
 */
import { HOT_LOOP } from '../src/engine/jit-port.ts';

export const PARAMETERS = {
  share: { value: 1, does: 'percent of the time that recording and compiling may take; 100 = no limit' },
  grace: { value: 20, does: 'milliseconds that they may take to begin with, and that can be kept' },
  hotloop: { value: HOT_LOOP, does: 'iterations before a loop is recorded' },
  hotexit: { value: 2000, does: 'times an exit is taken before the first side trace of a tree is recorded; each further one waits as long again' },
  hotfunction: { value: 2, does: 'slices of some milliseconds that end in a function that calls itself, before it is compiled as a whole; 0 = every function is' },
  tryside: { value: 4, does: 'attempts to record a side trace' },
  maxtrace: { value: 1000, does: 'live traces before everything is flushed' },
  maxrecord: { value: 4000, does: 'bytecode instructions in one trace' },
  maxirconst: { value: 1000, does: 'constants in one trace' },
  maxside: { value: 32, does: 'side traces of one root trace; a tree that wants more is thrown away' },
  maxkinds: { value: 8, does: 'kinds of objects one instruction of a trace meets, each in a side trace of its own; a tree that meets more is thrown away' },
  // Exits are most of the code, and V8 takes long over large functions: a trace with 500 of them had 290 KB, and its program ran 1.8 times as long.
  maxsnap: { value: 250, does: 'snapshots in one trace' },
  instunroll: { value: 4, does: 'recordings in a row of a loop that is unstable in its types' },
  loopunroll: { value: 15, does: 'unrolls of an inner loop inside a trace' },
  maxinline: { value: 16, does: 'depth of inlined calls' },
  recunroll: { value: 0, does: 'levels of recursive calls that are inlined' },
  loopbudget: { value: 10000, does: 'units of work a trace does before it leaves once, 32767 at most; a round of its loop is one or more' },
  minlength: { value: 10, does: 'bytecode instructions per entry, on average, below which a root trace is thrown away' },
  penaltystart: { value: 1000, does: 'first penalty of an aborted place, in loop counts' },
  penaltyfactor: { value: 8, does: 'times longer that a place waits with each further abort' },
  penaltymax: { value: 16_000_000, does: 'penalty beyond which a place is blacklisted' },
} as const;

export type ParameterName = keyof typeof PARAMETERS;
export type Parameters = { [name in ParameterName]: number };

/** The defaults, with overrides. */
export function createParameters(overrides: Partial<Parameters> = {}): Parameters {
  const defaults = Object.fromEntries(Object.entries(PARAMETERS).map(([name, { value }]) => [name, value])) as Parameters;
  return { ...defaults, ...overrides };
}

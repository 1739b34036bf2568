/**
 * Takes samples of a running program. `tick` may be called at any time, in the middle of the core or of compiled code: it reads what is in memory. While the interpreter runs, the
 * frame there is as it was when the last instruction that may fail or call began; so then the slice is cut, and the sample is taken at the look between two
 * instructions that follows (`Machine.onLook`).
 *
 * A look comes at the end of a loop's round or at a call, never in between. So the sampler steps on from there by a number of instructions that is drawn anew each time:
 * lines are met as often as they run.
 */
import { RUN_STEPPED, THREAD_HOOK_MASK, VM_COLLECTING, VM_RUNNING_TRACE, VM_THREAD } from '../../bytecode/layout.ts';
import type { Machine } from '../machine.ts';
import type { Profile, Sample, State } from './profile.ts';
import { StackReader } from './stack-reader.ts';

/** Instructions to step at most: more than most loops have between two looks. */
const MAX_STEPS = 256;

export class Sampler {
  readonly #machine: Machine;
  readonly #cpuTime: () => number;
  readonly #reader: StackReader;
  /** By state and stack. */
  readonly #samples = new Map<string, Sample>();
  /** When the last sample was taken, or the sampler began. */
  #last = performance.now();
  #lastCpu: number;
  /** Milliseconds that the sample to be taken at the next look stands for. */
  #awaited = 0;
  #isStepping = false;
  #random = 1;

  /** @param cpuTime milliseconds of processor time that the process has had */
  constructor(machine: Machine, cpuTime: () => number) {
    this.#machine = machine;
    this.#cpuTime = cpuTime;
    this.#lastCpu = cpuTime();
    this.#reader = new StackReader(machine);
    machine.onLook = () => this.#look();
  }

  /** Takes a sample, or sees to it. */
  readonly tick = (): void => {
    const { isRunning, limits } = this.#machine;
    const elapsed = this.#elapsed();
    if (!isRunning) return;
    const state = this.#state();
    // What can wait for nothing can only be kept waiting by other programs, which is not its own time.
    const time = this.#reader.mayWait ? elapsed.wall : Math.min(elapsed.wall, elapsed.cpu);
    const running = state !== 'interpreted' || this.#isStepping ? undefined : whatRuns(this.#machine, this.tick);
    if (running === 'loop') {
      this.#awaited += time;
      limits.cut();
    } else this.#add(running === 'engine' && this.#reader.isAtCompiledLoop ? 'compiled' : state, time);
  };

  /** All samples, and the places they name. */
  get result(): Pick<Profile, 'frames' | 'samples'> {
    return { frames: this.#reader.frames, samples: [...this.#samples.values()] };
  }

  /** Milliseconds since the last time it was asked. */
  #elapsed(): { readonly wall: number; readonly cpu: number } {
    const now = performance.now();
    const cpuNow = this.#cpuTime();
    const elapsed = { wall: now - this.#last, cpu: cpuNow - this.#lastCpu };
    this.#last = now;
    this.#lastCpu = cpuNow;
    return elapsed;
  }

  #state(): State {
    const { memory, jit } = this.#machine;
    if (jit.activity !== undefined) return jit.activity;
    if (memory.load(VM_COLLECTING) !== 0) return 'collector';
    const builtin = this.#reader.builtin;
    if (builtin !== 0) return this.#reader.isHost(builtin) ? 'host' : 'library';
    return memory.load(VM_RUNNING_TRACE) === 0 ? 'interpreted' : 'compiled';
  }

  #add(state: State, time: number): void {
    const stack = this.#reader.read();
    const key = `${state} ${stack.join()}`;
    const sample = this.#samples.get(key) ?? { state, stack, time: 0, count: 0 };
    this.#samples.set(key, sample);
    sample.time += time;
    sample.count++;
  }

  /** @returns RUN_* */
  #look(): number {
    if (this.#awaited === 0 || this.#isStepping) return RUN_STEPPED;
    const time = this.#awaited;
    this.#awaited = 0;
    let status = RUN_STEPPED;
    this.#isStepping = true;
    try {
      for (let steps = this.#draw(); steps > 0 && this.#mayStep && status === RUN_STEPPED; steps--) status = this.#machine.core.step();
      return status;
    } finally {
      this.#isStepping = false;
      this.#add('interpreted', time);
    }
  }

  /** A step calls no hooks (one may be set by it), and must not come between those of the recorder. */
  get #mayStep(): boolean {
    const { memory, jit } = this.#machine;
    return memory.load(memory.load(VM_THREAD) + THREAD_HOOK_MASK) === 0 && jit.activity === undefined;
  }

  #draw(): number {
    this.#random = (Math.imul(this.#random, 1103515245) + 12345) >>> 0;
    return (this.#random >>> 16) % MAX_STEPS;
  }
}

/** Frames of the host's stack that are looked at: those of the inspector's call, and the three innermost of the core. */
const HOST_FRAMES = 5;

/**
 * What was called in the middle of the interpreter: its loop itself, a function of the core that it called for an instruction and that has stored where it is, or the engine
 * between two slices, which counts for what ran before. Where the host's stack cannot be read the loop.
 * @param caller the function that was called
 */
function whatRuns({ core }: Machine, caller: () => void): 'loop' | 'function' | 'engine' {
  const sites = innermostCalls(caller);
  const functions = sites.flatMap((site) => /wasm-function\[(\d+)\]/.exec(site.getFileName()?.startsWith('wasm:') === true ? String(site) : '')?.[1] ?? []);
  if (functions.length === 0) return sites.length === 0 ? 'loop' : 'engine';
  // `run` calls the loop. Exported functions go by their numbers.
  const run = functions.indexOf(core.run.name);
  return run === 0 || run === 1 ? 'loop' : 'function';
}

/** Who called `caller`. Only what is looked at is made text of: that takes most of the time. */
function innermostCalls(caller: () => void): readonly NodeJS.CallSite[] {
  const { stackTraceLimit, prepareStackTrace } = Error;
  const place: { stack?: readonly NodeJS.CallSite[] } = {};
  Error.stackTraceLimit = HOST_FRAMES;
  Error.prepareStackTrace = (_, sites) => sites;
  Error.captureStackTrace(place, caller);
  const sites = place.stack ?? [];
  Error.stackTraceLimit = stackTraceLimit;
  Error.prepareStackTrace = prepareStackTrace;
  return Array.isArray(sites) ? sites : [];
}

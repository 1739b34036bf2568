/**
 * The port through which a JIT plugs into a VM. `src` never imports `jit`: a Vm gets a JitPort from its creator and calls it at the
 * places below, always between two slices of the interpreter, never inside one.
 *
 * What a JIT may do at these places: read and write linear memory, single-step the interpreter (`core.step`), put functions into
 * the core's table, write trace descriptors and turn loop instructions into their *_JIT form. When it returns, the Vm goes on with `run`.
 */
import { RUN_STEPPED } from '../bytecode/layout.ts';
import type { CoreExports } from './core-module.ts';
import { EMPTY_REPORT, type JitReport } from './jit-report.ts';
import type { Memory } from './memory.ts';

/** Where threads share a VM: what a JIT tells the others of its code (shared/code.ts). */
export interface CodeSharing {
  /** Traces are numbered from behind here. */
  readonly firstNumber: number;
  /** A place of the core's table that no thread uses. */
  takeSlot(): number;
  giveSlot(slot: number): void;
  /** The module over shared memory. */
  adapt(binary: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
  /**
   * Lets all threads have a function. @param exits address of its exit descriptors, if the module asks for it @param entries places in the table, and descriptors
   * @returns what `withdraw` takes @throws CORE_THROW without the memory for it
   */
  publish(binary: Uint8Array, exits: number | undefined, entries: readonly (readonly [slot: number, descriptor: number])[]): number;
  withdraw(published: number): void;
}

/** What a VM shows to its JIT. @internal */
export interface VmInternals {
  readonly codeSharing?: CodeSharing | undefined;
  readonly memory: Memory;
  readonly core: CoreExports;
  /** Whether the program's work is counted: then what is compiled when must not depend on the clock. */
  readonly isMetered: boolean;
  /** Short name of a chunk as messages show it, for events. @param proto address of a prototype */
  describePrototype(proto: number): string;
}

/** Raw memory, by its address and its size in bytes. */
export type HeldBlock = readonly [address: number, size: number];

/** Compiled code that goes with a copy of a VM's memory. @internal */
export interface SavedCode {
  /** For another process. */
  toBytes(): Uint8Array<ArrayBuffer>;
}

/** What a JIT has the program wait for. */
export type JitActivity = 'recording' | 'compiling';

/** Counters of a JIT since it was attached. */
export interface JitStats {
  /** Recordings begun. */
  readonly recorded: number;
  /** Traces that became code. */
  readonly compiled: number;
  /** Traces that were code already in the VM that this one was made of. */
  readonly restored: number;
  /** Recordings given up, by reason. */
  readonly aborted: Readonly<Record<string, number>>;
  /** Milliseconds that the program waited for it. */
  readonly spent: Readonly<Record<JitActivity, number>>;
  /** Milliseconds that compiled code is reckoned to have saved, by the instructions it ran and the times it was entered; negative if it lost time. */
  readonly saved: number;
  /** Instructions of the program that compiled code has run, by its rounds and the length of its traces. */
  readonly instructions: number;
  readonly traces: readonly TraceStats[];
}

export interface TraceStats {
  readonly number: number;
  /** Where the trace starts, as `chunk:line`. */
  readonly where: string;
  /** What the trace ends with: 'loop', 'root', a trace number, ... */
  readonly link: string;
  readonly entered: number;
  /** Times its code came back to the head of a loop without leaving in between. */
  readonly rounds: number;
  /** Times each exit was taken, by exit number. */
  readonly exits: readonly number[];
}

/** Iterations before a loop is hot, unless the JIT is told otherwise. */
export const HOT_LOOP = 1000;

/** What `run` met when it returned RUN_HOT_LOOP, RUN_HOT_EXIT or RUN_HOT_FUNCTION, and when a budget ran out. */
export interface JitPort {
  /** What it is doing, for profilers that look in the middle of it. @internal */
  readonly activity: JitActivity | undefined;
  /** Called once, before any loop is hot. Sets VM_JIT_ATTACHED, VM_HOT_LOOP, VM_LOOP_BUDGET. @internal */
  attach(internals: VmInternals): void;
  /**
   * A loop's counter reached zero.
   * @param loopPc address of its LOOP, FORLOOP or TFORLOOP
   * @returns RUN_STEPPED: go on with `run`; or the RUN_* that a step ended with (RUN_FINISHED, RUN_ERROR). A Lua error that a step throws
   *   is to be let through once the recording is given up: the Vm unwinds it.
   * @internal
   */
  onHotLoop(loopPc: number): number;
  /**
   * An exit was taken EXIT_THRESHOLD times.
   * @param exit address of the exit descriptor @param trace address of its trace descriptor @returns as onHotLoop
   * @internal
   */
  onHotExit(exit: number, trace: number): number;
  /** A function was called whose PROTO_TRACE is PROTO_REPORTED. Its frame is the current one. @param proto address of its prototype @returns as onHotLoop @internal */
  onHotFunction(proto: number): number;
  /** A slice ended: finished code may be installed now. @internal */
  onBudget(): void;
  /** In the middle of a slice, but not of a trace of this run: a full collection found garbage that compiled code names. It may go now. @internal */
  onCollected(): void;
  /** Throws all traces away. */
  flush(): void;
  /** Raw memory of the VM's that compiled code uses. */
  blocks(): readonly HeldBlock[];
  /** The code, for VMs that go on with a copy of the memory as it is now, between two runs; undefined if there is none. @internal */
  saveCode(): SavedCode | undefined;
  /**
   * Takes over code from the memory's former VM, right after `attach`, in the memory as it was when the code was saved but for pins.
   * @returns false if the code does not fit this JIT, whose memory is as before then @throws MoontraceError bad-image
   * @internal
   */
  adoptCode(code: SavedCode | Uint8Array): boolean;
  /** Waits until no compilation is under way. */
  settle(): Promise<void>;
  stats(): JitStats;
  /** The notes it took; without any if it was not asked to (`JitOptions.observe`). */
  report(): JitReport;
  /** Releases workers and the like; the VM is not run again. @internal */
  close(): void;
}

/** What a JIT package's entry exports, as the command line and `createVm` users call it. */
export interface JitOptions {
  /** Gets a line per event (`-j v`). */
  readonly verbose?: (line: string) => void;
  /** Gets bytecode, IR and Wasm text (`-j dump`). */
  readonly dump?: (text: string) => void;
  /** Take notes for `JitPort.report`. */
  readonly observe?: boolean;
  /** Tunables by name (`-j hotloop=56`), as text. */
  readonly parameters?: Readonly<Record<string, string>>;
}
export type CreateJit = (options?: JitOptions) => JitPort;

const NO_STATS: JitStats = { recorded: 0, compiled: 0, restored: 0, aborted: {}, spent: { recording: 0, compiling: 0 }, saved: 0, instructions: 0, traces: [] };

/** The JIT of a VM that only interprets. */
export const NULL_JIT: JitPort = {
  activity: undefined,
  attach() {},
  onHotLoop: () => RUN_STEPPED,
  onHotExit: () => RUN_STEPPED,
  onHotFunction: () => RUN_STEPPED,
  onBudget() {},
  onCollected() {},
  flush() {},
  blocks: () => [],
  saveCode: () => undefined,
  adoptCode: () => false,
  settle: () => Promise.resolve(),
  stats: () => NO_STATS,
  report: () => EMPTY_REPORT,
  close() {},
};

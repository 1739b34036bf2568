/** What an attack program is: data. The folder `kinds` holds one file of them per kind, run.ts runs them. */
import type { createJit } from '../../jit/index.ts';
import type { createDefaultEnvironment, createVm, Interrupt, LuaError, MoontraceError, Vm, VmOptions } from '../../src/api/index-node.ts';

/** The package under attack: the sources in tests, the built bundles in the command. */
export interface Package {
  readonly createVm: typeof createVm;
  readonly createJit: typeof createJit;
  readonly createDefaultEnvironment: typeof createDefaultEnvironment;
  readonly Interrupt: typeof Interrupt;
  readonly LuaError: typeof LuaError;
  readonly MoontraceError: typeof MoontraceError;
}

/** How a program that does not end is ended. */
export const STOPS = ['timeout', 'interrupt', 'fuel'] as const;
export type Stop = (typeof STOPS)[number];

/** Never ends by itself, or not for a long time: each of its stops has to end it, at once. */
export interface Endless {
  readonly type: 'endless';
  readonly name: string;
  readonly source: string;
  readonly options?: VmOptions;
  readonly stops?: readonly Stop[];
  /** Milliseconds it is left to run, where it needs more than others to get to what is dangerous. */
  readonly after?: number;
  /** What the host adds to the VM. */
  readonly prepare?: (vm: Vm) => void;
}

/** Ends by itself, or at a limit of its VM. */
export interface Ending {
  readonly type: 'ending';
  readonly name: string;
  readonly source: string;
  readonly options?: VmOptions;
  readonly prepare?: (vm: Vm) => void;
  /** Codes of LuaErrors it may end with; 'none' is no error. */
  readonly codes: readonly string[];
  /** Its first result, when there is no error. */
  readonly value?: unknown;
}

/** What a host does wrong, or hands to a program. Its VMs are made by `make`, which adds the mode's JIT. */
export interface Misuse {
  readonly type: 'misuse';
  readonly name: string;
  readonly run: (make: (options?: VmOptions) => Vm, moontrace: Package) => unknown;
  /** What `run` returns. */
  readonly value: unknown;
}

export type Program = Endless | Ending | Misuse;

/** Programs of one kind; the options are those of all. */
export interface Kind {
  readonly name: string;
  readonly programs: readonly Program[];
}

type Sources = Readonly<Record<string, string>>;

export const endless = (sources: Sources, rest: Partial<Endless> = {}): Endless[] =>
  Object.entries(sources).map(([name, source]) => ({ type: 'endless', name, source, ...rest }));

/** Programs that must end with one of these codes. */
export const ending = (codes: string, sources: Sources, rest: Partial<Ending> = {}): Ending[] =>
  Object.entries(sources).map(([name, source]) => ({ type: 'ending', name, source, codes: codes.split(' '), ...rest }));

/** Programs that must return true. */
export const holding = (sources: Sources, rest: Partial<Ending> = {}): Ending[] => ending('none', sources, { value: true, ...rest });

export const MEGABYTE = 1 << 20;
/** Limit of the programs that are about something else. */
export const MEMORY_LIMIT = 64 * MEGABYTE;

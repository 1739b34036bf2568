/** What a JIT that was asked to take notes (`JitOptions.observe`) tells of a program: what became code, what did not and why, for people. Plain data. */

/** A line of a chunk, whose name is as messages show it (a byte string). */
export interface ReportPlace {
  readonly source: string;
  readonly line: number;
}

/** One of the JIT's reasons, in words. */
export interface ReportReason {
  readonly name: string;
  /** What it means, and what to change in the program; '' if nothing need be. */
  readonly meaning: string;
  readonly advice: string;
}

export interface ReportedExit {
  /** Where the interpreter goes on. */
  readonly place: ReportPlace;
  /** Times it was taken, as far as that was counted. */
  readonly hits: number;
  /** Why it is taken. */
  readonly reason: ReportReason;
}

export interface ReportedTrace {
  readonly number: number;
  readonly place: ReportPlace;
  /** The trace at one of whose exits it starts; undefined for a loop's own. */
  readonly parent: number | undefined;
  /** What it ends with: 'loop', 'trace 3', 'interpreter'. */
  readonly link: string;
  /** Instructions of the program in one pass. */
  readonly length: number;
  /** Lines that they come from. */
  readonly lines: readonly ReportPlace[];
  /** Why it was thrown away; undefined if it is in use. */
  readonly discarded: ReportReason | undefined;
  readonly entered: number;
  readonly exits: readonly ReportedExit[];
  /** The optimised IR as text. */
  readonly ir: string;
  /** The WebAssembly module; undefined for a trace that became part of another's function. */
  readonly wasm: Uint8Array<ArrayBuffer> | undefined;
}

/** Recordings that were given up at one place for one reason. */
export interface ReportedFailure {
  /** The loop, or where the side trace starts, and where the recording stopped last. */
  readonly place: ReportPlace;
  readonly at: ReportPlace;
  readonly reason: ReportReason;
  /** More on it, from the last time. */
  readonly detail: string;
  readonly isSide: boolean;
  times: number;
}

export interface JitReport {
  readonly traces: readonly ReportedTrace[];
  readonly failures: readonly ReportedFailure[];
  /** Loops that are not tried any more. */
  readonly givenUp: readonly ReportPlace[];
}

export const EMPTY_REPORT: JitReport = { traces: [], failures: [], givenUp: [] };

/** What the JIT tells its listeners: `-j v`, `-j dump`, tests and statistics all hang on these events. */
import type { AbortReason } from './abort-reasons.ts';
import type { RecordedTrace } from './ir/recorded-trace.ts';

/** A place in the program. */
export interface Place {
  /** Short name of the chunk, and line. */
  readonly source: string;
  readonly line: number;
  /** Address of the instruction and of its prototype. */
  readonly pc: number;
  readonly proto: number;
}

/** Where a side trace starts: an exit of another trace, named by its snapshot (exit numbers change when a tree becomes one function). */
export interface ParentPlace {
  readonly trace: number;
  readonly exit: number;
}

export type JitEvent =
  | { readonly kind: 'recording'; readonly number: number; readonly place: Place; readonly parent: ParentPlace | undefined }
  /** Before an instruction is recorded and executed, in a frame `depth` calls above the root's. */
  | { readonly kind: 'instruction'; readonly depth: number; readonly pc: number; readonly proto: number; readonly describe: () => string; readonly place: () => Place }
  | {
      readonly kind: 'aborted'; readonly number: number; readonly place: Place; readonly parent: ParentPlace | undefined; readonly reason: AbortReason;
      readonly detail: string;
      /** Where the recording stopped. */
      readonly at: Place;
    }
  | { readonly kind: 'recorded'; readonly trace: RecordedTrace }
  | { readonly kind: 'optimised'; readonly trace: RecordedTrace }
  | { readonly kind: 'code'; readonly text: string }
  /** The module of a trace, or of the tree of a root. */
  | { readonly kind: 'binary'; readonly number: number; readonly binary: Uint8Array<ArrayBuffer> }
  | {
      /** adopted: it was code already in the VM that this one was made of. */
      readonly kind: 'compiled' | 'adopted'; readonly number: number; readonly place: Place; readonly parent: ParentPlace | undefined; readonly trace: RecordedTrace;
      /** Bytecode instructions recorded. */
      readonly length: number;
    }
  | { readonly kind: 'tree'; readonly root: number; readonly traces: number; readonly place: Place }
  | { readonly kind: 'blacklisted'; readonly place: Place }
  | { readonly kind: 'discarded'; readonly number: number; readonly place: Place; readonly reason: AbortReason }
  | { readonly kind: 'flushed'; readonly traces: number }
  /** A backend has been loaded: it compiles from now on. */
  | { readonly kind: 'available'; readonly backend: string }
  /** A backend could not be loaded: another one compiles in its place, or everything is interpreted. */
  | { readonly kind: 'unavailable'; readonly backend: string; readonly message: string };

export type JitListener = (event: JitEvent) => void;

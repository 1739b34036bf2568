/**
 * A trace as the manager and the compiler know it: the words in which it comes from the recorder and goes to the lowering. What the words say of the trace as
 * a whole is read here; what is in it, only dumps, reports and tests want to know.
 */
import { flattenTrace, Header, LINKS, unflattenTrace } from './flat-trace.ts';
import type { Trace, TraceLink } from './trace.ts';

export class RecordedTrace {
  readonly number: number;
  /** Address of the loop instruction or the function's first (root) or where the parent's exit goes on (side). */
  readonly startPc: number;
  readonly parent: { readonly trace: number; readonly exit: number } | undefined;
  /** Address of the prototype whose whole code it is part of; 0 for what starts at a loop. */
  readonly functionProto: number;
  readonly link: TraceLink;
  #contents: Trace | undefined;

  /** @param words see jit/core/ir/flat.ts */
  constructor(readonly words: Int32Array<ArrayBuffer>) {
    const at = (word: number): number => words[word]!;
    this.number = at(Header.number);
    this.startPc = at(Header.startPc) >>> 0;
    const parent = at(Header.parent);
    this.parent = parent < 0 ? undefined : { trace: parent, exit: at(Header.parentExit) };
    this.functionProto = at(Header.functionProto) >>> 0;
    const kind = LINKS[at(Header.link)]!;
    this.link = kind === 'root' ? { kind, pc: at(Header.linkPc) >>> 0, trace: at(Header.linkTrace) } : { kind };
  }

  static of(trace: Trace): RecordedTrace {
    return new RecordedTrace(flattenTrace(trace));
  }

  /** Instructions of IR. */
  get size(): number {
    return this.words[Header.instructions]!;
  }

  /** Library functions called in place. */
  get calls(): number {
    return this.words[Header.calls]!;
  }

  /** Of those, the ones in a round: behind the pre-roll, if there is one. */
  get callsInRound(): number {
    return this.words[Header.callsInRound]!;
  }

  /** Does it end in the frame it began in? */
  get endsInRootFrame(): boolean {
    return this.words[Header.endDepth] === 0;
  }

  /** Decoded. */
  get contents(): Trace {
    this.#contents ??= unflattenTrace(this.words);
    return this.#contents;
  }
}

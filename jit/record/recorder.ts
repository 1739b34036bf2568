/**
 * The recorder as the manager sees it: the JIT's core (jit/core/record) does the work, reading the memory of the VM it belongs to. One recording at a time; what
 * the recorder made is forgotten when the next one begins.
 */
import type { CoreExports } from '../../src/engine/core-module.ts';
import { type OptimiserOptions, optionBits } from '../build/options.ts';
import { JitCore } from '../core-module.ts';
import { RecordedTrace } from '../ir/recorded-trace.ts';
import type { Parameters } from '../parameters.ts';

/** Where a side trace starts: an exit of its parent, whose frames are in memory. */
export interface ParentExit {
  readonly trace: RecordedTrace;
  /** Index of the snapshot. */
  readonly exit: number;
}

/** What a recording starts at, besides a loop. */
export interface RecordingStart {
  /** For a side trace. */
  readonly parentExit?: ParentExit | undefined;
  /** For a function's root: its prototype. */
  readonly functionProto?: number;
}

/** What the recorder needs to know from outside its trace. What it asks about prototypes and closures may throw RecordingAborted. */
export interface RecorderQuestions {
  /** Is there compiled code of the whole function, or is there soon? */
  isCompiled(proto: number): boolean;
  /** A function has a loop and should not be inlined. @returns whether it is going to be compiled by itself */
  wantFunction(proto: number): boolean;
  /** Is it known that a prototype has many closures, so that a trace should not depend on one of them? */
  isPolymorphic(proto: number, closure: number): boolean;
  /** Keeps an object alive as long as the trace. */
  pin(object: number): void;
}

/** Exports of jit/core/record/index.ts. */
interface RecordExports {
  setParameters(maxrecord: number, maxirconst: number, maxsnap: number, loopunroll: number, maxinline: number, recunroll: number, options: number, checkSlots: boolean): void;
  beginRecording(number: number, rootBase: number, functionProto: number): void;
  beginSide(number: number, rootBase: number, parentWords: number, exit: number): void;
  recordSome(most: number): number;
  lastStatus(): number;
  recordedLength(): number;
  recordedDepth(): number;
  recordedTrace(): number;
  finishRecording(): number;
}

const MAX_I32 = 0x7fffffff;

/** The core's instance for one VM's recordings. */
export class RecorderCore {
  readonly #core: JitCore;

  /** @param checkSlots compare the recorder's slots with the real stack after every step */
  constructor(vm: CoreExports, questions: RecorderQuestions, parameters: Parameters, optimisations: OptimiserOptions, checkSlots: boolean) {
    const { load32, load8, load64, loadFloat, store32, store64, tableGet, tableGetString, step } = vm;
    // Wasm's numbers are signed.
    const manager = {
      isCompiled: (proto: number) => questions.isCompiled(proto >>> 0),
      wantFunction: (proto: number) => questions.wantFunction(proto >>> 0),
      isPolymorphic: (proto: number, closure: number) => questions.isPolymorphic(proto >>> 0, closure >>> 0),
      pin: (object: number) => questions.pin(object >>> 0),
    };
    this.#core = new JitCore({ heap: { load32, load8, load64, loadFloat, store32, store64, tableGet, tableGetString, step }, manager });
    const { maxrecord, maxirconst, maxsnap, loopunroll, maxinline, recunroll } = parameters;
    const most = (value: number): number => Math.min(value, MAX_I32);
    this.#exports.setParameters(most(maxrecord), most(maxirconst), most(maxsnap), most(loopunroll), most(maxinline), most(recunroll), optionBits(optimisations), checkSlots);
  }

  get #exports(): RecordExports {
    return this.#core.exports as unknown as RecordExports;
  }

  /**
   * Begins a recording where the program stands.
   * @param rootBase address of the root frame's base; for a root trace that of the current frame
   * @throws RecordingAborted
   */
  begin(number: number, rootBase: number, { parentExit, functionProto = 0 }: RecordingStart): Recorder {
    const core = this.#core;
    core.exports.reset();
    if (parentExit === undefined) this.#exports.beginRecording(number, rootBase, functionProto);
    else this.#exports.beginSide(number, rootBase, core.write(parentExit.trace.words), parentExit.exit);
    return new Recorder(core, this.#exports);
  }
}

/** A recording under way. */
export class Recorder {
  readonly #core: JitCore;
  readonly #exports: RecordExports;

  constructor(core: JitCore, exports: RecordExports) {
    this.#core = core;
    this.#exports = exports;
  }

  /** Instructions recorded. */
  get length(): number {
    return this.#exports.recordedLength();
  }

  /** Inlined frames above the root's. */
  get depth(): number {
    return this.#exports.recordedDepth();
  }

  /** The trace as it is now, a copy. */
  get trace(): RecordedTrace {
    return new RecordedTrace(this.#core.readWords(this.#exports.recordedTrace()));
  }

  /**
   * Records and executes up to so many instructions, from where the program stands.
   * @returns false once the trace is complete
   * @throws RecordingAborted, and what the program throws
   */
  recordSome(most: number): boolean {
    return this.#exports.recordSome(most) !== 0;
  }

  /** How the program goes on (RUN_*); undefined if it has thrown something. */
  get status(): number | undefined {
    const status = this.#exports.lastStatus();
    return status < 0 ? undefined : status;
  }

  /** The complete trace, optimised. @throws RecordingAborted */
  finish(): RecordedTrace {
    return new RecordedTrace(this.#core.readWords(this.#exports.finishRecording()));
  }
}

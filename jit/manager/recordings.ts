/**
 * Makes recordings: drives the program and a recorder side by side until the trace is complete or given up, and optimises it. Knows nothing of
 * why something is recorded, nor of what becomes of it.
 */
import { PROTO_FLAG_CLOSURES, PROTO_FLAGS, RUN_STEPPED } from '../../src/bytecode/layout.ts';
import type { VmInternals } from '../../src/engine/jit-port.ts';
import { RecordingAborted } from '../abort-reasons.ts';
import type { OptimiserOptions } from '../build/options.ts';
import type { JitEvent, ParentPlace, Place } from '../events.ts';
import type { RecordedTrace } from '../ir/recorded-trace.ts';
import { verifyTrace } from '../ir/verify.ts';
import type { Parameters } from '../parameters.ts';
import { placeAt } from '../places.ts';
import type { HeapReader } from '../record/heap-reader.ts';
import { instructionText } from '../record/instruction-text.ts';
import { readInstruction } from '../record/instruction-view.ts';
import { type Recorder, RecorderCore, type RecordingStart } from '../record/recorder.ts';
import type { FunctionCode } from './function-code.ts';
import type { KnownPrototypes } from './known-prototypes.ts';
import type { Pins } from './pins.ts';

/** Instructions between two looks at the clock. */
const STEPS_BETWEEN_LOOKS = 32;

export interface RecordingOptions {
  readonly parameters: Parameters;
  readonly optimisations: OptimiserOptions;
  /** Compare the recorder with the real stack. */
  readonly checkSlots: boolean;
  /** Faults of the JIT itself are thrown rather than survived. */
  readonly isStrict: boolean;
  /** Tell listeners every instruction, too. */
  readonly isDumping: boolean;
  /** Is there anybody to tell? */
  readonly isObserved: boolean;
}

export interface RecordingParts {
  readonly internals: VmInternals;
  readonly heap: HeapReader;
  readonly pins: Pins;
  readonly prototypes: KnownPrototypes;
  readonly functions: FunctionCode;
  readonly emit: (event: JitEvent) => void;
}

/** What a recording has yielded. */
export interface Complete {
  /** Optimised. */
  readonly trace: RecordedTrace;
  /** Instructions recorded. */
  readonly length: number;
}

/** A recording that has ended, complete or given up. `status` is how the program goes on (RUN_*). */
export type Recorded =
  | (Complete & { readonly status: number; readonly failure?: undefined })
  | { readonly status: number; readonly failure: RecordingAborted; readonly hasStepped: boolean };

export class Recordings {
  readonly #options: RecordingOptions;
  readonly #parts: RecordingParts;
  #core: RecorderCore | undefined;
  /** May the tree of the recording under way be thrown away? */
  #isDisposable = false;
  /** Recordings begun. */
  count = 0;
  /** The numbers of traces up to here are others'. */
  lastForeign: number;
  isUnderWay = false;

  constructor(options: RecordingOptions, parts: RecordingParts) {
    this.#options = options;
    this.#parts = parts;
    this.lastForeign = parts.internals.codeSharing?.firstNumber ?? 0;
  }

  /** @returns the recording's number */
  #begin(place: Place, parent: ParentPlace | undefined): number {
    const number = this.lastForeign + ++this.count;
    this.#parts.emit({ kind: 'recording', number, place, parent });
    return number;
  }

  /**
   * Records from where the program stands.
   * @param base address of the root frame's base
   * @param isLate asked now and then whether it takes too long
   * @param isDisposable its tree may be thrown away, if it turns out to rely on what is not so any more
   * @throws what a host function threw while the program was stepped; in strict mode also faults of the recorder and the optimiser
   */
  record(base: number, place: Place, start: RecordingStart, isDisposable: boolean, isLate: () => boolean): Recorded {
    const { pins } = this.#parts;
    const { parentExit } = start;
    const parent = parentExit && { trace: parentExit.trace.number, exit: parentExit.exit };
    const number = this.#begin(place, parent);
    this.isUnderWay = true;
    pins.begin();
    this.#isDisposable = isDisposable;
    let recorder: Recorder | undefined;
    try {
      this.#core ??= this.#newCore();
      recorder = this.#core.begin(number, base, start);
      while (this.#recordSome(recorder)) if (isLate()) throw new RecordingAborted('too-slow');
      if (this.#options.isObserved) this.#parts.emit({ kind: 'recorded', trace: recorder.trace });
      return { status: RUN_STEPPED, trace: this.#finish(recorder), length: recorder.length };
    } catch (error) {
      const status = recorder === undefined ? RUN_STEPPED : recorder.status;
      const failure = status === undefined ? new RecordingAborted('error') : asAbort(error);
      pins.drop();
      this.#tellAbort(number, place, parent, failure);
      if (status === undefined || (failure.reason === 'compile-error' && this.#options.isStrict)) throw error;
      return { status, failure, hasStepped: recorder !== undefined && recorder.length > 0 };
    } finally {
      this.isUnderWay = false;
    }
  }

  #recordSome(recorder: Recorder): boolean {
    if (!this.#options.isDumping) return recorder.recordSome(STEPS_BETWEEN_LOOKS);
    const { heap, internals, emit } = this.#parts;
    const { closure, pc } = heap.frame;
    const proto = heap.protoOf(closure);
    const describe = (): string => instructionText(readInstruction(heap.memory, pc));
    emit({ kind: 'instruction', depth: recorder.depth, pc, proto, describe, place: () => placeAt(internals, proto, pc) });
    return recorder.recordSome(1);
  }

  /** @throws MalformedTrace (options.verify) if the recorder or the optimiser broke an invariant */
  #finish(recorder: Recorder): RecordedTrace {
    const { verify } = this.#options.optimisations;
    if (verify) verifyTrace(recorder.trace.contents, 'recording');
    const trace = recorder.finish();
    if (verify) verifyTrace(trace.contents, 'the optimiser');
    return trace;
  }

  #newCore(): RecorderCore {
    const { internals, heap, prototypes, pins, functions } = this.#parts;
    const { parameters, optimisations, checkSlots } = this.#options;
    const questions = {
      wantFunction: (proto: number) => functions.want(proto),
      isCompiled: (proto: number) => functions.isCompiled(proto),
      isPolymorphic: (proto: number, closure: number) => {
        const met = prototypes.noteClosure(proto, closure, (heap.memory.load(proto + PROTO_FLAGS) & PROTO_FLAG_CLOSURES) !== 0);
        // Traces that rely on the first closure are stale: rather than grow twice the sides they are recorded anew.
        if (met === 'second' && this.#isDisposable) throw new RecordingAborted('polymorphic');
        return met !== 'only';
      },
      pin: (object: number) => pins.add(object),
    };
    return new RecorderCore(internals.core, questions, parameters, optimisations, checkSlots);
  }

  #tellAbort(number: number, place: Place, parent: ParentPlace | undefined, { reason, detail }: RecordingAborted): void {
    const { heap, internals, emit } = this.#parts;
    const { closure, pc } = heap.frame;
    emit({ kind: 'aborted', number, place, parent, reason, detail, at: closure === 0 ? place : placeAt(internals, heap.protoOf(closure), pc) });
  }
}

/** Anything else the recorder or the optimiser throws is a fault of theirs: the trace is given up, the program goes on. */
const asAbort = (error: unknown): RecordingAborted =>
  error instanceof RecordingAborted ? error : new RecordingAborted('compile-error', error instanceof Error ? error.message : String(error));

/** Takes notes of what the JIT does, for `JitPort.report`: events as they come, and what is known of traces at the end. */
import type { JitReport, ReportedExit, ReportedFailure, ReportedTrace, ReportPlace, ReportReason } from '../../src/engine/jit-report.ts';
import type { AbortReason } from '../abort-reasons.ts';
import type { JitEvent, ParentPlace, Place } from '../events.ts';
import { printTrace } from '../ir/print.ts';
import type { RecordedTrace } from '../ir/recorded-trace.ts';
import { reasonOf } from './advice.ts';
import { exitReason } from './exit-reasons.ts';

/** What a trace has done. */
export interface TraceUse {
  readonly entered: number;
  /** Its guards' exits: the snapshot, the instruction to go on at, and how often it was taken. */
  readonly exits: readonly { readonly snapshot: number; readonly pc: number; readonly hits: number }[];
}

/** A trace that became code. */
interface Note {
  readonly trace: RecordedTrace;
  readonly place: Place;
  readonly parent: ParentPlace | undefined;
  readonly length: number;
  readonly lines: readonly ReportPlace[];
  wasm: Uint8Array<ArrayBuffer> | undefined;
  discarded: ReportReason | undefined;
}

const plain = ({ source, line }: Place): ReportPlace => ({ source, line });
const keyOf = ({ source, line }: ReportPlace): string => `${source}:${line}`;

export class ReportRecorder {
  readonly #traces = new Map<number, Note>();
  readonly #failures = new Map<string, ReportedFailure>();
  readonly #givenUp = new Map<string, ReportPlace>();
  /** Places of all instructions that were recorded. */
  readonly #places = new Map<number, Place>();
  /** Places of the recording under way, and lines of those that are not compiled yet. */
  #current = new Set<Place>();
  readonly #lines = new Map<number, readonly ReportPlace[]>();
  readonly #binaries = new Map<number, Uint8Array<ArrayBuffer>>();

  readonly listen = (event: JitEvent): void => {
    switch (event.kind) {
      case 'recording':
        this.#current = new Set();
        break;
      case 'instruction': {
        const known = this.#places.get(event.pc);
        const place = known?.proto === event.proto ? known : event.place();
        this.#places.set(event.pc, place);
        this.#current.add(place);
        break;
      }
      case 'recorded':
        this.#lines.set(event.trace.number, [...new Map([...this.#current].map((place) => [keyOf(place), plain(place)])).values()]);
        break;
      case 'aborted':
        this.#noteFailure(event.place, event.at, event.reason, event.detail, event.parent !== undefined);
        break;
      case 'binary':
        this.#binaries.set(event.number, event.binary);
        this.#noteBinary(event.number);
        break;
      case 'compiled':
      case 'adopted': {
        const { number, trace, place, parent, length } = event;
        this.#traces.set(number, { trace, place, parent, length, lines: this.#lines.get(number) ?? [plain(place)], wasm: undefined, discarded: undefined });
        this.#lines.delete(number);
        this.#noteBinary(number);
        break;
      }
      case 'blacklisted':
        this.#givenUp.set(keyOf(event.place), plain(event.place));
        break;
      case 'discarded':
        this.#discard(event.number, event.reason);
        break;
      default:
    }
  };

  /** @param useOf what a trace has done, undefined for one that is not there any more */
  report(useOf: (number: number) => TraceUse | undefined): JitReport {
    const traces = [...this.#traces].map(([number, { trace, place, parent, length, lines, wasm, discarded }]): ReportedTrace => {
      const use = useOf(number);
      const { link } = trace;
      const exits = use?.exits.map(({ snapshot, pc, hits }): ReportedExit => ({ place: plain(this.#places.get(pc) ?? place), hits, reason: exitReason(trace.contents, snapshot) })) ?? [];
      return {
        number, place: plain(place), parent: parent?.trace, length, lines, wasm, discarded: discarded ?? (use === undefined ? reasonOf('abandoned') : undefined),
        link: link.kind === 'root' ? `trace ${link.trace}` : link.kind, entered: use?.entered ?? 0, exits, ir: printTrace(trace.contents),
      };
    });
    return { traces, failures: [...this.#failures.values()].sort((a, b) => b.times - a.times), givenUp: [...this.#givenUp.values()] };
  }

  #noteFailure(place: Place, at: Place, reason: AbortReason, detail: string, isSide: boolean): void {
    const key = `${keyOf(place)} ${reason} ${isSide}`;
    const times = (this.#failures.get(key)?.times ?? 0) + 1;
    this.#failures.set(key, { place: plain(place), at: plain(at), reason: reasonOf(reason), detail, isSide, times });
  }

  /** A function's code may be there before its trace is told of, and be exchanged later. */
  #noteBinary(number: number): void {
    const note = this.#traces.get(number);
    if (note !== undefined) note.wasm = this.#binaries.get(number) ?? note.wasm;
  }

  /** A root is thrown away with its sides. */
  #discard(root: number, reason: AbortReason): void {
    for (const [number, note] of this.#traces) {
      if (note.discarded === undefined && this.#rootOf(number) === root) note.discarded = reasonOf(reason);
    }
  }

  #rootOf(number: number): number {
    const parent = this.#traces.get(number)?.parent?.trace;
    return parent === undefined ? number : this.#rootOf(parent);
  }
}

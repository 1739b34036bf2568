/** A profile and the JIT's notes side by side: what is known of each line of a program. */
import {
  decodeText, fromByteString, type JitReport, type Profile, type ProfileFrame, programFrame, type ReportedFailure, type ReportedTrace, type ReportPlace, type State,
} from '../../api/profile-port.ts';

export interface LineFinding {
  readonly frame: ProfileFrame;
  /** Milliseconds. */
  time: number;
  readonly states: Map<State, number>;
}

/** A line of a chunk, by which findings are looked up. */
export const lineKey = (source: string, line: number): string => `${source}:${line}`;

/** The same for a place of the JIT's, whose chunk's name is a byte string. */
export const placeKey = ({ source, line }: ReportPlace): string => lineKey(decodeText(fromByteString(source)), line);

/** What each line took, the most expensive first. */
export function findLines(profile: Profile): LineFinding[] {
  const found = new Map<string, LineFinding>();
  for (const sample of profile.samples) {
    const frame = programFrame(profile, sample);
    if (frame === undefined) continue;
    const key = lineKey(frame.source, frame.line);
    const finding = found.get(key) ?? { frame, time: 0, states: new Map() };
    found.set(key, finding);
    finding.time += sample.time;
    finding.states.set(sample.state, (finding.states.get(sample.state) ?? 0) + sample.time);
  }
  return [...found.values()].sort((a, b) => b.time - a.time);
}

/** The state a line spent most time in. */
export const mainState = ({ states }: LineFinding): State => ([...states].sort(([, a], [, b]) => b - a)[0] as [State, number])[0];

/** The JIT's notes by line. */
export class JitFindings {
  /** Traces that are in use, by the lines that they run through. */
  readonly traces: ReadonlyMap<string, readonly ReportedTrace[]>;
  /** What was given up, by where it began and by where it stopped; the most frequent first. */
  readonly failures: ReadonlyMap<string, readonly ReportedFailure[]>;

  constructor({ traces, failures }: JitReport) {
    this.traces = groupBy(traces.filter(({ discarded }) => discarded === undefined), ({ place, lines }) => [place, ...lines]);
    this.failures = groupBy(failures, ({ place, at }) => [place, at]);
  }
}

function groupBy<Item>(items: readonly Item[], placesOf: (item: Item) => readonly ReportPlace[]): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    for (const key of new Set(placesOf(item).map(placeKey))) groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}

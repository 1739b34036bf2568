/** A profile as text: where the time went, the most expensive first. */
import { isProgram, type Profile, type ProfileFrame, type Sample, sampleCount, STATES, totalTime } from '../../../api/profile-port.ts';
import { labelOf } from './labels.ts';
import type { ProfileOptions } from './profile-options.ts';

/** Time by label, with what it consists of. */
interface Entry {
  time: number;
  readonly parts: Map<string, Entry>;
}

const newEntry = (): Entry => ({ time: 0, parts: new Map() });

function addTo(entry: Entry, path: readonly string[], time: number): void {
  entry.time += time;
  const [label, ...rest] = path;
  if (label === undefined) return;
  const part = entry.parts.get(label) ?? newEntry();
  entry.parts.set(label, part);
  addTo(part, rest, time);
}

/** The places of a sample that are told apart, in the order they are shown. */
function levelsOf({ frames }: Profile, { stack }: Sample, options: ProfileOptions): string[] {
  const places = stack.map((id) => frames[id] as ProfileFrame).filter((frame) => options.unit !== 'line' || isProgram(frame));
  const labels = places.slice(0, options.depth).map((frame) => labelOf(frame, options));
  if (labels.length === 0) return ['(no function)'];
  return options.fromCallers ? labels.reverse() : labels;
}

/** What a sample counts for, from the first level of the list on. */
function pathOf(profile: Profile, sample: Sample, options: ProfileOptions): string[] {
  const state = STATES[sample.state];
  if (options.states === 'only') return [state];
  const levels = levelsOf(profile, sample, options);
  const arrow = options.fromCallers ? ' -> ' : ' <- ';
  const places = options.isSplit ? [levels[0] as string, ...(levels.length > 1 ? [levels.slice(1).join(arrow)] : [])] : [levels.join(arrow)];
  if (options.states === 'above') return [state, ...places];
  return options.states === 'below' ? [...places, state] : places;
}

/** @returns lines, the last one ended */
export function textReport(profile: Profile, options: ProfileOptions): string {
  const all = newEntry();
  for (const sample of profile.samples) addTo(all, pathOf(profile, sample, options), sample.time);
  if (all.time === 0) return '[No samples: the program was too short]\n';
  const lines: string[] = [];
  const list = ({ time: whole, parts }: Entry, indent: string): void => {
    for (const [label, entry] of [...parts].sort(([, a], [, b]) => b.time - a.time)) {
      const percent = (100 * entry.time) / whole;
      if (percent < options.least) continue;
      lines.push(`${indent}${options.showsTimes ? `${entry.time.toFixed(1).padStart(9)} ms` : `${percent.toFixed(0).padStart(3)}%`}  ${label}`);
      list(entry, `${indent}  -- `);
    }
  };
  list(all, '');
  const count = sampleCount(profile);
  return `${lines.join('\n')}\n[${count} sample${count === 1 ? '' : 's'}, ${totalTime(profile).toFixed(0)} ms]\n`;
}

/** Stacks with their milliseconds, the outermost function first, as tools for flame graphs read them. */
export function stacksReport(profile: Profile, options: ProfileOptions): string {
  const times = new Map<string, number>();
  for (const sample of profile.samples) {
    const stack = levelsOf(profile, sample, { ...options, depth: options.depth === 1 ? Number.POSITIVE_INFINITY : options.depth, fromCallers: true });
    if (options.states !== 'hidden') stack.push(STATES[sample.state]);
    const key = stack.map((label) => label.replaceAll(';', ',')).join(';');
    times.set(key, (times.get(key) ?? 0) + sample.time);
  }
  return [...times].map(([key, time]) => `${key} ${Math.max(Math.round(time), 1)}\n`).join('');
}

/** A profile as a file for speedscope (https://www.speedscope.app), in its format for sampled profiles. */
import { type Profile, type ProfileFrame, STATES, totalTime } from '../../../api/profile-port.ts';
import { VERSION } from '../../../api/profile-port.ts';
import { functionLabel } from './labels.ts';
import type { ProfileOptions } from './profile-options.ts';

interface SpeedscopeFrame {
  readonly name: string;
  readonly file?: string;
  readonly line?: number;
}

/** States that are shown above what was running, since they are no work of its own. */
const EXTRA: ReadonlySet<string> = new Set(['collector', 'recording', 'compiling']);

/** @param name of the profile @returns the file's content */
export function speedscopeReport(profile: Profile, { states }: ProfileOptions, name: string): string {
  const frames: SpeedscopeFrame[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (frame: SpeedscopeFrame): number => {
    const key = JSON.stringify(frame);
    const number = numbers.get(key) ?? frames.push(frame) - 1;
    numbers.set(key, number);
    return number;
  };
  const describe = (frame: ProfileFrame): SpeedscopeFrame => {
    const shown = functionLabel(frame);
    return frame.source === '' ? { name: shown } : { name: shown, file: frame.chunk.startsWith('@') ? frame.chunk.slice(1) : frame.source, line: Math.max(frame.lineDefined, 1) };
  };
  const samples = profile.samples.map(({ state, stack }) => {
    const places = stack.map((id) => numberOf(describe(profile.frames[id] as ProfileFrame))).reverse();
    return states !== 'hidden' || EXTRA.has(state) ? [...places, numberOf({ name: `[${STATES[state]}]` })] : places;
  });
  return `${JSON.stringify({
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    exporter: `moontrace ${VERSION}`,
    name,
    activeProfileIndex: 0,
    shared: { frames },
    profiles: [{ type: 'sampled', name, unit: 'milliseconds', startValue: 0, endValue: totalTime(profile), samples, weights: profile.samples.map(({ time }) => time) }],
  })}\n`;
}

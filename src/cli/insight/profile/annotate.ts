/** Source files with the share of the time that went to each line in front. */
import { type Profile, programFrame, totalTime } from '../../../api/profile-port.ts';
import type { ProfileOptions } from './profile-options.ts';

/** Lines shown above and below a hot one. */
const CONTEXT = 3;

/** Milliseconds by chunk and line. */
function timeByLine(profile: Profile): Map<string, Map<number, number>> {
  const chunks = new Map<string, Map<number, number>>();
  for (const sample of profile.samples) {
    const frame = programFrame(profile, sample);
    if (frame === undefined) continue;
    const lines = chunks.get(frame.chunk) ?? new Map<number, number>();
    chunks.set(frame.chunk, lines);
    lines.set(frame.line, (lines.get(frame.line) ?? 0) + sample.time);
  }
  return chunks;
}

/** @param readSource the text of a file; undefined if there is none */
export function annotatedReport(profile: Profile, { least, annotatesAll }: ProfileOptions, readSource: (path: string) => string | undefined): string {
  const whole = totalTime(profile);
  const parts: string[] = [];
  for (const [chunk, times] of timeByLine(profile)) {
    const percentOf = (line: number): number => (100 * (times.get(line) ?? 0)) / whole;
    const hot = [...times.keys()].filter((line) => percentOf(line) >= least);
    const source = chunk.startsWith('@') ? readSource(chunk.slice(1)) : undefined;
    if (hot.length === 0 || source === undefined) continue;
    parts.push(`====== ${chunk.slice(1)} ======`);
    let last = 0;
    for (const [index, text] of source.split('\n').entries()) {
      const line = index + 1;
      if (!annotatesAll && !hot.some((at) => Math.abs(at - line) <= CONTEXT)) continue;
      if (line > last + 1 && last > 0) parts.push(`@@ ${line} @@`);
      last = line;
      parts.push(`${percentOf(line) >= least ? `${percentOf(line).toFixed(0).padStart(3)}%` : '    '} | ${text}`);
    }
  }
  return parts.length === 0 ? `[No line took ${least} % of the time, or no file could be read]\n` : `${parts.join('\n')}\n`;
}

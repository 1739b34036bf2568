/** Gathers what the page of `moontrace explain` shows beside profile and notes: the sources. */
import { readFileSync } from 'node:fs';
import { chunkTitle, type Profile, totalTime } from '../../../api/profile-port.ts';
import { findLines } from '../findings.ts';
import type { SourceText } from './source-view.ts';

/** Part of the time from which on a file of a program is shown; its script always is. */
const LEAST = 0.005;

/** The text of a file; undefined if it cannot be read. */
export function readSource(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** A file as the chunk that it was loaded as. */
export const sourceOf = (path: string): SourceText[] => {
  const text = readSource(path);
  return text === undefined ? [] : [{ name: chunkTitle(`@${path}`), text }];
};

/** @param script as it was when the program began @returns its sources, the script first */
export function gatherSources(profile: Profile, script: readonly SourceText[]): SourceText[] {
  const times = new Map<string, number>();
  for (const { frame, time } of findLines(profile)) times.set(frame.chunk, (times.get(frame.chunk) ?? 0) + time);
  const others = [...times].filter(([chunk, time]) => chunk.startsWith('@') && time >= LEAST * totalTime(profile)).sort(([, a], [, b]) => b - a);
  const names = new Set(script.map(({ name }) => name));
  return [...script, ...others.flatMap(([chunk]) => sourceOf(chunk.slice(1))).filter(({ name }) => !names.has(name))];
}

/** What the command shows of how a program runs, beside what it prints. A script of its own (`insight.cjs`), loaded when something is asked for. */
import { readFileSync } from 'node:fs';
import type { Machine, Profile } from '../../api/profile-port.ts';
import type { JitChoice } from '../options.ts';
import { annotatedReport } from './profile/annotate.ts';
import { parseProfileOptions, type ProfileOptions } from './profile/profile-options.ts';
import { Profiler } from './profile/profiler.ts';
import { speedscopeReport } from './profile/speedscope.ts';
import { stacksReport, textReport } from './profile/text-report.ts';
import { reportTo } from './report-file.ts';
import { interpreterSpeed, type Laboratory } from './stats/interpreter-speed.ts';
import { statsReport } from './stats/stats-report.ts';

/** The text of a file; undefined if it cannot be read. */
function readSource(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

const FORMATS: Readonly<Record<ProfileOptions['format'], (profile: Profile, options: ProfileOptions, name: string) => string>> = {
  text: textReport,
  annotated: (profile, options) => annotatedReport(profile, options, readSource),
  stacks: stacksReport,
  speedscope: speedscopeReport,
};

/** What is known and needed of the program that is watched. */
export interface Watched {
  /** What it is called. */
  readonly name: string;
  readonly createLaboratory: () => Laboratory;
}

/**
 * Begins to watch a program.
 * @returns what is to be called when it has ended, once
 * @throws MoontraceError for bad options; Error where a file cannot be written
 */
export function watch(machine: Machine, choice: Pick<JitChoice, 'profile' | 'stats'>, { name, createLaboratory }: Watched): () => void {
  const options = parseProfileOptions(choice.profile?.options ?? '');
  const writeProfile = choice.profile && reportTo(choice.profile.file, 1);
  const writeStats = choice.stats && reportTo(choice.stats.file, 2);
  const profiler = new Profiler(machine, options.interval);
  return () => {
    const profile = profiler.stop();
    writeProfile?.(FORMATS[options.format](profile, options, name));
    const { jit } = machine;
    writeStats?.(statsReport({ profile, jit: jit.stats(), report: jit.report(), nanosecondsPerInstruction: interpreterSpeed(createLaboratory()) }));
  };
}

export type { Laboratory };
export type Watch = typeof watch;

/** What the command shows of how a program runs, beside what it prints. A script of its own (`insight.cjs`), loaded when something is asked for. */
import type { Machine, Profile } from '../../api/profile-port.ts';
import type { JitChoice } from '../options.ts';
import { gatherSources, readSource, sourceOf } from './explain/explain.ts';
import { explainPage } from './explain/page.ts';
import type { PrintWasm } from './explain/trace-view.ts';
import { annotatedReport } from './profile/annotate.ts';
import { parseProfileOptions, type ProfileOptions } from './profile/profile-options.ts';
import { Profiler } from './profile/profiler.ts';
import { speedscopeReport } from './profile/speedscope.ts';
import { stacksReport, textReport } from './profile/text-report.ts';
import { reportTo } from './report-file.ts';
import { interpretedInstructions, interpreterSpeed, type Laboratory } from './stats/interpreter-speed.ts';
import { statsReport } from './stats/stats-report.ts';

const FORMATS: Readonly<Record<ProfileOptions['format'], (profile: Profile, options: ProfileOptions, name: string) => string>> = {
  text: textReport,
  annotated: (profile, options) => annotatedReport(profile, options, readSource),
  stacks: stacksReport,
  speedscope: speedscopeReport,
};

/** Milliseconds between samples where a page is wanted: its lines are worth them. */
const FINE = 1;

/** What is known and needed of the program that is watched. */
export interface Watched {
  /** Its script; undefined for statements and the like. */
  readonly script: string | undefined;
  readonly createLaboratory: () => Laboratory;
  /** The page to be made of it, if one is. */
  readonly page?: { readonly file: string; readonly print: PrintWasm } | undefined;
}

/**
 * Begins to watch a program.
 * @returns what is to be called when it has ended, once
 * @throws MoontraceError for bad options; Error where a file cannot be written
 */
export function watch(machine: Machine, choice: Pick<JitChoice, 'profile' | 'stats'>, { script, createLaboratory, page }: Watched): () => void {
  const options = parseProfileOptions(choice.profile?.options ?? '');
  const writeProfile = choice.profile && reportTo(choice.profile.file, 1);
  const writeStats = choice.stats && reportTo(choice.stats.file, 2);
  const writePage = page && reportTo(page.file, 1);
  const sources = page === undefined || script === undefined ? [] : sourceOf(script);
  const profiler = new Profiler(machine, page === undefined ? options.interval : FINE);
  return () => {
    const profile = profiler.stop();
    const command = script ?? 'moontrace';
    writeProfile?.(FORMATS[options.format](profile, options, command));
    if (writeStats === undefined && writePage === undefined) return;
    const jit = machine.jit.stats();
    const report = machine.jit.report();
    const nanosecondsPerInstruction = interpreterSpeed(createLaboratory());
    writeStats?.(statsReport({ profile, jit, report, nanosecondsPerInstruction }));
    const compiledShare = jit.instructions / Math.max(jit.instructions + interpretedInstructions(profile, nanosecondsPerInstruction), 1);
    writePage?.(explainPage({ command, profile, jit, report, compiledShare, sources: gatherSources(profile, sources), print: page?.print }));
  };
}

export type { Laboratory, PrintWasm };
export type Watch = typeof watch;

/** What became of attack programs: what is wrong with a result, and the worst figures of each kind, as text and in docs/security.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { MEGABYTE, MEMORY_LIMIT, type Program } from './program.ts';
import { MODES, type ModeName, type Outcome, TIME_LIMIT } from './run.ts';

/** Milliseconds behind the time limit, and behind another thread's request. */
const MAX_OVERSHOOT = 20;
const SPARE_MEMORY = 64;

export interface Result {
  readonly kind: string;
  readonly program: Program;
  readonly mode: ModeName;
  readonly outcomes: readonly Outcome[];
  readonly growth: number;
  /** The process died or hung. */
  readonly lost?: string;
}

const isTimed = ({ what }: Outcome): boolean => what === 'timeout' || what === 'interrupt';
const memoryAllowed = (program: Program): number => {
  if (program.type === 'misuse') return 2 * MEMORY_LIMIT;
  return program.options?.memoryLimit ?? (program.type === 'endless' ? 4 * MEMORY_LIMIT : MEMORY_LIMIT);
};
const growthAllowed = (program: Program): number => memoryAllowed(program) / MEGABYTE + SPARE_MEMORY;

export function problemsOf({ program, outcomes, growth, lost }: Result): string[] {
  const late = outcomes.filter((outcome) => isTimed(outcome) && outcome.problem === undefined && outcome.overshoot > MAX_OVERSHOOT);
  return [
    ...(lost === undefined ? [] : [lost]),
    ...outcomes.flatMap(({ what, problem }) => (problem === undefined ? [] : [`${what}: ${problem}`])),
    ...late.map(({ what, overshoot }) => `${what}: ${overshoot.toFixed(0)} ms late`),
    ...(growth > growthAllowed(program) ? [`the process grew by ${growth.toFixed(0)} MB`] : []),
  ];
}

/** Of one kind: the worst of all its programs, by mode. */
interface Row {
  readonly kind: string;
  readonly programs: number;
  /** Milliseconds; undefined where nothing was ended so. */
  readonly timeout: Figures;
  readonly interrupt: Figures;
  /** Milliseconds of processor time. */
  readonly gap: Figures;
  /** Megabytes. */
  readonly growth: Figures;
  readonly failed: number;
}
type Figures = Partial<Record<ModeName, number>>;

export function rowsOf(results: readonly Result[]): Row[] {
  return [...new Set(results.map(({ kind }) => kind))].map((kind) => {
    const own = results.filter((result) => result.kind === kind);
    const figures = (of: (result: Result) => readonly number[]): Figures => {
      const worst = (Object.keys(MODES) as ModeName[]).map((mode) => [mode, Math.max(...own.filter((result) => result.mode === mode).flatMap(of))] as const);
      return Object.fromEntries(worst.filter(([, figure]) => figure !== Number.NEGATIVE_INFINITY));
    };
    const late = (what: Outcome['what']) => ({ outcomes }: Result): number[] => outcomes.filter((outcome) => outcome.what === what && outcome.problem === undefined).map(({ overshoot }) => Math.max(0, overshoot));
    return {
      kind,
      programs: new Set(own.map(({ program }) => program)).size,
      timeout: figures(late('timeout')),
      interrupt: figures(late('interrupt')),
      gap: figures(({ outcomes }) => outcomes.flatMap(({ gap }) => gap ?? [])),
      growth: figures((result) => [result.growth - memoryAllowed(result.program) / MEGABYTE]),
      failed: own.filter((result) => problemsOf(result).length > 0).length,
    };
  });
}

const HEAD = ['kind', 'programs', `ms behind ${TIME_LIMIT}`, 'ms behind a request', 'CPU ms between looks', 'MB grown less limit', 'failed'];

function cellsOf({ kind, programs, timeout, interrupt, gap, growth, failed }: Row): string[] {
  const text = (figures: Figures, digits: number): string => (Object.keys(MODES) as ModeName[]).flatMap((mode) => figures[mode]?.toFixed(digits) ?? []).join(' / ');
  return [kind, String(programs), text(timeout, 1), text(interrupt, 1), text(gap, 1), text(growth, 0), String(failed)];
}

export function printRows(rows: readonly Row[]): void {
  const lines = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((cells) => cells[column]!.length)));
  for (const cells of lines) console.log(cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  '));
}

/** Writes the rows into the page's table, where rows of other kinds stay. */
export function writePage(path: string, rows: readonly Row[]): void {
  const page = readFileSync(path, 'utf8').replace(/(<!-- attack -->\n)([\s\S]*?)(<!-- end -->)/, (_, begin: string, old: string, end: string) => {
    const kept = new Map(old.split('\n').filter((line) => line.startsWith('| ')).slice(2).map((line) => [line.split(' | ')[0]!.slice(2), line]));
    for (const row of rows) kept.set(row.kind, `| ${cellsOf(row).join(' | ')} |`);
    return `${begin}| ${HEAD.join(' | ')} |\n|${' --- |'.repeat(HEAD.length)}\n${[...kept.values()].join('\n')}\n${end}`;
  });
  writeFileSync(path, page);
}

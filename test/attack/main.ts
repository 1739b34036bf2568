/**
 * The command behind `npm run attack`: every program in every mode, against the built package; then a table of the worst of each kind.
 *
 *   --kind a,b     kinds whose names contain one of these      --mode a,b    off, on, eager
 *   --program a,b  programs whose names contain one of these   --list        only names them
 *   --page         writes the rows of these kinds into docs/security.md
 *
 * It fails if a program ends with another code than it should, leaves a damaged VM, crashes or hangs the process, goes on for longer than it may behind
 * its limit, or makes the process grow by more than its memory limit and SPARE_MEMORY. Time is the best of three: other processes only add to it.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { moontrace } from './built.ts';
import type { ChildLine, ChildTask } from './child.ts';
import type { Program } from './program.ts';
import { allKinds } from './programs.ts';
import { printRows, problemsOf, type Result, rowsOf, writePage } from './report.ts';
import { MODES, type ModeName } from './run.ts';

const ATTEMPTS = 3;
/** Milliseconds without a word from a process. */
const SILENCE = 90_000;

const { values: options } = parseArgs({
  options: { kind: { type: 'string' }, program: { type: 'string' }, mode: { type: 'string' }, list: { type: 'boolean', default: false }, page: { type: 'boolean', default: false } },
});

const contains = (name: string, list: string | undefined): boolean => list === undefined || list.split(',').some((part) => name.toLowerCase().includes(part.toLowerCase()));
const kinds = allKinds(moontrace).filter(({ name }) => contains(name, options.kind));
const modes = (Object.keys(MODES) as ModeName[]).filter((mode) => options.mode === undefined || options.mode.split(',').includes(mode));

async function attack(): Promise<boolean> {
  const results: Result[] = [];
  for (const mode of modes) {
    for (const { name, programs } of kinds) {
      let indices = programs.map((_, i) => i).filter((i) => contains(programs[i]!.name, options.program));
      for (let attempt = 0; attempt < ATTEMPTS && indices.length > 0; attempt++) {
        const fresh = await runAll(name, programs, mode, indices);
        for (const result of fresh) merge(results, result);
        indices = indices.filter((i) => isOnlyLate(results.find((one) => one.program === programs[i] && one.mode === mode)!));
      }
      if (process.stderr.isTTY) process.stderr.write(`\r${mode}: ${name}\u001b[K`);
    }
  }
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  const rows = rowsOf(results);
  printRows(rows);
  if (options.page) writePage('docs/security.md', rows);
  const faults = results.flatMap((result) => problemsOf(result).map((problem) => `${result.mode}: ${result.kind}: ${result.program.name}: ${problem}`));
  for (const fault of faults) console.log(`FAILED ${fault}`);
  const count = new Set(results.map(({ program }) => program)).size;
  console.log(`${count} programs, ${results.length} runs, ${faults.length} failures`);
  return faults.length === 0;
}

/** Keeps the better time of each outcome. */
function merge(results: Result[], fresh: Result): void {
  const at = results.findIndex(({ program, mode }) => program === fresh.program && mode === fresh.mode);
  if (at < 0) results.push(fresh);
  else if (fresh.lost === undefined) {
    const outcomes = fresh.outcomes.map((outcome, i) => (outcome.problem === undefined ? { ...outcome, overshoot: Math.min(outcome.overshoot, results[at]!.outcomes[i]!.overshoot) } : outcome));
    results[at] = { ...fresh, outcomes, growth: Math.min(fresh.growth, results[at]!.growth) };
  } else results[at] = fresh;
}

const isOnlyLate = (result: Result): boolean => {
  const problems = problemsOf(result);
  return problems.length > 0 && problems.every((problem) => / ms late$|^the process grew/.test(problem));
};

/** Runs programs in as few processes as they survive. */
async function runAll(kind: string, programs: readonly Program[], mode: ModeName, indices: readonly number[]): Promise<Result[]> {
  const results: Result[] = [];
  for (let left = indices; left.length > 0; ) {
    const { lines, end } = await runChild({ kind, mode, indices: left });
    let current: number | undefined;
    for (const line of lines) {
      if ('start' in line) current = line.start;
      else {
        results.push({ kind, program: programs[line.done]!, mode, outcomes: line.outcomes, growth: line.growth });
        left = left.filter((i) => i !== line.done);
        current = undefined;
      }
    }
    if (end === undefined) break;
    if (lines.length === 0) throw new Error(`no program was run: ${end}`);
    const lost = current ?? left[0]!;
    results.push({ kind, program: programs[lost]!, mode, outcomes: [], growth: 0, lost: end });
    left = left.filter((i) => i !== lost);
  }
  return results;
}

/** @returns what it wrote, and how it ended if not well */
function runChild(task: ChildTask): Promise<{ readonly lines: ChildLine[]; readonly end?: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--expose-gc', 'build/attack-child.mjs', JSON.stringify(task)], { stdio: ['ignore', 'pipe', 'pipe'] });
    const lines: ChildLine[] = [];
    let errors = '';
    let hung = false;
    const watchdog = setTimeout(() => {
      hung = true;
      child.kill('SIGKILL');
    }, SILENCE);
    createInterface({ input: child.stdout }).on('line', (line) => {
      watchdog.refresh();
      lines.push(JSON.parse(line) as ChildLine);
    });
    child.stderr.on('data', (data) => {
      errors = (errors + String(data)).slice(-2000);
    });
    child.on('close', (code, signal) => {
      clearTimeout(watchdog);
      if (code === 0) resolve({ lines });
      else resolve({ lines, end: hung ? 'the process hung' : `the process ended with ${signal ?? code}: ${errors.match(/^.*(Error|FATAL).*$/m)?.[0] ?? errors.slice(0, 200)}` });
    });
  });
}

if (options.list) {
  for (const { name, programs } of kinds) for (const program of programs.filter((one) => contains(one.name, options.program))) console.log(`${name}: ${program.name}`);
} else {
  process.exitCode = (await attack()) ? 0 : 1;
}

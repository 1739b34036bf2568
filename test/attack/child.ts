/**
 * A process of `npm run attack`: runs some programs of one kind in one mode, against the built package, and writes a line of JSON before and after each.
 * What a program makes the process grow by is the highest it had resident meanwhile, less what it had before.
 */
import { readFileSync, writeFileSync, writeSync } from 'node:fs';
import { moontrace } from './built.ts';
import { MEGABYTE, type Program } from './program.ts';
import { allKinds } from './programs.ts';
import { type ModeName, type Outcome, Runner, Stopper } from './run.ts';

export interface ChildTask {
  readonly kind: string;
  readonly mode: ModeName;
  readonly indices: readonly number[];
}
export type ChildLine = { readonly start: number } | { readonly done: number; readonly outcomes: readonly Outcome[]; readonly growth: number };

/** Kilobytes of a field of /proc/self/status; where there is none, the process's size so far. */
function resident(field: 'VmRSS' | 'VmHWM'): number {
  try {
    return Number(new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(readFileSync('/proc/self/status', 'latin1'))![1]);
  } catch {
    return field === 'VmRSS' ? process.memoryUsage().rss / 1024 : process.resourceUsage().maxRSS;
  }
}

/** Lets the highest size count anew. */
function resetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not Linux: the peak is the process's since its start.
  }
}

/** What a server that is up has behind it: the engine's own code is compiled and optimised. */
function warmUp(runner: Runner): void {
  const source = `for round = 1, 30 do local t = {} for i = 1, 3000 do t[i] = ('x'):rep(i % 50) .. i end table.sort(t) load('local s = 0 for i = 1, 200 do s = s + i end return s')()
    pcall(error, {}) ; (('x'):rep(1000)):gsub('x', function(c) return c .. 'y' end) for k, v in pairs(t) do t[k] = nil end collectgarbage() end`;
  for (let i = 0; i < 3; i++) {
    const vm = runner.make({ timeout: 5000 });
    vm.doString(source);
    vm.close();
  }
}

const write = (line: ChildLine): unknown => writeSync(1, `${JSON.stringify(line)}\n`);

const { kind, mode, indices } = JSON.parse(process.argv[2]!) as ChildTask;
const programs: readonly Program[] = allKinds(moontrace).find(({ name }) => name === kind)!.programs;
const stopper = new Stopper(moontrace);
await stopper.ready();
const runner = new Runner(moontrace, mode, stopper);
warmUp(runner);
for (const index of indices) {
  write({ start: index });
  globalThis.gc?.();
  // What was compiled in the background is put in place.
  await new Promise((resolve) => setTimeout(resolve, 5));
  resetPeak();
  const before = resident('VmRSS');
  const outcomes = runner.run(programs[index]!);
  write({ done: index, outcomes, growth: ((resident('VmHWM') - before) * 1024) / MEGABYTE });
}
await stopper.close();

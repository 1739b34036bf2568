/**
 * The byte-level fuzzer: damaged sources and binary chunks, random patterns, formats, pack formats and numerals, on the checked core; results are
 * compared with lua5.4 where it has an opinion.
 *
 *   --minutes N   how long (1)                  --seed S      seed (random, printed)
 *   --targets a,b only these (all)              --from I      first batch (0)
 *   --count N     so many batches instead of minutes
 *
 * A child process runs the batches; the parent notices when it hangs or dies, says which batch it was, and goes on behind it.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import { runBatch, TARGETS } from './targets.ts';

/** A batch that takes longer hangs; usual is a second on a machine of its own. */
const PATIENCE = 300_000;

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    count: { type: 'string' },
    seed: { type: 'string' },
    from: { type: 'string', default: '0' },
    targets: { type: 'string', default: Object.keys(TARGETS).join(',') },
  },
});
const names = options.targets.split(',');
for (const name of names) if (!(name in TARGETS)) throw new RangeError(`targets are: ${Object.keys(TARGETS).join(', ')}`);

interface Report {
  readonly index: number;
  readonly target: string;
  readonly problems: readonly string[];
}

if (process.send === undefined) runParent();
else runChild();

function runChild(): void {
  const seed = Number(options.seed);
  process.on('message', (index: number) => process.send?.({ index, ...runBatch(seed, index, names) } satisfies Report));
}

function runParent(): void {
  const seed = options.seed === undefined ? Math.floor(Math.random() * 0x7fffffff) : Number(options.seed);
  const end = Date.now() + Number(options.minutes) * 60_000;
  const last = options.count === undefined ? Number.POSITIVE_INFINITY : Number(options.from) + Number(options.count);
  let index = Number(options.from);
  let failed = 0;
  let child: ChildProcess;
  let watchdog: NodeJS.Timeout;

  const report = (target: string, problem: string): void => {
    failed++;
    console.log(`batch ${index} (${target}, --seed ${seed} --from ${index} --count 1): ${problem}`);
  };
  const next = (): void => {
    if (index >= last || (options.count === undefined && Date.now() >= end)) {
      child.removeAllListeners('exit');
      child.kill();
      console.log(`seed ${seed}: ${index - Number(options.from)} batches, ${failed === 0 ? 'nothing found' : `${failed} problems`}`);
      process.exitCode = failed === 0 ? 0 : 1;
      return;
    }
    watchdog = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
    child.send(index);
  };
  const start = (): void => {
    child = fork(process.argv[1] as string, [...process.argv.slice(2), '--seed', String(seed)]);
    child.on('message', ({ target, problems }: Report) => {
      clearTimeout(watchdog);
      for (const problem of problems) report(target, problem);
      index++;
      next();
    });
    child.on('exit', (code, signal) => {
      clearTimeout(watchdog);
      report(names[index % names.length] as string, signal === 'SIGKILL' ? 'hangs' : `the process ended with ${signal ?? code}`);
      index++;
      start();
    });
    next();
  };
  console.log(`seed ${seed}: ${names.join(', ')}`);
  start();
}

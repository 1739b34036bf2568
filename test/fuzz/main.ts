/**
 * The command behind `npm run fuzz`.
 *
 *   --count N     programs (1000)            --seed S      seed (random, printed)
 *   --from I      first program (0)          --modes a,b   only these modes
 *   --print       print the programs         --keep DIR    where to write failures (test/lua/regressions)
 *   --max N       stop after N failures (5)  --no-shrink   leave failures as they are
 */
import { parseArgs } from 'node:util';
import { ALL_MODES, COLLECTING, COLLECTING_FUNCTIONS, type Mode, STRESSED_EAGER } from '../support/engine.ts';
import { compareBatch, type Failure, firstDifference, shrinkFailure, writeFailure } from './compare.ts';
import { generateProgram } from './generate.ts';
import { programSeed } from './random.ts';
import { printBlock } from './tree.ts';

const batchSize = 50;
/** Programs after which a run says how far it is: on a terminal, where the line is overwritten, after each batch. */
const reportEvery = process.stderr.isTTY ? batchSize : 1000;

const { values: options } = parseArgs({
  allowNegative: true,
  options: {
    count: { type: 'string', default: '1000' },
    seed: { type: 'string' },
    from: { type: 'string', default: '0' },
    modes: { type: 'string' },
    print: { type: 'boolean', default: false },
    keep: { type: 'string', default: 'test/lua/regressions' },
    max: { type: 'string', default: '5' },
    shrink: { type: 'boolean', default: true },
  },
});
const seed = options.seed === undefined ? Math.floor(Math.random() * 0x7fffffff) : Number(options.seed);
const [count, from, max] = [Number(options.count), Number(options.from), Number(options.max)];

if (options.print) {
  for (let i = from; i < from + count; i++) process.stdout.write(`-- seed ${seed}, program ${i}\n${printBlock(generateProgram(programSeed(seed, i)))}`);
} else {
  process.exitCode = (await run(selectModes())) === 0 ? 0 : 1;
}

function selectModes(): readonly Mode[] {
  if (options.modes === undefined) return ALL_MODES;
  const names = options.modes.split(',');
  const all = [...ALL_MODES, COLLECTING, COLLECTING_FUNCTIONS, STRESSED_EAGER];
  const chosen = all.filter((mode) => names.includes(mode.name));
  if (chosen.length !== names.length) throw new RangeError(`modes are: ${all.map((mode) => mode.name).join(', ')}`);
  return chosen;
}

/** @returns the number of failures */
async function run(modes: readonly Mode[]): Promise<number> {
  console.log(`seed ${seed}: ${count} programs from ${from}, lua5.4 against ${modes.map((mode) => mode.name).join(', ')}`);
  const start = performance.now();
  let failed = 0;
  for (let at = from; at < from + count && failed < max; at += batchSize) {
    for (const failure of compareBatch({ seed, from: at, count: Math.min(batchSize, from + count - at) }, modes)) {
      failed++;
      if (failed <= max) report(failure);
    }
    // Objects with weak references, and the VMs they belong to, stay until the event loop gets its turn.
    await new Promise(setImmediate);
    const done = at - from + batchSize;
    if (done % reportEvery === 0) progress(`${done} programs, ${failed} failures, ${Math.round((performance.now() - start) / 1000)} s`);
  }
  progress('');
  console.log(failed === 0 ? `no difference in ${count} programs (seed ${seed})` : `${failed} failures (seed ${seed})`);
  return failed;
}

function report(failure: Failure): void {
  progress('');
  console.log(`program ${failure.index}, ${failure.mode.name}: ${firstDifference(failure.expected, failure.actual)}`);
  const small = options.shrink ? shrinkFailure(failure) : failure;
  const path = `${options.keep}/fuzz-${failure.seed}-${failure.index}.lua`;
  writeFailure(small, path);
  console.log(`${printBlock(small.program)}${firstDifference(small.expected, small.actual)}\n${path}\n`);
}

/** On a terminal a line that the next one overwrites; elsewhere every line that is not empty. */
function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
  else if (line !== '') process.stderr.write(`${line}\n`);
}

/** Compares programs on all sides, shrinks those that differ, and writes them down. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { INTERPRETED, type Mode } from '../support/engine.ts';
import { LUA54 } from '../support/needs.ts';
import { generateProgram } from './generate.ts';
import { PRELUDE } from './prelude.ts';
import { programSeed } from './random.ts';
import { shrink } from './shrink.ts';
import { runEngine, runReference } from './sides.ts';
import { type Block, printBlock } from './tree.ts';

export interface Failure {
  readonly seed: number;
  readonly index: number;
  readonly mode: Mode;
  readonly expected: string;
  readonly actual: string;
  readonly program: Block;
}

export interface Batch {
  readonly seed: number;
  readonly from: number;
  readonly count: number;
}

/** What the programs should print: as lua5.4 does; where there is none, as the interpreter does. */
function runExpected(sources: readonly string[]): (string | undefined)[] {
  return !LUA54.isMissing ? runReference(sources) : sources.map((source) => runEngine(source, INTERPRETED));
}

/** Generates the programs of a batch and runs them in the reference and in every mode. */
export function compareBatch({ seed, from, count }: Batch, modes: readonly Mode[]): Failure[] {
  const programs = Array.from({ length: count }, (_, i) => generateProgram(programSeed(seed, from + i)));
  const sources = programs.map((program) => printBlock(program));
  const expected = runExpected(sources);
  const failures: Failure[] = [];
  for (const [i, program] of programs.entries()) {
    const wanted = expected[i];
    if (wanted === undefined) {
      console.warn(`program ${from + i} of seed ${seed} takes too long or too much memory: the generator counts too little`);
      continue;
    }
    for (const mode of modes) {
      const actual = runEngine(sources[i] ?? '', mode);
      if (actual === wanted) continue;
      failures.push({ seed, index: from + i, mode, expected: wanted, actual, program });
      break;
    }
  }
  return failures;
}

/** The smallest program found that still differs between the reference and the failure's mode. */
export function shrinkFailure(failure: Failure): Failure {
  const crashed = failure.actual.startsWith('the engine crashed');
  let { expected, actual } = failure;
  const program = shrink(failure.program, (candidate) => {
    const source = printBlock(candidate);
    const [wanted] = runExpected([source]);
    if (wanted === undefined) return false;
    const got = runEngine(source, failure.mode);
    // A crash must stay a crash, and a difference a difference; otherwise another bug takes the place of the one at hand.
    if (got === wanted || got.startsWith('the engine crashed') !== crashed) return false;
    expected = wanted;
    actual = got;
    return true;
  });
  return { ...failure, program, expected, actual };
}

/** The first line that differs. */
export function firstDifference(expected: string, actual: string): string {
  const [a, b] = [expected.split('\n'), actual.split('\n')];
  const at = a.findIndex((line, index) => line !== b[index]);
  const line = at < 0 ? a.length : at;
  return `line ${line + 1}\n  lua5.4:    ${a[line] ?? '(nothing)'}\n  moontrace: ${b[line] ?? '(nothing)'}`;
}

/** Writes a failure as a script that runs by itself. */
export function writeFailure(failure: Failure, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const header = `-- Found by the random program generator (seed ${failure.seed}, program ${failure.index}), mode ${failure.mode.name}.\n`;
  writeFileSync(path, `${header}${PRELUDE}\n${printBlock(failure.program)}`, 'latin1');
}

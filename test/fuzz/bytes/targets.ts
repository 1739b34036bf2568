/** What the byte-level fuzzer attacks. Each target runs one batch from a seed and returns the problems it found. */
import type { Prototype } from '../../support/prototype.ts';
import { programSeed, Random } from '../random.ts';
import { compileCorpus, runChunkCases } from './chunk-cases.ts';
import { compareCases, quote } from './compare.ts';
import { readCorpus } from './corpus.ts';
import { LIBRARY_CASES } from './library-cases.ts';
import { mutate } from './mutate.ts';

export type Target = (random: Random) => readonly string[];

const CASES = 150;

let corpus: readonly Uint8Array[] | undefined;
let prototypes: readonly Prototype[] | undefined;

function sources(): readonly Uint8Array[] {
  corpus ??= readCorpus();
  return corpus;
}

function compiledSources(): readonly Prototype[] {
  prototypes ??= compileCorpus(sources());
  return prototypes;
}

/** Messages may name another token where 5.4 releases differ, and the engine's limits are not C's. */
const sameVerdict = (expected: string, actual: string): boolean =>
  /overflow|too many|too complex|limit|to close/.test(expected + actual) && expected.startsWith('true nil') && actual.startsWith('true nil');

/** The engine's memory is limited, the reference's is not. */
const outOfMemory = (_: string, actual: string): boolean => actual.includes('not enough memory');

const library = (name: keyof typeof LIBRARY_CASES): Target => (random) =>
  compareCases(Array.from({ length: CASES }, () => LIBRARY_CASES[name](random)), random.chance(0.05), outOfMemory);

export const TARGETS: Readonly<Record<string, Target>> = {
  /** The compiler: accepted or refused as by the reference, with its message; where a reader gives the source in pieces, after as many of them. */
  source: (random) => {
    const whole = 'function(s) local f, m = load(s, "=s") return f and true, m end';
    const pieces = (size: number): string => `function(s)
      local at, calls = 0, 0
      local f, m = load(function() at = at + ${size} calls = calls + 1 return s:sub(at - ${size - 1}, at) end, "=s")
      return f and true, m, calls end`;
    const load = (bytes: Uint8Array): string =>
      `${random.chance(0.5) ? whole : pieces(random.integer(1, 60))}, ${quote(Buffer.from(bytes).toString('latin1'))}`;
    const cases = Array.from({ length: CASES / 3 }, () => mutate(random, random.pick(sources()), sources())).filter((bytes) => bytes[0] !== 27);
    return compareCases(cases.map(load), random.chance(0.05), sameVerdict);
  },
  chunks: (random) => runChunkCases(random, compiledSources(), CASES),
  patterns: library('patterns'),
  formats: library('formats'),
  pack: library('pack'),
  numerals: library('numerals'),
};

/** Runs batch `index` of a run. The target is one of `names` in turn. */
export function runBatch(seed: number, index: number, names: readonly string[]): { readonly target: string; readonly problems: readonly string[] } {
  const target = names[index % names.length] as string;
  return { target, problems: (TARGETS[target] as Target)(new Random(programSeed(seed, index))) };
}

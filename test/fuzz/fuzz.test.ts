/** A short run of the random program generator with a fixed seed, and tests of the generator and the shrinker themselves. */
import { describe, expect, test } from 'vitest';
import { ALL_MODES, COLLECTING } from '../support/engine.ts';
import { compareBatch, firstDifference } from './compare.ts';
import { generateProgram } from './generate.ts';
import { programSeed } from './random.ts';
import { shrink } from './shrink.ts';
import { type Block, printBlock } from './tree.ts';

const seed = 20252;

describe('generator', () => {
  test('the same seed gives the same program, another seed another', () => {
    const [a, b, c] = [1, 1, 2].map((index) => printBlock(generateProgram(programSeed(seed, index))));
    expect(a).toBe(b);
    expect(a).not.toBe(c);
  });

  test('programs contain what the JIT has to be tested with', () => {
    const all = Array.from({ length: 100 }, (_, index) => printBlock(generateProgram(programSeed(seed, index)))).join('');
    for (const feature of [
      'for ', 'while ', 'repeat', 'goto ', 'break', 'ipairs(', 'pairs(', 'pcall(', 'math.maxinteger', '0/0', '-0.0', '<const>', ':sub(', ' // ', ' << ',
      'function(', '...', ':get(', 'setmetatable', '.opt', '[#', 'table.insert', 'table.remove', 'emit(', 'dump(', 'return ', ' .. ', 'math.ult', 'alike(', 'locals()', 'debug.setmetatable', 'local _ENV', 'pcall(next', 'old',
    ]) {
      expect(all).toContain(feature);
    }
  });
});

test('the shrinker keeps what makes a program fail and little else', () => {
  const index = Array.from({ length: 100 }, (_, i) => i).find((i) => printBlock(generateProgram(programSeed(seed, i))).includes('math.ult'));
  const program = generateProgram(programSeed(seed, index ?? 0));
  const fails = (candidate: Block): boolean => printBlock(candidate).includes('math.ult');
  const small = printBlock(shrink(program, fails));
  expect(small).toContain('math.ult');
  expect(small.split('\n').length).toBeLessThan(12);
});

describe('random programs give the same everywhere', () => {
  const batches = Array.from({ length: 6 }, (_, i) => i * 25);
  test.each(batches)(`25 programs from %i, seed ${seed}`, (from) => {
    const failures = compareBatch({ seed, from, count: 25 }, [...ALL_MODES, COLLECTING]);
    const reports = failures.map((failure) => `program ${failure.index}, ${failure.mode.name}: ${firstDifference(failure.expected, failure.actual)}`);
    expect(reports).toEqual([]);
  });
});

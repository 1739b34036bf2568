/** How much garbage there is while a program runs: what the collector's pace is for. */
import { describe, expect, test } from 'vitest';
import { createVm } from '../../../src/api/index.ts';

/** Most kilobytes in use at the ends of `rounds` rounds, divided by those in use after the first. */
function peakOf(rounds: number, source: string): number {
  const vm = createVm();
  try {
    const [peak] = vm.doString(`
      collectgarbage()
      local count, first, most = collectgarbage, nil, 0
      for _ = 1, ${rounds} do
        ${source}
        local used = count('count')
        first = first or used
        most = math.max(most, used)
      end
      return most / first`);
    return Number(peak);
  } finally {
    vm.close();
  }
}

describe('garbage does not pile up', () => {
  test.each([
    ['arrays of booleans', 'local flags = {} for i = 1, 300000 do flags[i] = true end'],
    ['arrays of numbers', 'local list = {} for i = 1, 300000 do list[i] = i end'],
    ['long strings', 'local text = ("x"):rep(4000000)'],
    ['arrays of tables', 'local list = {} for i = 1, 30000 do list[i] = { i } end'],
    ['dictionaries', 'local set = {} for i = 1, 50000 do set[-i] = i end'],
  ])('%s', (_, source) => {
    expect(peakOf(20, source)).toBeLessThan(3.1);
  });
});

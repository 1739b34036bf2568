import { expect, test } from 'vitest';
import { RegisterSets } from '../../../../jit/record/core/register-sets.ts';

const members = (sets: RegisterSets, row: number, registers: number): number[] => Array.from({ length: registers }, (_, register) => register).filter((register) => sets.has(row, register));
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n);

test.each([[0, 1], [5, 40], [31, 32], [31, 33], [32, 64], [0, 100], [63, 65], [40, 40]])('registers %d to %d are in their row, and in no other', (from, to) => {
  const sets = new RegisterSets(3, 100);
  sets.add(1, from, to);
  expect(members(sets, 1, 100)).toEqual(range(from, to));
  expect([...members(sets, 0, 100), ...members(sets, 2, 100)]).toEqual([]);
});

test('a range ends at the last register', () => {
  const sets = new RegisterSets(2, 40);
  sets.add(0, 35, 0xffff);
  expect(members(sets, 0, 40)).toEqual(range(35, 40));
  expect(members(sets, 1, 40)).toEqual([]);
});

test('one register is removed', () => {
  const sets = new RegisterSets(1, 70);
  sets.add(0, 60, 70);
  sets.remove(0, 64);
  expect(members(sets, 0, 70)).toEqual([60, 61, 62, 63, 65, 66, 67, 68, 69]);
});

test('what is used, or live behind and not overwritten, is live; a second time nothing grows', () => {
  const [live, uses, kills] = [new RegisterSets(3, 70), new RegisterSets(3, 70), new RegisterSets(3, 70)];
  live.add(1, 30, 35);
  live.add(2, 66);
  kills.add(0, 31);
  kills.add(0, 66);
  uses.add(0, 66);
  expect(live.flow(0, uses, kills, 1, 2)).toBe(true);
  expect(members(live, 0, 70)).toEqual([30, 32, 33, 34, 66]);
  expect(live.flow(0, uses, kills, 1, 2)).toBe(false);
});

import { describe, expect, it } from 'vitest';
import { createJit } from '../../../jit/index.ts';
import { Account } from '../../../jit/manager/account.ts';
import { createVm } from '../../../src/api/index-node.ts';

/** An account with a clock of ours: `spend` lets time pass in `charge`, `wait` outside of it. `isOverdrawn` gets what was saved meanwhile. */
function accountOf(share: number, grace: number) {
  let time = 1000;
  const account = new Account(share, grace, () => time);
  return {
    account,
    isOverdrawn: (saved = 0) => account.isOverdrawn(() => saved),
    spend: (milliseconds: number) => account.charge(() => { time += milliseconds; }),
    wait: (milliseconds: number) => { time += milliseconds; },
  };
}

describe('the account', () => {
  it('lends the grace, then a share of the time', () => {
    const { isOverdrawn, spend, wait } = accountOf(10, 20);
    expect(isOverdrawn()).toBe(false);
    spend(30);
    expect(isOverdrawn()).toBe(true);
    wait(60);
    expect(isOverdrawn()).toBe(true);
    wait(20);
    expect(isOverdrawn()).toBe(false);
  });

  it('keeps no more than the grace, however long nothing was spent', () => {
    const { isOverdrawn, spend, wait } = accountOf(10, 20);
    wait(100_000);
    expect(isOverdrawn()).toBe(false);
    spend(25);
    expect(isOverdrawn()).toBe(true);
  });

  it('spends most of what was saved, and asks for nothing back', () => {
    const { isOverdrawn, spend } = accountOf(0, 20);
    spend(30);
    expect(isOverdrawn(-100)).toBe(true);
    expect(isOverdrawn(8)).toBe(true);
    expect(isOverdrawn(5)).toBe(false);
  });

  it('keeps ten times the grace of what was saved, whatever time passes', () => {
    const { isOverdrawn, spend, wait } = accountOf(0, 20);
    spend(20);
    expect(isOverdrawn(1000)).toBe(false);
    wait(1000);
    spend(199);
    expect(isOverdrawn()).toBe(false);
    spend(2);
    expect(isOverdrawn()).toBe(true);
  });

  it('sets a deadline for what is begun', () => {
    const { account, wait } = accountOf(10, 20);
    const isLate = account.deadline();
    wait(21);
    expect(isLate()).toBe(false);
    wait(4);
    expect(isLate()).toBe(true);
  });

  it('charges for what fails, too', () => {
    const { account, isOverdrawn, wait } = accountOf(10, 20);
    expect(() => account.charge(() => { wait(30); throw new Error('it failed'); })).toThrow('it failed');
    expect(isOverdrawn()).toBe(true);
  });

  it('has no limit from 100 percent on', () => {
    const { account, isOverdrawn, spend } = accountOf(100, 0);
    spend(1e6);
    expect(isOverdrawn()).toBe(false);
    expect(account.deadline()()).toBe(false);
  });
});

describe('what compiled code is worth', () => {
  it('is reckoned by rounds of its loops, which are counted whatever work is in them', () => {
    for (const body of ['s = s + i', Array.from({ length: 60 }, (_, n) => `s = (s + i * ${n + 2}) & 0xffff`).join(' ')]) {
      const jit = createJit({ tunables: { share: 100, hotloop: 10 } });
      createVm({ jit }).doString(`local s = 0 for i = 1, 5000 do ${body} end`);
      const [trace] = jit.stats().traces;
      expect(trace!.entered + trace!.rounds).toBeGreaterThan(4980);
      expect(trace!.rounds).toBeLessThan(5000);
    }
  });
});

describe('what a trace has run', () => {
  it('counts the way to the exit of a round that is not finished', () => {
    const work = Array.from({ length: 30 }, (_, n) => `s = (s + i * ${n + 2}) & 0xffff`).join(' ');
    const jit = createJit({ tunables: { share: 100, hotloop: 10, tryside: 0 } });
    createVm({ jit }).doString(`local s, t = 0, 0 for i = 1, 4000 do ${work} if i % 3 == 0 then t = t + 1 end end`);
    const stats = jit.stats();
    const { entered, rounds } = stats.traces[0]!;
    // Two of three rounds are finished, the third is left behind its work: three instructions for each of the 30 statements, and those of the if.
    expect(entered).toBeGreaterThan(1200);
    expect(stats.instructions).toBeGreaterThan(90 * (entered + rounds) * 0.95);
    expect(stats.instructions).toBeLessThan(100 * (entered + rounds));
  });
});

describe('a JIT without credit', () => {
  const LOOP = 'local s = 0 for i = 1, 20000 do s = s + i end return s';

  it('compiles nothing, and the program runs as before', () => {
    const jit = createJit({ tunables: { share: 0, grace: 0, hotloop: 10 } });
    expect(createVm({ jit }).doString(LOOP)).toEqual([200010000]);
    expect(jit.stats()).toMatchObject({ recorded: 0, compiled: 0 });
  });

  it('compiles where fuel is counted, for fuel must not depend on the clock', () => {
    const spent = [0, 0].map(() => {
      const jit = createJit({ tunables: { share: 0, grace: 0, hotloop: 10 } });
      const vm = createVm({ jit, fuel: 1e6 });
      vm.doString(LOOP);
      expect(jit.stats().compiled).toBeGreaterThan(0);
      return 1e6 - vm.fuel;
    });
    expect(spent[0]).toBe(spent[1]);
  });

  it('compiles the same program with some', () => {
    const jit = createJit({ tunables: { share: 0, grace: 1e6, hotloop: 10 } });
    expect(createVm({ jit }).doString(LOOP)).toEqual([200010000]);
    expect(jit.stats().compiled).toBeGreaterThan(0);
  });
});

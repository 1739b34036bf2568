import { describe, expect, it } from 'vitest';
import { createJit } from '../../../jit/index.ts';
import type { JitEvent } from '../../../jit/events.ts';
import { createVm } from '../../../src/api/index-node.ts';

/** Runs with an account that has a limit, but is never short of time: what is recorded is rehearsed. */
function run(source: string, tunables: Record<string, number> = {}) {
  const events: JitEvent[] = [];
  const jit = createJit({ tunables: { share: 99, grace: 1e6, hotloop: 10, penaltystart: 1e6, ...tunables }, listeners: [(event) => events.push(event)] });
  const vm = createVm({ jit });
  const recorded = (): number => events.filter(({ kind }) => kind === 'optimised').length;
  return { vm, results: vm.doString(source), stats: jit.stats(), recorded };
}

describe('a rehearsal', () => {
  it.each([
    ['inner-loop', 'for i = 1, 11 do if i > 10 then for j = 1, 8 do s = s + j end end end', 36, { loopunroll: 4 }],
    ['loop-unroll-limit', 'for i = 1, 11 do local j = 0 while i > 10 and j < 8 do j = j + 1 s = s + j end end', 36, { loopunroll: 4 }],
    ['leaves-root-frame', 'local function f() for i = 1, 12 do s = s + i if i == 11 then return end end end f()', 66, {}],
    ['recursion', 'local function f(n) if n > 0 then f(n - 1) s = s + n end end for i = 1, 20 do f(3) end', 120, {}],
    ['trace-too-long', 'for i = 1, 20 do s = s + i s = s + i s = s + i s = s + i end', 840, { maxrecord: 4 }],
    ['inline-depth', 'local function a(n) s = s + n end local function b(n) a(n) end for i = 1, 20 do b(i) end', 210, { maxinline: 1 }],
    ['coroutine-switch', 'local f = coroutine.wrap(function() while true do coroutine.yield(2) end end) for i = 1, 20 do s = s + f() end', 40, {}],
    ['unsupported-call', 'for i = 1, 20 do pcall(function() s = s + i end) end', 210, {}],
  ])('shows that a recording would fail: %s', (reason, source, sum, tunables) => {
    const { results, stats, recorded } = run(`local s = 0 ${source} return s`, tunables);
    expect(results).toEqual([sum]);
    expect(Object.keys(stats.aborted)).toContain(reason);
    expect(recorded()).toBe(0);
  });

  it('goes before a recording that succeeds', () => {
    const { results, stats } = run('local s = 0 for i = 1, 100 do if i % 2 == 0 then s = s + i else s = s + 1 end end return s');
    expect(results).toEqual([2600]);
    expect(stats).toMatchObject({ compiled: 1, aborted: {} });
  });

  it('ends where the trace would, at a compiled loop inside: the next round is recorded', () => {
    const { results, stats } = run('local s = 0 for i = 1, 200 do for j = 1, 40 do s = s + j end end return s', { penaltystart: 1 });
    expect(results).toEqual([164000]);
    expect(stats.traces.map(({ link }) => link.replace(/\d+/, 'N')).sort()).toEqual(['loop', 'trace N']);
  });

  it('raises what the program raises, and leaves it as it was', () => {
    const { results } = run("local n = 0 local ok, message = pcall(function() for i = 1, 100 do n = i if i == 11 then error('stop', 0) end end end) return ok, message, n");
    expect(results).toEqual([false, 'stop', 11]);
  });
});

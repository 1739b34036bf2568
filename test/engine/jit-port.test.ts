/** What a VM asks of its JIT, and when (src/engine/jit-port.ts). */
import { describe, expect, test } from 'vitest';
import { LOOP_COUNTER, RUN_STEPPED, VM_HOT_LOOP, VM_HOT_WAIT, VM_JIT_ATTACHED } from '../../src/bytecode/layout.ts';
import { createVm, type JitPort, LuaError, MoontraceError } from '../../src/api/index.ts';
import type { VmInternals } from '../../src/engine/jit-port.ts';

/** A JIT that counts what it is asked and compiles nothing. */
class CountingJit implements JitPort {
  internals: VmInternals | undefined;
  readonly activity = undefined;
  readonly calls = { attach: 0, hotLoop: 0, budget: 0, flush: 0, close: 0 };

  attach(internals: VmInternals): void {
    this.calls.attach++;
    this.internals = internals;
    internals.memory.store(VM_JIT_ATTACHED, 1);
    internals.memory.store(VM_HOT_LOOP, 50);
  }

  onHotLoop(loopPc: number): number {
    this.calls.hotLoop++;
    this.internals?.memory.store(loopPc + LOOP_COUNTER, 60_000);
    return RUN_STEPPED;
  }

  onHotExit = (): number => RUN_STEPPED;
  onHotFunction = (): number => RUN_STEPPED;

  onBudget(): void {
    this.calls.budget++;
  }

  onCollected(): void {}

  flush(): void {
    this.calls.flush++;
  }

  blocks = () => [];
  saveCode = () => undefined;
  adoptCode = () => false;

  settle = (): Promise<void> => Promise.resolve();

  stats = () => ({ recorded: this.calls.hotLoop, compiled: 0, restored: 0, aborted: { test: 1 }, spent: { recording: 0, compiling: 0 }, saved: 0, instructions: 0, traces: [] });

  report = () => ({ traces: [], failures: [], givenUp: [] });

  close(): void {
    this.calls.close++;
  }
}

describe('a JIT', () => {
  test('is attached once, hears of hot loops and ends of slices, and is closed', () => {
    const jit = new CountingJit();
    const vm = createVm({ jit });
    expect(vm.doString('local s = 0 for i = 1, 100000 do s = s + i end return s')).toEqual([5000050000]);
    vm.close();
    expect(jit.calls).toMatchObject({ attach: 1, close: 1 });
    expect(jit.calls.hotLoop).toBe(2);
    expect(jit.calls.budget).toBeGreaterThan(0);
  });

  test('that has no time hears of few loops', () => {
    const jit = new CountingJit();
    const vm = createVm({ jit });
    jit.internals?.memory.store(VM_HOT_WAIT, 3);
    // 50 and three times 200 iterations go by in silence.
    expect(vm.doString('local s = 0 for i = 1, 600 do s = s + i end return s')).toEqual([180300]);
    expect(jit.calls.hotLoop).toBe(0);
    vm.doString('local s = 0 for i = 1, 60 do s = s + i end');
    expect(jit.calls.hotLoop).toBe(1);
  });

  test('gives the statistics', () => {
    const jit = new CountingJit();
    expect(createVm({ jit }).stats()).toMatchObject({ recorded: jit.calls.hotLoop, compiled: 0, restored: 0, aborted: { test: 1 } });
  });

  test('that steps the program to its end says so', () => {
    class SteppingJit extends CountingJit {
      override onHotLoop(loopPc: number): number {
        super.onHotLoop(loopPc);
        for (;;) {
          const status = this.internals?.core.step() ?? RUN_STEPPED;
          if (status !== RUN_STEPPED) return status;
        }
      }
    }
    const vm = createVm({ jit: new SteppingJit() });
    expect(vm.doString('local s = 0 for i = 1, 1000 do s = s + i end return s')).toEqual([500500]);
    expect(vm.doString('return pcall(function() for i = 1, 1000 do if i == 500 then error("x", 0) end end end)')).toEqual([false, 'x']);
    expect(() => vm.doString('for i = 1, 1000 do if i == 500 then local x = nil + i end end')).toThrow(LuaError);
  });

  test('that fails is a failure of the engine, not an error of the program', () => {
    class FailingJit extends CountingJit {
      override onHotLoop(): number {
        throw new TypeError('bug');
      }
    }
    const vm = createVm({ jit: new FailingJit() });
    expect(() => vm.doString('return pcall(function() for i = 1, 1000 do end end)')).toThrow(expect.objectContaining({ code: 'core-failure' }));
    expect(() => vm.doString('return pcall(function() for i = 1, 1000 do end end)')).toThrow(MoontraceError);
  });
});

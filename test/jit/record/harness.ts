/** Runs Lua under a JIT that writes down what it records. */
import { type CreateJitOptions, createJit, type JitEvent } from '../../../jit/index.ts';
import { printTrace } from '../../../jit/ir/print.ts';
import { createVm } from '../../../src/api/index-node.ts';
import { LuaError } from '../../../src/engine/errors/errors.ts';

export interface JitRun {
  readonly output: string;
  readonly error: string | undefined;
  readonly events: readonly JitEvent[];
  /** IR of each root trace as recorded, in order. */
  readonly recorded: readonly string[];
  /** Reasons of recordings given up, in order. */
  readonly aborted: readonly string[];
  readonly compiled: number;
}

/** Thresholds at which a test's short loops are recorded; every recording is checked. */
export const EAGER: CreateJitOptions = {
  tunables: { share: 100, hotloop: 3, hotexit: 2, penaltystart: 4, penaltyfactor: 2, loopbudget: 1000 },
  checkSlots: true,
  optimisations: { verify: true },
};

export function runJit(source: string, options: CreateJitOptions = EAGER): JitRun {
  const events: JitEvent[] = [];
  const recorded: string[] = [];
  const output: string[] = [];
  const listener = (event: JitEvent): void => {
    events.push(event);
    if (event.kind === 'recorded' && event.trace.parent === undefined) recorded.push(printTrace(event.trace.contents));
  };
  const jit = createJit({ ...options, tunables: { share: 100, ...options.tunables }, listeners: [listener] });
  const vm = createVm({ libraries: 'all', jit, stdout: (bytes) => output.push(Buffer.from(bytes).toString('latin1')) });
  let error: string | undefined;
  try {
    vm.doString(source, '=test');
  } catch (failure) {
    if (!(failure instanceof LuaError)) throw failure;
    error = failure.message;
  } finally {
    vm.close();
  }
  const aborted = events.flatMap((event) => (event.kind === 'aborted' ? [event.reason] : []));
  return { output: output.join(''), error, events, recorded, aborted, compiled: jit.stats().compiled };
}

/** What the same source prints without a JIT. */
export function interpret(source: string): string {
  const output: string[] = [];
  const vm = createVm({ libraries: 'all', stdout: (bytes) => output.push(Buffer.from(bytes).toString('latin1')) });
  try {
    vm.doString(source, '=test');
  } finally {
    vm.close();
  }
  return output.join('');
}

/** Names of the IR operations in a printed trace, in order. */
export const operationsOf = (text: string): string[] => [...text.matchAll(/^%\d+ = (\w+)/gm)].map(([, name]) => name!);

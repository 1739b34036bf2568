/** VMs whose programs can wait for the host, in the modes of the conformance tests. */
import { createJit } from '../../../jit/index.ts';
import { createVm, results, type Vm, type VmOptions } from '../../../src/api/index-node.ts';
import { machineOf } from '../../../src/api/engine-port.ts';
import { COLLECTING, COMPILED, debugCore, EAGER, FAILING_EAGER, FORCED_EXITS, INTERPRETED, type Mode, STRESSED, STRESSED_EAGER } from '../../support/engine.ts';

export const MODES: readonly Mode[] = [INTERPRETED, COMPILED, EAGER, FORCED_EXITS, STRESSED, STRESSED_EAGER, COLLECTING, FAILING_EAGER];
const STRESS = { allocations: 2, traces: 3 } as const;

/** A VM with a global `wait(...)`, which gives its arguments back, now or later, as `isLater` says of the number of the call. Now and then it collects before. */
export function makeVm(mode: Mode, options: VmOptions = {}, isLater: (call: number) => boolean = () => true): Vm {
  const isDebug = mode.stress !== undefined || mode.failures !== undefined;
  const vm = createVm({ ...(mode.jit && { jit: createJit(mode.jit) }), ...(isDebug && { core: debugCore() }), ...options });
  const { core } = machineOf(vm);
  if (mode.stress !== undefined) {
    core.setCollectorStress(STRESS[mode.stress]);
    core.setStackStress(true);
  }
  if (mode.failures !== undefined) core.setFailures(mode.failures);
  let calls = 0;
  return vm.setGlobal('wait', (...values) => {
    if (calls % 5 === 2) vm.collect();
    const given = results(...values);
    return isLater(calls++) ? later(given) : given;
  });
}

/** The next turn of the event loop, or only of its promises. */
let turns = 0;
function later<Value>(value: Value): Promise<Value> {
  if (turns++ % 3 > 0) return Promise.resolve(value);
  return new Promise((resolve) => setImmediate(resolve, value));
}

/** What a promise was rejected with. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise.then((value) => ({ resolved: value }));
  } catch (error) {
    return error;
  }
}

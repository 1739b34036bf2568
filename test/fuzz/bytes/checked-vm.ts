/** VMs on the checked core, which verifies the heap after every cycle of a stressed collector and whenever it is asked to. */
import { machineOf } from '../../../src/api/engine-port.ts';
import { readFileSync } from 'node:fs';
import { useCoreModule } from '../../../src/engine/core-module.ts';
import { LuaError } from '../../../src/engine/errors/errors.ts';
import { createDefaultEnvironment } from '../../../src/hosts/environment.ts';
import { createVm } from '../../../src/api/index-node.ts';
import type { Vm } from '../../../src/api/vm.ts';
import type { VmOptions } from '../../../src/api/options.ts';

let isSelected = false;

interface CheckedCore {
  readonly verifyHeap: () => number;
  readonly setCollectorStress: (on: number) => void;
}

/**
 * A VM whose memory ends soon and whose hashes follow from the seed; its output goes to `output`, a character per byte.
 */
export function createCheckedVm(output: string[], seed: number, options: VmOptions = {}): Vm {
  if (!isSelected) useCoreModule(new WebAssembly.Module(readFileSync('build/core.debug.wasm')));
  isSelected = true;
  const stdout = (bytes: Uint8Array): void => void output.push(Buffer.from(bytes).toString('latin1'));
  const environment = { ...createDefaultEnvironment(), entropy: () => seed };
  return createVm({ libraries: 'sandbox', memoryLimit: 64 << 20, environment, stdout, stderr: () => {}, ...options });
}

/** Collects at every allocation from now on. */
export function stress(vm: Vm): void {
  (machineOf(vm).core as unknown as CheckedCore).setCollectorStress(1);
}

/** What the heap checker says; undefined if all is well. */
export function heapProblem(vm: Vm): string | undefined {
  machineOf(vm).core.collectFull(0);
  const code = (machineOf(vm).core as unknown as CheckedCore).verifyHeap();
  return code === 0 ? undefined : `heap checker: ${code}`;
}

/** Runs something that may raise a Lua error. @returns what else went wrong: a trap, a failure of the engine. @param isStrict Lua errors, too */
export function engineFailure(action: () => void, isStrict = false): string | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof LuaError && !isStrict) return undefined;
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.stack?.split('\n').slice(0, 6).join(' | ')})` : '';
    return `${error instanceof Error ? error.message : error}${cause}`;
  }
  return undefined;
}

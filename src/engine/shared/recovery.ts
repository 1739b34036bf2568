/** What is done with a VM whose last holder is gone in the middle of an operation: ends what that ran, and sees whether the heap is sound. */
import { VM_BUDGET, VM_TIME_UNITS } from '../../bytecode/layout.ts';
import type { CoreExports } from '../core-module.ts';
import type { Memory } from '../memory.ts';

/** Units enough for the collector: nobody's program pays for it. */
const UNITS = 0x3fffffff;

/** Codes of verifyHeap: what is in use adds up to something else than was counted. So it is where a block was being taken or given back. */
const MISCOUNTED: readonly number[] = [111, 112];

/** @returns why the VM cannot be used any more; undefined if it can */
export function recover({ core, memory }: { readonly core: CoreExports; readonly memory: Memory }): string | undefined {
  memory.store(VM_BUDGET, UNITS);
  memory.store(VM_TIME_UNITS, 0);
  try {
    if (core.abandonRuns() === 0) return 'it was moving what belongs to a table, or freeing garbage';
    core.resetLoops();
    let code = core.verifyHeap();
    if (MISCOUNTED.includes(code)) {
      core.recount();
      code = core.verifyHeap();
    }
    if (code !== 0) return `heap checker: ${code}`;
    // What belongs to nobody any more goes now; a heap that bears a whole cycle is sound.
    core.collectFull(0);
    code = core.verifyHeap();
    return code === 0 ? undefined : `heap checker: ${code}, after a collection`;
  } catch (error) {
    return `heap checker: ${String(error)}`;
  }
}

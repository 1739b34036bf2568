/** Looks at the whole heap of a VM. */
import { machineOf, type Vm } from '../../../src/api/vm.ts';

/** @returns 0 if it is sound */
export const verifiedHeap = (vm: Vm): number => machineOf(vm).core.verifyHeap();

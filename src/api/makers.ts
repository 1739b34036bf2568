/** What makes VMs, for the entry points of the package. */
import { compileCore } from '../engine/core-module.ts';
import type { HostEnvironment } from '../hosts/environment.ts';
import { callHost } from './boundary.ts';
import type { Attachment } from './image/revive.ts';
import type { VmOptions } from './options.ts';
import { Vm } from './vm.ts';

/** What an entry point of the package offers to make VMs with. */
export interface VmMakers {
  /**
   * A new VM. Compiles the core on the calling thread the first time.
   * @throws MoontraceError bad-option
   */
  readonly createVm: (options?: VmOptions) => Vm;
  /** As `createVm`, but compiles the core off the calling thread: for the main thread of a browser. */
  readonly createVmAsync: (options?: VmOptions) => Promise<Vm>;
  /** A VM over a memory. @internal */
  readonly attachVm: (options: VmOptions, attachment: Attachment) => Vm;
}

/** @param createEnvironment makes the environment of VMs whose options have none */
export function vmMakers(createEnvironment: () => HostEnvironment): VmMakers {
  const createVm = (options?: VmOptions): Vm => new Vm(options, createEnvironment);
  return {
    createVm,
    attachVm: (options, attachment) => new Vm(options, createEnvironment, attachment),
    createVmAsync: async (options) => {
      if (callHost('bad-option', 'options', () => options?.core) === undefined) await compileCore();
      return createVm(options);
    },
  };
}

/** Entry point of the package `moontrace` on Node: the same, with files, clocks and standard streams of the process. */
import { createNodeEnvironment } from '../hosts/node/environment.ts';
import { workerThreads } from '../hosts/node/builtins.ts';
import { restorer } from './image/restore.ts';
import { sandboxMaker } from './sandbox.ts';
import type { RestoreOptions } from './image/options.ts';
import { type SharedPlatform, sharedPlatform } from './shared/shared-vm.ts';
import { vmMakers } from './makers.ts';
import type { Vm } from './vm.ts';

export * from './index.ts';
export { createFolderEnvironment, type FolderOptions } from '../hosts/node/folder.ts';
export { createNodeEnvironment };
const makers = vmMakers(createNodeEnvironment);
export const { createVm, createVmAsync } = makers;
/**
 * A VM as it was when the image was made (`Vm.snapshot`), with the calls that were under way (`Vm.executions`).
 * @throws MoontraceError bad-argument, bad-option; bad-image for damaged bytes, foreign-image for an image of another version, or with libraries that are not
 * allowed; not-portable with the names of what is missing; and what `load` of a class throws as cause
 */
export const restoreVm: (image: Uint8Array, options?: RestoreOptions) => Vm = restorer(makers.attachVm);
export const createSandbox = sandboxMaker(createVm);

Object.assign(sharedPlatform, { createEnvironment: createNodeEnvironment, thread: () => workerThreads().threadId } satisfies SharedPlatform);

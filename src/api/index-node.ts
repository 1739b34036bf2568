/** Entry point of the package `moontrace` on Node: the same, with files, clocks and standard streams of the process. */
import { createNodeEnvironment } from '../hosts/node/environment.ts';
import { restorer } from './image/restore.ts';
import { sandboxMaker } from './sandbox.ts';
import { vmMakers } from './vm.ts';

export * from './index.ts';
export { createNodeEnvironment };
const makers = vmMakers(createNodeEnvironment);
export const { createVm, createVmAsync } = makers;
export const restoreVm = restorer(makers.attachVm);
export const createSandbox = sandboxMaker(createVm);

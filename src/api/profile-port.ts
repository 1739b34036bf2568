/** The door to what watches a running VM, for the package's own tools. Apart from engine-port.ts: a script that only watches needs no engine of its own. */
export { MoontraceError } from '../engine/errors/errors.ts';
export type { Machine } from '../engine/machine.ts';
export * from '../engine/profile/profile.ts';
export type { JitReport, ReportedExit, ReportedFailure, ReportedTrace, ReportPlace, ReportReason } from '../engine/jit-report.ts';
export type { JitStats } from '../engine/jit-port.ts';
export { Sampler } from '../engine/profile/sampler.ts';
export { chunkTitle } from '../engine/profile/stack-reader.ts';
export { decodeText, fromByteString } from '../engine/text.ts';
export { VERSION } from './version.ts';

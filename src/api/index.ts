/** Entry point of the package `moontrace`. */
export { LuaError, type LuaErrorCode, MOONTRACE_ERRORS, MoontraceError, type MoontraceErrorCode } from './errors.ts';
export { createDefaultEnvironment, type HostEnvironment, HostFailure, type HostFile, type HostProcess, type ProcessEnd } from '../hosts/environment.ts';
export { Interrupt } from '../engine/state/interrupt.ts';
export type { CreateJit, JitOptions, JitPort, JitStats, TraceStats, VmInternals } from '../engine/jit-port.ts';
export type { LimitKind, LimitOptions } from '../engine/state/limits.ts';
export { type HostFunction, LuaFunction, type LuaInput, LuaReference, LuaTable, type LuaValue } from './handles.ts';
export { VERSION } from './version.ts';
export type { TableContent } from './table-content.ts';
export { createVm, createVmAsync, setDefaultEnvironment, Vm, type VmStats } from './vm.ts';
export type { VmOptions } from './options.ts';
export { type LibraryName, LIBRARY_NAMES, SANDBOX_LIBRARIES } from '../stdlib/index.ts';

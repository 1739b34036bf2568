/** Entry point of the package `moontrace`. */
import { createDefaultEnvironment } from '../hosts/environment.ts';
import { restorer } from './image/restore.ts';
import { sandboxMaker } from './sandbox.ts';
import type { RestoreOptions } from './image/options.ts';
import { vmMakers } from './makers.ts';
import type { Vm } from './vm.ts';

export { LuaError, type LuaErrorCode, type SyntaxLocation, MOONTRACE_ERRORS, MoontraceError, type MoontraceErrorCode } from '../engine/errors/errors.ts';
export { createDefaultEnvironment, type HostEnvironment, HostFailure, type HostFile, type HostProcess, type ProcessEnd } from '../hosts/environment.ts';
export { directoryStore } from '../hosts/browser/directory.ts';
export { indexedDbStore } from '../hosts/browser/indexed-db.ts';
export { createMemoryEnvironment, type FileChanges, type MemoryFiles, type MemoryFilesOptions } from '../hosts/memory-files.ts';
export { type FileStore, openStoredEnvironment, type StoredFiles } from '../hosts/stored-files.ts';
export { Interrupt } from '../engine/state/interrupt.ts';
export type { CreateJit, JitOptions, JitPort, JitStats, TraceStats } from '../engine/jit-port.ts';
export type { LimitKind, LimitOptions } from '../engine/state/limits.ts';
export type { CallOptions } from './calls/options.ts';
export type { LoadOptions } from './load/options.ts';
export type { ModuleFinder } from './load/modules.ts';
export { LuaCoroutine } from './calls/coroutine.ts';
export { LuaExecution, type StepResult } from './calls/execution.ts';
export { type AsyncLuaSequence, callLua, LuaRequest, type LuaSequence, yieldLua } from '../engine/run/host-generator.ts';
export { Sandbox, SANDBOX_LIMITS, type SandboxOptions, type SandboxScript } from './sandbox.ts';
export { type Caller, Contract, type ContractSchema, type FunctionSchema, type Implementation } from './contract.ts';
export type { InputOf, OutputOf, SchemaIssue, SchemaResult, StandardSchema } from './standard-schema.ts';
export { LuaCall, LuaCallable } from './handles/callable.ts';
export type { ClassOptions, FieldAccess, HostClass, InstanceFunction } from './classes/classes.ts';
export type { MissingItem, RegisteredClass, RestoreOptions, SnapshotOptions } from './image/options.ts';
export { type DecoratedClassOptions, luaClass, luaField, luaMetamethod, luaMethod } from './classes/decorators.ts';
export { compressImage, expandImage } from './image/compress.ts';
export { LuaFunction } from './handles/function.ts';
export { LuaReference } from './handles/reference.ts';
export { LuaTable } from './handles/table.ts';
export { LuaThread } from './handles/thread.ts';
export type { ToJsOptions } from './handles/to-js.ts';
export { LuaUserdata } from './handles/userdata.ts';
export type { Ticket } from './host-roots.ts';
export { type AttachOptions, type SharedOptions, SharedVm, type ThreadOptions, type WatchedWorker } from './shared/shared-vm.ts';
export type { SharedHandle } from './shared/handle.ts';
export { Results, results } from './values/markers.ts';
export type { HostFunction, HostObject, HostResult, LuaInput, LuaValue, NumericArray, TableContent } from './types.ts';
export { VERSION } from './version.ts';
export { Vm, type VmStats } from './vm.ts';
export type { VmOptions } from './options.ts';
export { type LibraryName, LIBRARY_NAMES, SANDBOX_LIBRARIES } from '../stdlib/library.ts';

const makers = vmMakers(createDefaultEnvironment);
export const { createVm, createVmAsync } = makers;
/**
 * A VM as it was when the image was made (`Vm.snapshot`), with the calls that were under way (`Vm.executions`).
 * @throws MoontraceError bad-argument, bad-option; bad-image for damaged bytes, foreign-image for an image of another version, or with libraries that are not
 * allowed; not-portable with the names of what is missing; and what `load` of a class throws as cause
 */
export const restoreVm: (image: Uint8Array, options?: RestoreOptions) => Vm = restorer(makers.attachVm);
export const createSandbox = sandboxMaker(createVm);

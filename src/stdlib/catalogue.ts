/**
 * THE catalogue: the library functions that are the host's, by name. A Lua value of one refers to it by its place in the list (BUILTIN_HANDLE) and by
 * nothing else, so it means the same function in any VM, also one of another process that runs this version of the package. A closure that the
 * embedder has given is none of them: it belongs to one VM, which knows it by a slot (HOST_CLOSURE).
 *
 * A name says which table a function goes into, as that of a builtin of the core does (builtin-table.ts): `io.open`, `load`; `internal.raise`, which only the
 * parts written in Lua see; `file.close`, a method of files; and those of metatables.
 */
import type { RawHostFunction } from '../engine/host-objects.ts';

export const HOST_FUNCTIONS = [
  'load', 'loadfile', 'warn',
  'internal.checkString', 'internal.raise', 'internal.companion',
  'package.searchpath', 'package.loadlib',
  'io.close', 'io.flush', 'io.input', 'io.open', 'io.output', 'io.popen', 'io.tmpfile', 'io.type', 'internal.checkFile', 'internal.openForReading',
  'file.close', 'file.flush', 'file.seek', 'file.setvbuf',
  'file metatable.__tostring', 'file metatable.__close', 'file metatable.__gc',
  'os.clock', 'os.date', 'os.difftime', 'os.execute', 'os.exit', 'os.getenv', 'os.remove', 'os.rename', 'os.setlocale', 'os.tmpname',
  'internal.currentTime', 'internal.checkTable', 'internal.joinTime',
  'debug.gethook', 'debug.getinfo', 'debug.getlocal', 'debug.getmetatable', 'debug.getregistry', 'debug.getupvalue', 'debug.getuservalue', 'debug.setcstacklimit',
  'debug.sethook', 'debug.setlocal', 'debug.setmetatable', 'debug.setupvalue', 'debug.setuservalue', 'debug.traceback', 'debug.upvalueid', 'debug.upvaluejoin',
  'internal.readCommand', 'internal.writeError',
  'object metatable.__tostring', 'error metatable.__tostring', 'error metatable.__concat',
  'internal.advance', 'internal.closeGenerator',
] as const;

export type HostFunctionName = (typeof HOST_FUNCTIONS)[number];

/** Implementations of some of them, for one VM. */
export type HostFunctions = Readonly<Partial<Record<HostFunctionName, RawHostFunction>>>;

/** Functions that change what compiled code relies on: no trace calls them. */
export const UNTRACED_FUNCTIONS: ReadonlySet<HostFunctionName> = new Set<HostFunctionName>(['debug.setlocal', 'debug.sethook', 'debug.upvaluejoin']);

/** The table and the field of a name. */
export function placeOf(name: string): readonly [table: string, field: string] {
  const dot = name.lastIndexOf('.');
  return [name.slice(0, Math.max(dot, 0)), name.slice(dot + 1)];
}

/** From an image to a VM: what the host's side had is made anew, in a machine over the memory that the image has. */
import type { CoreCell } from '../../engine/image/core-cell.ts';
import type { CoreExports } from '../../engine/core-module.ts';
import type { Memory } from '../../engine/memory.ts';
import { MoontraceError } from '../../engine/errors/errors.ts';
import type { FunctionOrigin, HeldFunction, HeldObject, RawHostFunction } from '../../engine/host-objects.ts';
import type { SharedStart } from '../../engine/machine-options.ts';
import { takeOver } from '../../engine/image/take-over.ts';
import type { SavedCode } from '../../engine/jit-port.ts';
import type { Machine } from '../../engine/machine.ts';
import { Execution } from '../../engine/run/execution.ts';
import { encodeText, toByteString } from '../../engine/text.ts';
import { HostFailure, type HostFile } from '../../hosts/environment.ts';
import type { Streams } from '../../stdlib/streams.ts';
import { callHost } from '../boundary.ts';
import { LuaExecution } from '../calls/execution.ts';
import type { ClassPlan } from '../classes/classes.ts';
import type { HostFunction } from '../types.ts';
import type { Values } from '../values/values.ts';
import type { MissingItem } from './options.ts';
import type { Installed, Manifest, SavedFunction, SavedObject } from './manifest.ts';

/** What the new host has for an image. */
export interface Supply {
  functionOf(saved: SavedFunction): HostFunction | undefined;
  /** The object itself, if it stays the same. */
  objectOf(saved: SavedObject): object | undefined;
  /** @returns what takes its place; undefined for nothing */
  readonly onMissing: ((item: MissingItem) => unknown) | undefined;
  readonly classes: readonly ClassPlan[];
}

export interface RevivedParts {
  readonly machine: Machine;
  readonly values: Values;
  readonly streams: Streams;
}

/** @param code that was compiled @returns calls that go on @throws MoontraceError not-portable with what is missing, bad-image */
export function revive({ machine, values, streams }: RevivedParts, manifest: Manifest, supply: Supply, code?: SavedCode | Uint8Array): LuaExecution[] {
  takeOver(machine, manifest, code);
  const missing: string[] = [];
  const own = new Map<string, RawHostFunction>();
  for (const plan of supply.classes) for (const [name, raw] of values.classes.attach(plan)) own.set(name, raw);
  for (const [name, raw] of values.live.attach()) own.set(name, raw);
  const ask = (item: MissingItem): unknown => {
    const found = callHost('bad-value', 'onMissing', () => supply.onMissing?.(item));
    if (found === undefined || found === null) missing.push(item.kind === 'object' ? `an object of the class ${item.name}` : `the ${item.kind} ${item.name === '' ? 'without a name' : item.name}`);
    return found;
  };
  const functions = manifest.functions.map((saved): [number, HeldFunction] => {
    const ownFunction = own.get(saved.name);
    if (ownFunction !== undefined) return [saved.slot, { implementation: ownFunction, builtin: saved.builtin, name: saved.name } satisfies HeldFunction & FunctionOrigin];
    const given = supply.functionOf(saved) ?? ask({ kind: 'function', name: saved.name });
    const implementation = typeof given === 'function' ? (given as HostFunction) : () => undefined;
    return [saved.slot, values.attachFunction(implementation, saved.builtin, saved.name)];
  });
  const reviveFile = (saved: SavedObject): HeldObject => {
    const isClosed = saved.data === true;
    const source = isClosed ? undefined : (ask({ kind: 'file', name: saved.name }) as HostFile | undefined);
    const { stream, onRelease } = streams.revive(saved.userdata, source, toByteString(encodeText(saved.name)));
    return { object: stream, users: saved.users, userdata: 0, type: undefined, onRelease };
  };
  const objects = manifest.objects.map((saved): [number, HeldObject] => {
    if (saved.kind === 'file') return [saved.handle, reviveFile(saved)];
    const object = saved.kind === 'gone' ? undefined : (supply.objectOf(saved) ?? loadObject(values, saved) ?? ask({ kind: 'object', name: saved.name }));
    return [saved.handle, { object, users: saved.users, userdata: typeof object === 'object' && object !== null ? saved.userdata : 0, type: undefined, onRelease: undefined }];
  });
  if (missing.length > 0) throw new MoontraceError('not-portable', `this host has not got ${missing.join('; ')}`);
  machine.hostObjects.adopt(functions, objects);
  for (const [, { object, userdata }] of objects) if (userdata !== 0) values.live.adopt(object as object, userdata);
  return manifest.executions.map((saved) => new LuaExecution(machine, new Execution(machine, machine.limits.allow(saved.allowance), saved), {}, true));
}

function loadObject(values: Values, { kind, name, data }: SavedObject): object | undefined {
  if (kind === 'error') return Object.assign(name === 'HostFailure' ? new HostFailure(String(data), 0) : new Error(String(data)), { name });
  const plan = kind === 'object' ? values.classes.named(name) : undefined;
  if (plan?.load === undefined) return undefined;
  const { load } = plan;
  const saved = data as { readonly bytes?: readonly number[]; readonly json?: unknown };
  const object = callHost('bad-value', `load of ${name}`, () => load(saved.bytes === undefined ? saved.json : Uint8Array.from(saved.bytes)));
  if (!(object instanceof plan.type)) throw new MoontraceError('bad-value', `load of ${name}: an instance expected`);
  return object;
}

/** What a VM is made over, in place of an empty memory. @internal */
export interface Attachment {
  /** Its memory has a state. None: `shared` has the memory. */
  readonly cell?: CoreCell;
  readonly installed: Installed;
  /** Units left. */
  readonly fuel?: number | undefined;
  /** Looks at the memory before anything else does. */
  readonly check?: (core: CoreExports, memory: Memory) => void;
  /** For one of several machines over the memory (shared/shared-vm.ts). */
  readonly shared?: SharedStart;
  /** Makes what the host's side had. @returns calls that go on */
  readonly revive: (parts: RevivedParts) => LuaExecution[];
}

/** From a VM to an image: what of the host's side goes with the memory, and what cannot. */
import { MoontraceError } from '../../engine/errors/errors.ts';
import { isBytes, isHostError, textOfHost } from '../../engine/host-values.ts';
import { decodeImage, encodeImage } from '../../engine/image/format.ts';
import { LayeredPages, readPages } from '../../engine/image/pages.ts';
import type { Machine } from '../../engine/machine.ts';
import type { SavedExecution } from '../../engine/run/execution.ts';
import { decodeText, fromByteString } from '../../engine/text.ts';
import { Stream } from '../../stdlib/streams.ts';
import { perform, callHost } from '../boundary.ts';
import type { Values } from '../values/values.ts';
import { checkSnapshotOptions, type SnapshotOptions } from './options.ts';
import { identity, type Installed, type Manifest, type SavedFunction, type SavedObject } from './manifest.ts';

/** A VM, as far as an image is concerned. */
export interface VmParts {
  readonly machine: Machine;
  readonly values: Values;
  readonly installed: Installed;
  readonly isOwnCore: boolean;
}

/** What of the host's side there is, and how it is called that cannot travel. */
interface Inventory {
  readonly functions: readonly SavedFunction[];
  readonly objects: readonly SavedObject[];
  readonly unportable: readonly string[];
}

/** @param sharesHost it stays in this process: functions are found by their slot, objects without `save` are the same */
export function takeInventory({ machine, values }: VmParts, sharesHost: boolean): Inventory {
  const unportable: string[] = [];
  const { functions: held, objects: lent } = machine.hostObjects;
  const names = new Map<string, unknown>();
  const functions = held.map(([slot, { name, source, builtin }]): SavedFunction => {
    const shown = name ?? nameOfSource(source);
    const isTaken = names.has(shown) && names.get(shown) !== source;
    names.set(shown, source);
    if (!sharesHost && (shown === '' || isTaken)) unportable.push(shown === '' ? 'a function without a name' : `the function ${shown}: there is another one of that name`);
    return { slot, builtin, name: shown };
  });
  const objects = lent.flatMap(([handle, { object, users, userdata }]): SavedObject[] => {
    if (object instanceof Stream) {
      if (object.isStandard) return [];
      const saved = { handle, users, userdata: object.file, kind: 'file', name: decodeText(fromByteString(object.name)), data: object.isClosed } as const;
      if (!object.isClosed) unportable.push(`the open file ${saved.name}`);
      return [saved];
    }
    if (object === undefined) return [{ handle, users, userdata, kind: 'gone', name: '' }];
    const common = { handle, users, userdata };
    const plan = values.classes.classOf(object as object);
    if (plan?.plan.save !== undefined) {
      const { save } = plan.plan;
      return [{ ...common, kind: 'object', name: plan.key, data: packed(callHost('bad-value', `save of ${plan.key}`, () => save(object as object)), plan.key) }];
    }
    if (isHostError(object)) return [{ ...common, kind: 'error', name: nameOfSource(object) || 'Error', data: textOfHost(object) }];
    const name = classNameOf(object as object);
    if (!sharesHost) unportable.push(`an object of the class ${name}${plan === undefined ? '' : ', which has no save'}`);
    return [{ ...common, kind: 'left', name }];
  });
  return { functions, objects, unportable };
}

function nameOfSource(source: unknown): string {
  try {
    const { name } = source as { readonly name: unknown };
    return typeof name === 'string' ? name : '';
  } catch {
    return '';
  }
}

function classNameOf(object: object): string {
  try {
    return nameOfSource(object.constructor) || 'Object';
  } catch {
    return 'Object';
  }
}

/** As JSON can have it: bytes as text. @throws MoontraceError bad-value */
function packed(data: unknown, name: string): unknown {
  if (data instanceof Uint8Array) return { bytes: Array.from(data) };
  const text = callHost('bad-value', `save of ${name}`, () => JSON.stringify(data));
  if (text === undefined && data !== undefined) throw new MoontraceError('bad-value', `save of ${name}: JSON or bytes expected`);
  return { json: text === undefined ? undefined : (JSON.parse(text) as unknown) };
}

/** Calls that have not come to their end. */
function saveExecutions({ suspended }: Machine): SavedExecution[] {
  return [...suspended].flatMap((execution) => execution.save() ?? []);
}

/** What a VM has besides its memory. */
export function describe(parts: VmParts, inventory: Inventory): Manifest {
  const { machine, values, installed, isOwnCore } = parts;
  const { fuel } = machine.limits;
  return {
    ...identity(isOwnCore), installed,
    functions: inventory.functions, objects: inventory.objects, executions: saveExecutions(machine),
    ...(fuel !== Number.POSITIVE_INFINITY && { fuel }), blocks: machine.jit.blocks(), charged: values.handles.charged,
  };
}

/** Nobody is in the middle of anything. @throws MoontraceError busy */
export function checkAtRest({ access, isRunning }: Machine): void {
  access.checkOpen();
  if (isRunning || access.depth > 0) throw new MoontraceError('busy', 'Lua is running: what is on the stack of the host cannot be part of an image');
}

/** Reads the memory of a VM. @throws MoontraceError core-failure where that is not sound */
export function reading<Result>({ access }: Machine, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    throw error instanceof WebAssembly.RuntimeError ? access.fail('the memory is not sound', error) : error;
  }
}

/** @throws MoontraceError busy, not-portable, bad-option, bad-image */
export function takeSnapshot(parts: VmParts, given?: SnapshotOptions): Uint8Array<ArrayBuffer> {
  const { machine } = parts;
  const { since, unportable = 'refuse', code: withCode = false } = checkSnapshotOptions(given);
  checkAtRest(machine);
  const images = since === undefined ? undefined : (isBytes(since) ? [since] : since).map(decodeImage);
  let inventory = takeInventory(parts, false);
  if (inventory.unportable.length > 0 && unportable === 'refuse') {
    // Garbage may be all that it is.
    perform(machine, () => {
      machine.values.releaseDead();
      machine.core.collectFull(0);
    });
    inventory = takeInventory(parts, false);
    if (inventory.unportable.length > 0) throw new MoontraceError('not-portable', inventory.unportable.join('; '));
  }
  const code = withCode ? machine.jit.saveCode()?.toBytes() : undefined;
  const manifest = describe(parts, inventory);
  const { size } = machine.memory;
  const base = images?.at(-1);
  if (images === undefined || base === undefined) return encodeImage(manifest, reading(machine, () => readPages(machine)), size, { code });
  const { pages, zeroed } = reading(machine, () => new LayeredPages(images).differences(machine));
  return encodeImage(manifest, pages, size, { delta: { base: base.sum, zeroed }, code });
}

/** What images are made and taken with. */
import { isBytes } from '../../engine/host-values.ts';
import { checkOptions, isBoolean, isFunction, isObject, type OptionChecks } from '../check-options.ts';
import type { ClassOptions, HostClass } from '../classes/classes.ts';
import { VM_CHECKS, type VmOptions } from '../options.ts';

export interface SnapshotOptions {
  /** An image, or one and the deltas to it, of which what is the same is left out: the result is a delta, for `restoreVm(image, { deltas })`. */
  readonly since?: Uint8Array | readonly Uint8Array[];
  /**
   * What becomes of what cannot travel (functions without a name, open files, objects whose class has no `save`): `'refuse'` (default), or `'leave'`: it is asked for
   * when the image is restored (`RestoreOptions.onMissing`).
   */
  readonly unportable?: 'refuse' | 'leave';
  /** Whether compiled code goes along, for a VM with the same JIT. Default: false. */
  readonly code?: boolean;
}

const isBytesList = (value: unknown): boolean => (Array.isArray(value) ? value.length > 0 && value.every(isBytes) : isBytes(value));

const SNAPSHOT_CHECKS: OptionChecks<SnapshotOptions> = {
  since: (value) => (isBytesList(value) ? undefined : 'an image, or an array of one and its deltas, expected'),
  unportable: (value) => (value === 'refuse' || value === 'leave' ? undefined : "'refuse' or 'leave' expected"),
  code: isBoolean,
};

/** @throws MoontraceError bad-option */
export const checkSnapshotOptions = (given: unknown): SnapshotOptions => checkOptions(given, SNAPSHOT_CHECKS);

/** What an image asks for that its new host has not got. */
export interface MissingItem {
  readonly kind: 'function' | 'object' | 'file';
  /** The function's name, the object's class, the file's path. */
  readonly name: string;
}

/** A class and its options, as `Vm.register` takes them, which checked them then. */
export type RegisteredClass = readonly [type: HostClass, options: { readonly [Name in keyof ClassOptions<object>]?: unknown }];

export interface RestoreOptions extends Omit<VmOptions, 'libraries' | 'without'> {
  /** Libraries that the image may have: one that has others is refused. All by default. */
  readonly libraries?: NonNullable<VmOptions['libraries']>;
  /** Functions of the host's, by the names they travel by: `{ log, fs: { read } }` for `log` and `fs.read`. */
  readonly modules?: Readonly<Record<string, unknown>>;
  /** The classes that were registered, in the same order. */
  readonly classes?: readonly RegisteredClass[];
  /** Gives what takes the place of what `modules` and `classes` have not got, and of what was left behind: a function, an object, a HostFile. */
  readonly onMissing?: (item: MissingItem) => unknown;
  /** Deltas to be put on the image, in the order they were made. */
  readonly deltas?: readonly Uint8Array[];
  /** Whether the JIT goes on with compiled code that the image has. Default: true. */
  readonly code?: boolean;
}

const { without: _, ...OPTIONS_OF_VMS } = VM_CHECKS;
const RESTORE_CHECKS: OptionChecks<RestoreOptions> = {
  ...OPTIONS_OF_VMS,
  modules: (value) => (isObject(value) ? undefined : 'an object expected'),
  classes: (value) => (Array.isArray(value) && value.every((item) => Array.isArray(item) && item.length === 2) ? undefined : 'an array of classes with their options expected'),
  onMissing: isFunction,
  deltas: (value) => (Array.isArray(value) && value.every(isBytes) ? undefined : 'an array of deltas expected'),
  code: isBoolean,
};

/** @throws MoontraceError bad-option */
export const checkRestoreOptions = (given: unknown): RestoreOptions => checkOptions(given, RESTORE_CHECKS);

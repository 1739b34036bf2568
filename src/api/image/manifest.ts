/** What an image says besides the pages of memory: whose it is, and what the host's side had. Written as JSON. */
import { MoontraceError } from '../../engine/errors/errors.ts';
import { CORE_HASH } from '../../engine/generated/core-hash.ts';
import type { SavedExecution } from '../../engine/run/execution.ts';
import { HOST_FUNCTIONS } from '../../stdlib/catalogue.ts';
import { LIBRARY_NAMES, type LibraryName } from '../../stdlib/library.ts';

/** How libraries were installed. */
export interface Installed {
  readonly libraries: readonly LibraryName[];
  readonly isSandbox: boolean;
  readonly binaryChunks: boolean;
  readonly without: readonly string[];
}

/** A function of the embedder's. */
export interface SavedFunction {
  readonly slot: number;
  readonly builtin: number;
  /** The name it travels by. */
  readonly name: string;
}

/** An object of the host's behind a handle. */
export interface SavedObject {
  readonly handle: number;
  readonly users: number;
  /** What stands for it in Lua; 0 for none any more. */
  readonly userdata: number;
  /** object: of a class, with what its `save` gave; error: an exception; file; gone: none any more; left: what could not travel */
  readonly kind: 'object' | 'error' | 'file' | 'gone' | 'left';
  /** Of the class, or what it was. */
  readonly name: string;
  readonly data?: unknown;
}

export interface Manifest {
  readonly core: string;
  readonly dialect: string;
  /** The library functions of the host, which the memory knows by number. */
  readonly catalogue: string;
  readonly installed: Installed;
  readonly functions: readonly SavedFunction[];
  readonly objects: readonly SavedObject[];
  readonly executions: readonly SavedExecution[];
  /** Units left; undefined if it is not limited. */
  readonly fuel?: number | undefined;
  readonly blocks: readonly (readonly [address: number, size: number])[];
  readonly charged: number;
}

const DIALECT = 'Lua 5.4';
const CATALOGUE = HOST_FUNCTIONS.join(' ');

/** Whose images this package makes, and takes. @param isOwnCore whether the VM runs the core of the package */
export const identity = (isOwnCore: boolean): Pick<Manifest, 'core' | 'dialect' | 'catalogue'> => ({ core: isOwnCore ? CORE_HASH : 'another build', dialect: DIALECT, catalogue: CATALOGUE });

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isFlag: Check = (value) => typeof value === 'boolean';
const isWord: Check = (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;
const isAmount: Check = (value) => value === undefined || (typeof value === 'number' && Number.isFinite(value));
const isOneOf = (...items: readonly unknown[]): Check => (value) => items.includes(value);
const isList = (check: Check): Check => (value) => Array.isArray(value) && value.every(check);
const hasFields = (checks: Readonly<Record<string, Check>>): Check => (value) =>
  typeof value === 'object' && value !== null && Object.entries(checks).every(([name, check]) => check((value as Readonly<Record<string, unknown>>)[name]));

const isManifest = hasFields({
  core: isText, dialect: isText, catalogue: isText, fuel: isAmount, charged: isWord,
  installed: hasFields({ libraries: isList(isOneOf(...LIBRARY_NAMES)), isSandbox: isFlag, binaryChunks: isFlag, without: isList(isText) }),
  functions: isList(hasFields({ slot: isWord, builtin: isWord, name: isText })),
  objects: isList(hasFields({ handle: isWord, users: isWord, userdata: isWord, kind: isOneOf('object', 'error', 'file', 'gone', 'left'), name: isText })),
  executions: isList(hasFields({
    root: isWord, thread: isWord, state: isOneOf('fresh', 'waiting', 'paused'), count: isWord, stop: isOneOf(undefined, 'abort', 'timeout'),
    allowance: hasFields({ fuel: isAmount, timeout: isAmount, wallTimeout: isAmount, outputLimit: isAmount }),
  })),
  blocks: (value) => isList(isList(isWord))(value) && (value as readonly unknown[][]).every(({ length }) => length === 2),
});

/** @throws MoontraceError bad-image, foreign-image */
export function checkManifest(value: unknown, isOwnCore: boolean): Manifest {
  const own = identity(isOwnCore);
  const given = value as Partial<Manifest> | null;
  if (typeof given === 'object' && given !== null) {
    if (typeof given.dialect === 'string' && given.dialect !== own.dialect) throw new MoontraceError('foreign-image', `it is ${given.dialect}, this is ${own.dialect}`);
    if (typeof given.core === 'string' && given.core !== own.core) throw new MoontraceError('foreign-image', `it was made by another version: its core is ${given.core}, this is ${own.core}`);
    if (typeof given.catalogue === 'string' && given.catalogue !== own.catalogue) throw new MoontraceError('foreign-image', 'it was made by another version, with other library functions');
  }
  if (!isManifest(value)) throw new MoontraceError('bad-image', 'its manifest is not in order');
  return value as Manifest;
}

/** What a host-side library works with. */
import type { Machine } from '../engine/machine.ts';
import type { Arguments } from './arguments.ts';
import type { Streams } from './streams.ts';

/** @internal */
export interface LibraryContext {
  readonly machine: Machine;
  readonly args: Arguments;
  readonly streams: Streams;
  /** Whether os.exit ends the process. */
  readonly exitsProcess: boolean;
}

/** Libraries by name; 'base' is the basic one. The order is that of lua's linit.c. */
export const LIBRARY_NAMES = ['base', 'package', 'coroutine', 'table', 'io', 'os', 'string', 'math', 'utf8', 'debug'] as const;
export type LibraryName = (typeof LIBRARY_NAMES)[number];

/** Libraries that cannot touch the outside world or the VM's insides. */
export const SANDBOX_LIBRARIES: readonly LibraryName[] = ['base', 'coroutine', 'table', 'string', 'math', 'utf8'];

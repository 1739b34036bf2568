/** What a host-side library is, and what it works with. */
import type { RawHostFunction } from '../engine/host-objects.ts';
import type { Machine } from '../engine/machine.ts';
import type { Arguments } from './arguments.ts';
import type { Streams } from './streams.ts';

export interface LibraryContext {
  readonly machine: Machine;
  readonly args: Arguments;
  readonly streams: Streams;
}

/** Functions of a library by name. */
export type LibraryFunctions = Readonly<Record<string, RawHostFunction>>;

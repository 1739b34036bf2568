/** What the recorder of a builtin is, and what it works on. */
import type { Recording } from '../core/recording.ts';
import type { Value } from '../core/value.ts';

/** An argument: its value, and where it is now. */
export interface Argument {
  readonly value: Value;
  readonly slot: number;
}

/** What a builtin's recorder works on. */
export interface BuiltinArguments {
  readonly func: number;
  readonly count: number;
  readonly wanted: number;
  /** @param n from 0; there must be such an argument */
  at(n: number): Argument;
}

/**
 * Records a builtin. @returns its results; or a function that yields them once the call was executed (when they depend on what it did);
 * or undefined if it cannot be replaced with these arguments
 */
export type BuiltinRecorder = (r: Recording, args: BuiltinArguments) => readonly Value[] | (() => readonly Value[]) | undefined;

/** Recorders by the builtin's full name. */
export type BuiltinRecorders = Readonly<Record<string, BuiltinRecorder>>;

/**
 * The exits of a fragment. Their stores are most of a trace's code: each exit has to store what the trace has changed so far, and an exit mostly says what an earlier one
 * says and a little more. So it stores the little more, and goes on in the earlier one's stores.
 */
import type { Trace } from '../ir/trace.ts';
import type { Label } from '../wasm/function-builder.ts';
import type { SlotState, SlotValue } from './slot-state.ts';

/** An exit block of a fragment. */
export interface FragmentExit {
  readonly kind: 'guard' | 'budget';
  readonly snapshot: number;
  /** Slots that differ from memory and slot locals where the exit is taken, from before the fragment. */
  readonly state: SlotState;
  /** All slots that differ. */
  readonly there: SlotState;
  /** The trace it goes on in, instead of leaving the function. */
  readonly side: Trace | undefined;
  label: Label | undefined;
  /** The exit whose stores this one goes on with, and those in front of them. */
  base: FragmentExit | undefined;
  own: SlotState;
  /** Other exits go on in its stores, where this block ends. */
  isBase: boolean;
  join: Label | undefined;
}

export function newExit(kind: FragmentExit['kind'], snapshot: number, state: SlotState, there: SlotState, side: Trace | undefined): FragmentExit {
  return { kind, snapshot, state, there, side, label: undefined, base: undefined, own: there, isBase: false, join: undefined };
}

/** Finds an earlier exit for each whose stores are part of its own. */
export function shareStores(exits: readonly FragmentExit[]): void {
  let last: FragmentExit | undefined;
  for (const exit of exits) {
    if (exit.kind !== 'guard' || exit.side !== undefined) continue;
    for (let base = last; base !== undefined && exit.base === undefined; base = base.base) {
      if (base.there.size > 0 && isPartOf(base.there, exit.there)) setBase(exit, base);
    }
    last = exit;
  }
}

function setBase(exit: FragmentExit, base: FragmentExit): void {
  base.isBase = true;
  exit.base = base;
  exit.own = new Map([...exit.there].filter(([slot]) => !base.there.has(slot)));
}

function isPartOf(part: SlotState, whole: SlotState): boolean {
  if (part.size > whole.size) return false;
  for (const [slot, value] of part) if (!areSame(value, whole.get(slot))) return false;
  return true;
}

const areSame = (left: SlotValue, right: SlotValue | undefined): boolean => right !== undefined && left.source === right.source && left.ref === right.ref && left.tag === right.tag;

/**
 * The exits of a fragment. Their stores are most of a trace's code: each exit has to store what the trace has changed so far, and an exit mostly says what an earlier one
 * says and a little more. So it stores the little more, and goes on in the earlier one's stores.
 */
import { ExitKind } from '../generated/ir-tables';
import { Trace } from '../ir/trace';
import { Label, NO_LABEL } from '../wasm/function-builder';
import { SlotState } from './slot-state';
import { Work } from './value-plan';

/** An exit block of a fragment. */
export class FragmentExit {
  label: Label = NO_LABEL;
  /** The exit whose stores this one goes on with, and those in front of them. */
  base: FragmentExit | null = null;
  own: SlotState;
  /** Other exits go on in its stores, where this block ends. */
  isBase: bool = false;
  join: Label = NO_LABEL;
  /** What was done on the way here since the budget was looked at last. */
  passed: Work = new Work();

  constructor(
    /** ExitKind.GUARD or BUDGET */
    public kind: i32,
    public snapshot: i32,
    /** Slots that differ from memory and slot locals where the exit is taken, from before the fragment. */
    public state: SlotState,
    /** All slots that differ. */
    public there: SlotState,
    /** The trace it goes on in, instead of leaving the function. */
    public side: Trace | null,
  ) {
    this.own = there;
  }

  setBase(base: FragmentExit): void {
    base.isBase = true;
    this.base = base;
    this.own = this.there.without(base.there);
  }
}

/** Finds an earlier exit for each whose stores are part of its own. */
export function shareStores(exits: Array<FragmentExit>): void {
  let last: FragmentExit | null = null;
  for (let i = 0; i < exits.length; i++) {
    const exit = exits[i];
    if (exit.kind != ExitKind.GUARD || exit.side !== null) continue;
    let base = last;
    while (base !== null && exit.base === null) {
      if (base.there.size > 0 && base.there.isPartOf(exit.there)) exit.setBase(base);
      base = base.base;
    }
    last = exit;
  }
}

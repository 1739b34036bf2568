/**
 * Dead store elimination: a store whose place is certainly overwritten before anything can see it. Exits need memory in sync, so anything
 * that may leave the trace, call out or read the class of memory lies in between as an observer; so does the end of a loop iteration.
 *
 * One backward walk with the overwriting stores seen since the last observer, per class. Places are compared by their references, not by
 * alias analysis: the builder has already given equal places equal references.
 */
import type { AliasClass } from '../ir/ir-table.ts';
import { OPERATIONS } from '../ir/operations.ts';
import type { Instruction, Trace } from '../ir/trace.ts';
import { remove } from './dead-code.ts';

export function eliminateDeadStores(trace: Trace): void {
  const overwritten = new Map<AliasClass, Set<string>>();
  for (let ref = trace.instructions.length - 1; ref >= 0; ref--) {
    const instruction = trace.instructions[ref]!;
    const { effect, alias } = OPERATIONS[instruction.op];
    if (instruction.snapshot >= 0 || effect === 'call' || effect === 'guard' || instruction.op === 'LOOP') overwritten.clear();
    else if (effect === 'load') overwritten.delete(alias!);
    else if (effect === 'store' && alias !== undefined) {
      const place = placeOf(instruction);
      const places = overwritten.get(alias) ?? new Set();
      if (places.has(place)) remove(instruction);
      else overwritten.set(alias, places.add(place));
    }
  }
}

/** What a store writes to, as a key within its class. */
function placeOf({ op, a, b, c, immediate }: Instruction): string {
  switch (op) {
    case 'ASTORE':
      return `${a} ${b}`;
    case 'ATAGSTORE':
      return `${a} ${b} ${c}`;
    case 'RSTORE':
      return `${immediate}`;
    default:
      return `${a} ${immediate}`;
  }
}

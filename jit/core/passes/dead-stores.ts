/**
 * Dead store elimination: a store whose place is certainly overwritten before anything can see it. Exits need memory in sync, so anything
 * that may leave the trace, call out or read the class of memory lies in between as an observer; so does the end of a loop iteration.
 *
 * One backward walk with the overwriting stores seen since the last observer, per class. Places are compared by their references, not by
 * alias analysis: the builder has already given equal places equal references.
 */
import { aliasOf, Effect, effectOf, NO_ALIAS, Op } from '../generated/ir-tables';
import { Instruction, Trace } from '../ir/trace';
import { remove } from './dead-code';

/** Number of classes of memory (Alias). */
const CLASSES: i32 = 9;

export function eliminateDeadStores(trace: Trace): void {
  const overwriting = new Overwriting();
  for (let ref = trace.instructions.length - 1; ref >= 0; ref--) {
    const instruction = trace.instructions[ref];
    const op = instruction.op;
    const effect = effectOf(op);
    const alias = aliasOf(op);
    if (instruction.snapshot >= 0 || effect == Effect.CALL || effect == Effect.GUARD || op == Op.LOOP) overwriting.clear();
    else if (effect == Effect.LOAD) overwriting.clearClass(alias);
    else if (effect == Effect.STORE && alias != NO_ALIAS) {
      if (overwriting.has(alias, instruction)) remove(instruction);
      else overwriting.add(alias, instruction);
    }
  }
}

/** The stores since the last observer, by class. */
class Overwriting {
  private stores: StaticArray<Array<Instruction>> = new StaticArray<Array<Instruction>>(CLASSES);
  private isEmpty: bool = true;

  constructor() {
    for (let alias = 0; alias < CLASSES; alias++) this.stores[alias] = [];
  }

  has(alias: i32, store: Instruction): bool {
    const stores = this.stores[alias];
    for (let index = 0; index < stores.length; index++) if (samePlace(stores[index], store)) return true;
    return false;
  }

  add(alias: i32, store: Instruction): void {
    this.stores[alias].push(store);
    this.isEmpty = false;
  }

  clearClass(alias: i32): void {
    this.stores[alias].length = 0;
  }

  clear(): void {
    if (this.isEmpty) return;
    for (let alias = 0; alias < CLASSES; alias++) this.stores[alias].length = 0;
    this.isEmpty = true;
  }
}

/** Do two stores of one class, hence of one operation, write to the same place? */
function samePlace(left: Instruction, right: Instruction): bool {
  switch (left.op) {
    case Op.ASTORE:
      return left.a == right.a && left.b == right.b;
    case Op.ATAGSTORE:
      return left.a == right.a && left.b == right.b && left.c == right.c;
    case Op.RSTORE:
      return left.immediate == right.immediate;
    default:
      return left.a == right.a && left.immediate == right.immediate;
  }
}

/** Appends to a trace what it is told, instruction by instruction: a recording without any passes. */
import { ConstantPool } from '../../../jit/ir/constant-pool.ts';
import { Helper, type HelperName } from '../../../jit/ir/helper-table.ts';
import type { IROpName, IRType } from '../../../jit/ir/ir-table.ts';
import { helperAt, OPERATIONS } from '../../../jit/ir/operations.ts';
import { type Instruction, type IRRef, NONE, type Snapshot } from '../../../jit/ir/trace.ts';

export class PlainBuilder extends ConstantPool {
  #makeSnapshot: (() => Snapshot) | undefined;
  #snapshot = -1;

  /** Sets what makes the snapshot of the following exits, once the first of them is emitted. */
  setSnapshotSource(make: () => Snapshot): void {
    this.#makeSnapshot = make;
    this.#snapshot = -1;
  }

  emit(op: IROpName, type: IRType, a: IRRef = NONE, b: IRRef = NONE, c: IRRef = NONE, immediate = 0, immediate2 = 0): IRRef {
    return this.#append({ op, type, a, b, c, immediate, immediate2, args: [], snapshot: -1 }, OPERATIONS[op].exits === 'yes');
  }

  /** For operations that may exit and here do. */
  emitExiting(op: IROpName, type: IRType, a: IRRef = NONE, b: IRRef = NONE, c: IRRef = NONE, immediate = 0, immediate2 = 0): IRRef {
    return this.#append({ op, type, a, b, c, immediate, immediate2, args: [], snapshot: -1 }, true);
  }

  call(helper: HelperName, ...args: IRRef[]): IRRef {
    const immediate = Helper[helper];
    return this.#append({ op: 'CALL', type: helperAt(immediate).result, a: NONE, b: NONE, c: NONE, immediate, immediate2: 0, args, snapshot: -1 }, false);
  }

  guard(condition: IRRef, expected: boolean): IRRef {
    return this.emit(expected ? 'GUARD' : 'GUARDN', 'void', condition);
  }

  #append(instruction: Instruction, exits: boolean): IRRef {
    if (exits) {
      if (this.#snapshot < 0) this.#snapshot = this.trace.snapshots.push(this.#makeSnapshot!()) - 1;
      instruction.snapshot = this.#snapshot;
    }
    return this.trace.instructions.push(instruction) - 1;
  }
}

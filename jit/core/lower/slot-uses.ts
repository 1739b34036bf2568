/** How the traces of a function use the slots that its roots load: what their slot locals must be like. */
import { Op, Type } from '../generated/ir-tables';
import { Trace } from '../ir/trace';

export class SlotUses {
  slots: Array<i32> = [];
  /** Of each: are all its uses floats? */
  isFloat: Array<bool> = [];
  /** Of each: does a jump write it? */
  isWritten: Array<bool> = [];

  addLoads(root: Trace): void {
    const instructions = root.instructions;
    for (let i = 0; i < instructions.length; i++) {
      const instruction = instructions[i];
      if (instruction.op != Op.SLOAD) continue;
      const isFloat = instruction.type == Type.F64;
      const at = this.slots.indexOf(instruction.immediate);
      if (at >= 0) this.isFloat[at] = isFloat && this.isFloat[at];
      else {
        this.slots.push(instruction.immediate);
        this.isFloat.push(isFloat);
        this.isWritten.push(false);
      }
    }
  }

  /** @param types of what is written, by slot */
  addWrites(types: Map<i32, i32>): void {
    const written = types.keys();
    for (let i = 0; i < written.length; i++) {
      const at = this.slots.indexOf(written[i]);
      if (at < 0) continue;
      const type = types.get(written[i]);
      this.isWritten[at] = true;
      if (type != Type.F64 && type != Type.VOID) this.isFloat[at] = false;
    }
  }
}

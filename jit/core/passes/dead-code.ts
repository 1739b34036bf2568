/**
 * Dead code elimination: what neither has an effect nor is needed by something that has. One walk over the uses from the instructions with
 * effects and the snapshots of exits; everything not reached becomes NOP, snapshots that no exit uses are dropped and the others numbered anew.
 *
 * A PHI is needed if the loop body (or another PHI that is needed) uses its value; that the pre-roll uses its left operand is no reason. So a
 * reference is visited in up to two roles: as used at all, and as used from inside the loop.
 *
 * References keep their numbers: NOPs stay in place. A trace is short, and renumbering would touch every operand for nothing.
 */
import { Op, Type } from '../generated/ir-tables';
import { hasEffect } from '../ir/operations';
import { Instruction, Link, NO_REFS, NONE, Ref, Snapshot, Trace } from '../ir/trace';

const USED: u8 = 1;
const USED_IN_LOOP: u8 = 2;

export function eliminateDeadCode(trace: Trace): void {
  const roles = new UseMarker(trace).mark();
  for (let ref = 0; ref < roles.length; ref++) if (roles[ref] == 0) remove(trace.instructions[ref]);
  dropSnapshots(trace);
}

/** Turns an instruction into NOP. */
export function remove(instruction: Instruction): void {
  instruction.op = Op.NOP;
  instruction.type = Type.VOID;
  instruction.a = NONE;
  instruction.b = NONE;
  instruction.c = NONE;
  instruction.immediate = 0;
  instruction.immediate2 = 0;
  instruction.args = NO_REFS;
  instruction.snapshot = -1;
}

class UseMarker {
  private roles: StaticArray<u8>;
  /** For each value the PHI whose left operand it is, -1 if there is none. */
  private phis: StaticArray<Ref>;
  private pending: Array<Ref> = [];

  constructor(private trace: Trace) {
    this.roles = new StaticArray<u8>(trace.instructions.length);
    this.phis = new StaticArray<Ref>(trace.instructions.length);
    this.phis.fill(-1);
  }

  /** @returns the roles that each instruction is used in, as bits */
  mark(): StaticArray<u8> {
    const trace = this.trace;
    const instructions = trace.instructions;
    let loop = instructions.length;
    for (let ref = 0; ref < instructions.length; ref++) {
      const instruction = instructions[ref];
      if (instruction.op == Op.LOOP) loop = ref;
      else if (instruction.op == Op.PHI) this.phis[instruction.a] = ref;
    }
    for (let ref = 0; ref < instructions.length; ref++) if (hasEffect(instructions[ref])) this.use(ref, USED);
    if (trace.link != Link.LOOP) {
      this.useSnapshot(trace.endSnapshot, USED);
      this.useSnapshot(trace.resultSnapshot, USED);
    }
    this.drain(loop);
    return this.roles;
  }

  private use(ref: Ref, role: u8): void {
    if (ref < 0 || ref == NONE || (this.roles[ref] & role) == role) return;
    this.roles[ref] |= role | USED;
    this.pending.push(ref);
    const phi = role == USED_IN_LOOP ? this.phis[ref] : -1;
    if (phi >= 0 && this.roles[phi] == 0) {
      this.roles[phi] = USED;
      this.pending.push(phi);
    }
  }

  private useSnapshot(snapshot: i32, role: u8): void {
    if (snapshot < 0) return;
    const entries = this.trace.snapshots[snapshot].entries;
    for (let index = 0; index < entries.length; index++) this.use(entries[index].ref, role);
  }

  /** @param loop the reference of LOOP */
  private drain(loop: Ref): void {
    while (this.pending.length > 0) {
      const ref = this.pending.pop();
      const instruction = this.trace.instructions[ref];
      // A pre-roll instruction reads pre-roll values, whoever reads its own.
      const role = ref >= loop ? USED_IN_LOOP : USED;
      if (instruction.op != Op.PHI) this.use(instruction.a, role);
      this.use(instruction.b, role);
      this.use(instruction.c, role);
      const args = instruction.args;
      for (let index = 0; index < args.length; index++) this.use(args[index], role);
      this.useSnapshot(instruction.snapshot, role);
    }
  }
}

function dropSnapshots(trace: Trace): void {
  const kept = new KeptSnapshots(trace.snapshots);
  for (let ref = 0; ref < trace.instructions.length; ref++) {
    const instruction = trace.instructions[ref];
    instruction.snapshot = kept.renumber(instruction.snapshot);
  }
  trace.endSnapshot = kept.renumber(trace.endSnapshot);
  trace.resultSnapshot = kept.renumber(trace.resultSnapshot);
  trace.snapshots = kept.snapshots;
}

class KeptSnapshots {
  snapshots: Array<Snapshot> = [];
  /** New number of each snapshot, -1 if nobody has asked for it. */
  private numbers: StaticArray<i32>;

  constructor(private all: Array<Snapshot>) {
    this.numbers = new StaticArray<i32>(all.length);
    this.numbers.fill(-1);
  }

  renumber(index: i32): i32 {
    if (index < 0) return index;
    if (this.numbers[index] < 0) this.numbers[index] = this.snapshots.push(this.all[index]) - 1;
    return this.numbers[index];
  }
}

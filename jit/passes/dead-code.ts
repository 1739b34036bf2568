/**
 * Dead code elimination: what neither has an effect nor is needed by something that has. One walk over the uses from the instructions with
 * effects and the snapshots of exits; everything not reached becomes NOP, snapshots that no exit uses are dropped and the others numbered anew.
 *
 * A PHI is needed if the loop body (or another PHI that is needed) uses its value; that the pre-roll uses its left operand is no reason. So a
 * reference is visited in up to two roles: as used at all, and as used from inside the loop.
 *
 * References keep their numbers: NOPs stay in place. A trace is short, and renumbering would touch every operand for nothing.
 */
import { hasEffect } from '../ir/operations.ts';
import { type Instruction, type IRRef, NONE, type Snapshot, type Trace } from '../ir/trace.ts';

const USED = 1;
const USED_IN_LOOP = 2;

export function eliminateDeadCode(trace: Trace): void {
  const roles = markUses(trace);
  trace.instructions.forEach((instruction, ref) => {
    if (roles[ref] === 0) remove(instruction);
  });
  dropSnapshots(trace);
}

/** Turns an instruction into NOP. */
export function remove(instruction: Instruction): void {
  Object.assign(instruction, { op: 'NOP', type: 'void', a: NONE, b: NONE, c: NONE, immediate: 0, immediate2: 0, args: [], snapshot: -1 });
}

function markUses(trace: Trace): Uint8Array {
  const { instructions, snapshots } = trace;
  const roles = new Uint8Array(instructions.length);
  const phis = new Map<IRRef, IRRef>();
  const pending: IRRef[] = [];
  let loop = instructions.length;
  instructions.forEach(({ op, a }, ref) => {
    if (op === 'LOOP') loop = ref;
    else if (op === 'PHI') phis.set(a, ref);
  });
  const use = (ref: IRRef, role: number): void => {
    if (ref < 0 || ref === NONE || (roles[ref]! & role) === role) return;
    roles[ref]! |= role | USED;
    pending.push(ref);
    const phi = role === USED_IN_LOOP ? phis.get(ref) : undefined;
    if (phi !== undefined && roles[phi] === 0) {
      roles[phi] = USED;
      pending.push(phi);
    }
  };
  const drain = (): void => {
    for (let ref = pending.pop(); ref !== undefined; ref = pending.pop()) {
      const { op, a, b, c, args, snapshot } = instructions[ref]!;
      // A pre-roll instruction reads pre-roll values, whoever reads its own.
      const role = ref >= loop ? USED_IN_LOOP : USED;
      if (op !== 'PHI') use(a, role);
      use(b, role);
      use(c, role);
      for (const arg of args) use(arg, role);
      if (snapshot >= 0) for (const entry of snapshots[snapshot]!.entries) use(entry.ref, role);
    }
  };
  instructions.forEach((instruction, ref) => {
    if (hasEffect(instruction)) use(ref, USED);
  });
  const ends = trace.link.kind === 'loop' ? [] : [snapshots[trace.endSnapshot], snapshots[trace.resultSnapshot]];
  for (const end of ends) for (const entry of end?.entries ?? []) use(entry.ref, USED);
  drain();
  return roles;
}

function dropSnapshots(trace: Trace): void {
  const renumbered = new Map<number, number>();
  const kept: Snapshot[] = [];
  const renumber = (index: number): number => {
    if (index < 0) return index;
    let number = renumbered.get(index);
    if (number === undefined) {
      number = kept.push(trace.snapshots[index]!) - 1;
      renumbered.set(index, number);
    }
    return number;
  };
  for (const instruction of trace.instructions) instruction.snapshot = renumber(instruction.snapshot);
  trace.endSnapshot = renumber(trace.endSnapshot);
  trace.resultSnapshot = renumber(trace.resultSnapshot);
  trace.snapshots.splice(0, trace.snapshots.length, ...kept);
}

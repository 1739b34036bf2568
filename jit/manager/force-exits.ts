/**
 * Test mode "forced exits": makes every exit of a trace happen, one of them on each entry in turn, whatever its guard says. Leaving too early is
 * always right, so a program must behave the same; an exit that restores a wrong state shows.
 *
 * A counter in the last scratch slot is stepped on each entry; in front of every instruction that can leave stands a guard, with the same
 * snapshot, that fails on one value of the counter. If what leaves is the guard of a helper's result (0: it has changed nothing), the forced one stands in
 * front of the call: behind it the store is done, and the interpreter would do it again.
 */
import { TAG_INT, TRACE_SCRATCH_SLOTS } from '../../src/bytecode/layout.ts';
import type { IROpName } from '../ir/ir-table.ts';
import { helperAt } from '../ir/operations.ts';
import { RecordedTrace } from '../ir/recorded-trace.ts';
import { type Instruction, type IRRef, NONE } from '../ir/trace.ts';

const COUNTER = TRACE_SCRATCH_SLOTS - 1;

/** Operations whose snapshot is the state in front of them and that may be left out by leaving there. */
const LEAVING: ReadonlySet<IROpName> = new Set(['GUARD', 'GUARDN', 'SLOAD', 'APPEND_ROOM', 'SLOT_ROOM', 'CALLB']);

/** @returns the trace with the guards */
export function forceExits(recorded: RecordedTrace): RecordedTrace {
  const trace = recorded.contents;
  const old = trace.instructions.slice();
  const forced = placeExits(old);
  const places = forced.reduce((sum, snapshots) => sum + snapshots.length, 0);
  if (places === 0) return recorded;
  const constant = (value: bigint): IRRef => ~(trace.constants.push({ op: 'KINT', type: 'i64', value }) - 1);
  const period = 1 << Math.ceil(Math.log2(places + 1));
  trace.instructions.length = 0;
  const append = (op: IROpName, type: Instruction['type'], a: IRRef, b: IRRef, rest: Partial<Instruction> = {}): IRRef =>
    trace.instructions.push({ op, type, a, b, c: NONE, immediate: 0, immediate2: 0, args: [], snapshot: -1, ...rest }) - 1;

  const counter = append('RLOAD', 'i64', NONE, NONE, { immediate: COUNTER });
  const turn = append('BAND', 'i64', counter, constant(BigInt(period - 1)));
  append('RSTORE', 'void', append('ADD', 'i64', counter, constant(1n)), NONE, { immediate: COUNTER, immediate2: TAG_INT });

  const moved: IRRef[] = [];
  const move = (ref: IRRef): IRRef => (ref < 0 || ref === NONE ? ref : moved[ref]!);
  let place = 0;
  for (const [ref, instruction] of old.entries()) {
    for (const snapshot of forced[ref]!) append('GUARD', 'void', append('NE', 'i32', turn, constant(BigInt(++place))), NONE, { snapshot });
    moved[ref] = trace.instructions.push(instruction) - 1;
  }
  for (const instruction of old) {
    instruction.a = move(instruction.a);
    instruction.b = move(instruction.b);
    instruction.c = move(instruction.c);
    instruction.args = instruction.args.map(move);
  }
  trace.snapshots.forEach((snapshot, n) => {
    trace.snapshots[n] = { ...snapshot, entries: snapshot.entries.map((entry) => ({ ...entry, ref: move(entry.ref) })) };
  });
  return RecordedTrace.of(trace);
}

/** Snapshots of the exits to be forced in front of each instruction. */
function placeExits(instructions: readonly Instruction[]): number[][] {
  const forced: number[][] = instructions.map(() => []);
  for (const [ref, { op, a, snapshot }] of instructions.entries()) {
    if (!LEAVING.has(op) || snapshot < 0) continue;
    const guarded = op === 'GUARD' || op === 'GUARDN' ? instructions[a] : undefined;
    forced[guarded !== undefined && changesMemory(guarded) ? a : ref]!.push(snapshot);
  }
  return forced;
}

/** A helper that stores something but for its own results. */
function changesMemory({ op, immediate }: Instruction): boolean {
  return op === 'CALL' && (helperAt(immediate).writes ?? []).some((name) => name !== 'scratch');
}

/**
 * Emits a finished trace once more, instruction by instruction, into a new one: what recording it with these options would have given.
 * So fold, forwarding and CSE are tested on text, without a recorder.
 */
import { IRBuilder } from '../../../jit/build/builder.ts';
import { type IRRef, NONE, type Snapshot, Trace } from '../../../jit/ir/trace.ts';
import type { OptimiserOptions } from '../../../jit/build/options.ts';

/** @param source a trace without LOOP @throws RecordingAborted if a guard turns out to fail always */
export function rebuild(source: Trace, options: OptimiserOptions): { readonly trace: Trace; readonly builder: IRBuilder } {
  const trace = new Trace(source.number, source.startPc, source.parent);
  trace.stackSlots = source.stackSlots;
  const builder = new IRBuilder(trace, options);
  const constants = source.constants.map(({ op, value }): IRRef => {
    if (op === 'KINT') return builder.int(value as bigint);
    if (op === 'KFLT') return builder.float(value as number);
    return op === 'KI32' ? builder.i32(value as number) : builder.pointer(value as number);
  });
  const refs: IRRef[] = [];
  const renamed = (ref: IRRef): IRRef => (ref === NONE ? NONE : ref < 0 ? constants[~ref]! : refs[ref]!);
  const renameSnapshot = ({ pc, frames, entries, length }: Snapshot): Snapshot => ({ pc, frames, length, entries: entries.map(({ slot, ref, tag }) => ({ slot, ref: renamed(ref), tag })) });
  let snapshot = -1;
  for (const instruction of source.instructions) {
    const { op, type, immediate, immediate2 } = instruction;
    if (instruction.snapshot >= 0 && instruction.snapshot !== snapshot) {
      snapshot = instruction.snapshot;
      const original = source.snapshots[snapshot]!;
      builder.setSnapshotSource(() => renameSnapshot(original));
    }
    const exits = instruction.snapshot >= 0;
    if (op === 'NOP') refs.push(NONE);
    else if (op === 'CALL') refs.push(builder.emitCall(immediate, instruction.args.map(renamed), exits));
    else {
      const a = renamed(instruction.a);
      const b = renamed(instruction.b);
      const c = renamed(instruction.c);
      refs.push(exits ? builder.emitExiting(op, type, a, b, c, immediate, immediate2) : builder.emit(op, type, a, b, c, immediate, immediate2));
    }
  }
  if (source.endSnapshot >= 0) trace.endSnapshot = trace.snapshots.push(renameSnapshot(source.snapshots[source.endSnapshot]!)) - 1;
  trace.link = source.link;
  return { trace, builder };
}

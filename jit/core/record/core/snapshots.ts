/** Snapshots of a recording: which slots and frames an exit has to restore, from which values. */
import { NONE, Snapshot, SnapshotEntry, SnapshotFrame } from '../../ir/trace';
import { FrameStack } from './frame-stack';
import { SlotMap } from './slot-map';
import { hasPayload } from './value';

/** SnapshotFrame's `kind` holds FRAME_KIND and, above, FRAME_VARARGS. */
export const VARARGS_SHIFT: u32 = 16;
export const FRAME_KIND_MASK: u32 = 0xffff;

/** @see Recording.beginInstruction */
export function makeSnapshot(slots: SlotMap, stack: FrameStack, pc: u32, length: i32, staged: i32, inStack: Array<i32>): Snapshot {
  const frames = stack.all;
  const snapshot = new Snapshot(pc, length);
  const modified = slots.modifiedSlots();
  let index = 0;
  for (let n = 0; n < modified.length; n++) {
    const slot = modified[n];
    while (index + 1 < frames.length && slot >= frames[index + 1].functionSlot) index++;
    const frame = frames[index];
    const register = slot - frame.base;
    const framePc = index + 1 < frames.length ? frames[index + 1].callerPc : pc;
    if (register >= 0 && slot < staged && !frame.liveness.isLive(framePc, register)) continue;
    const value = slots.get(slot)!;
    snapshot.entries.push(new SnapshotEntry(slot, hasPayload(value.tag) ? value.ref : NONE, value.tag));
  }
  for (let n = 1; n < frames.length; n++) {
    const frame = frames[n];
    snapshot.frames.push(new SnapshotFrame(frame.base, frame.callerPc, frame.results, frame.kind | (<u32>frame.varargs << VARARGS_SHIFT)));
  }
  snapshot.inStack = StaticArray.fromArray(inStack);
  return snapshot;
}

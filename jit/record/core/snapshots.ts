/** Snapshots of a recording: which slots and frames an exit has to restore, from which values. */
import { NONE, type Snapshot, type SnapshotEntry } from '../../ir/trace.ts';
import type { FrameStack } from './frame-stack.ts';
import type { SlotMap } from './slot-map.ts';
import { hasPayload } from './value.ts';

/** SnapshotFrame's `kind` holds FRAME_KIND and, above, FRAME_VARARGS. */
export const VARARGS_SHIFT = 16;
export const FRAME_KIND_MASK = 0xffff;

/** @see Recording.beginInstruction */
export function makeSnapshot(slots: SlotMap, { all: frames }: FrameStack, pc: number, length: number, staged: number, inStack: readonly number[]): Snapshot {
  const entries: SnapshotEntry[] = [];
  let index = 0;
  for (const slot of slots.modifiedSlots()) {
    while (index + 1 < frames.length && slot >= frames[index + 1]!.functionSlot) index++;
    const frame = frames[index]!;
    const register = slot - frame.base;
    const framePc = frames[index + 1]?.callerPc ?? pc;
    if (register >= 0 && slot < staged && !frame.liveness.isLive(framePc, register)) continue;
    const { ref, tag } = slots.get(slot)!;
    entries.push({ slot, ref: hasPayload(tag) ? ref : NONE, tag });
  }
  const inlined = frames.slice(1).map(({ base, callerPc, results, kind, varargs }) => ({ base, callerPc, results, kind: kind | (varargs << VARARGS_SHIFT) }));
  return { pc, frames: inlined, entries, length, ...(inStack.length > 0 && { inStack }) };
}

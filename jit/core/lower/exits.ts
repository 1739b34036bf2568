/**
 * The exits of a compiled function: what the core has to know about each (install writes it into linear memory) and what
 * the trace manager needs to find the place in the IR again.
 */
import { Snapshot, SnapshotFrame, Trace } from '../ir/trace';

/** An exit of a compiled function; its number is its place in the list. */
export class ExitDescription {
  constructor(
    /** ExitKind */
    public kind: i32,
    /** Number of the trace it belongs to (a function may hold a whole tree) and the snapshot it restores, -1 for a state of the tree. */
    public trace: i32,
    public snapshot: i32,
    /** Instruction to go on at. */
    public pc: u32,
    public frames: Array<SnapshotFrame>,
    /** Bytecode instructions that were executed on the way to it from the head of the loop; 0 where a round is counted instead. */
    public length: i32,
  ) {}
}

/** Maps each snapshot of a trace to the first one that says the same, so that their exits share code and number. */
export function findEqualSnapshots(trace: Trace): StaticArray<i32> {
  const snapshots = trace.snapshots;
  const canonical = new StaticArray<i32>(snapshots.length);
  for (let index = 0; index < snapshots.length; index++) canonical[index] = findEqual(snapshots, canonical, index);
  return canonical;
}

function findEqual(snapshots: Array<Snapshot>, canonical: StaticArray<i32>, index: i32): i32 {
  const snapshot = snapshots[index];
  for (let other = 0; other < index; other++) {
    if (canonical[other] == other && snapshots[other].pc == snapshot.pc && areEqual(snapshots[other], snapshot)) return other;
  }
  return index;
}

function areEqual(left: Snapshot, right: Snapshot): bool {
  const entries = left.entries;
  const frames = left.frames;
  if (entries.length != right.entries.length || frames.length != right.frames.length) return false;
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i];
    const other = right.entries[i];
    if (entry.slot != other.slot || entry.ref != other.ref || entry.tag != other.tag) return false;
  }
  for (let i = 0; i < frames.length; i++) {
    const frame = frames[i];
    const other = right.frames[i];
    if (frame.base != other.base || frame.callerPc != other.callerPc || frame.results != other.results || frame.kind != other.kind) return false;
  }
  return true;
}

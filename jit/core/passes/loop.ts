/**
 * Loop optimisation by copy-substitution, the method of LuaJIT's LOOP pass.
 *
 * The recorded body is emitted once more behind itself, through fold, forwarding and CSE, with its operands replaced by what they are in the
 * next iteration. The first copy becomes the *pre-roll*, which runs once; the second the loop. Whatever is invariant finds its twin in the
 * pre-roll and emits nothing: conversions, loads nobody overwrites, guards already passed. What remains varies, and a pre-roll value whose
 * twin is another reference is *loop-carried* if the loop uses it: PHI(value in the pre-roll, value at the end of an iteration).
 *
 * Why not classic invariant code motion: nearly every instruction depends on the guards before it, so nothing could be moved above them.
 *
 * Substitution: SLOAD becomes the value its slot has at the end of the recording (or itself, if the trace never writes the slot); everything
 * else becomes what emitting it again returned. Slots change their types at most from the entry to the first iteration's end; where
 * the end does not match the entry the trace would leave in each iteration, so the recording is given up as type-unstable. Once
 * the slot has the type that it keeps, a new recording succeeds.
 *
 * Snapshots of the loop: the pre-roll never reaches the stack, so an exit in the loop restores all slots the trace writes: those written in
 * this iteration with their substituted values, all others with their values at the start of it, which the end snapshot names.
 *
 * PHIs are one parallel assignment at the end of an iteration: all right operands are read before any left one is written, and a right
 * operand that is itself the left one of another PHI means the value in the iteration that ends.
 */
import { abortRecording } from '../base/host';
import { IRBuilder, LoopCarrier, SnapshotSource } from '../build/builder';
import { Abort, Op, operationName, Type } from '../generated/ir-tables';
import { Instruction, NONE, Ref, Snapshot, SnapshotEntry } from '../ir/trace';

/**
 * Turns the recorded body, which ends where it started, into pre-roll, LOOP, body and PHIs.
 * Aborts (TYPE_INSTABILITY) if an iteration does not fit behind itself; the trace is of no use then.
 */
export function optimiseLoop(builder: IRBuilder): void {
  new LoopOptimiser(builder).run();
}

class LoopOptimiser extends LoopCarrier {
  /** What each pre-roll instruction is in the next iteration. */
  private next: Array<Ref> = [];
  /** Number of instructions of the pre-roll: the reference of LOOP. */
  private length: i32;
  /** What the end snapshot says, by slot. */
  private atEnd: Array<SnapshotEntry>;
  private carried: Array<Ref> = [];
  /** Of each pre-roll value: does the loop use it? */
  private seen: StaticArray<bool>;

  constructor(private builder: IRBuilder) {
    super();
    const trace = builder.trace;
    const length = trace.instructions.length;
    this.length = length;
    this.atEnd = bySlot(trace.snapshots[trace.endSnapshot].entries);
    this.seen = new StaticArray<bool>(length);
  }

  run(): void {
    const builder = this.builder;
    const trace = builder.trace;
    const loop = new Instruction(Op.LOOP, Type.VOID);
    loop.snapshot = trace.endSnapshot;
    builder.append(loop, false);
    builder.loopCarrier = this;
    let snapshot = -1;
    for (let ref = 0; ref < this.length; ref++) {
      const instruction = trace.instructions[ref];
      if (instruction.snapshot >= 0 && instruction.snapshot != snapshot) {
        snapshot = instruction.snapshot;
        builder.setSnapshotSource(new MergedSnapshot(this, trace.snapshots[snapshot]));
      }
      this.next.push(this.copy(ref, instruction));
    }
    builder.loopCarrier = null;
    this.appendPhis();
  }

  isCarried(ref: Ref): bool {
    return ref < this.length && (ref >= this.next.length || this.next[ref] != ref);
  }

  /** Emits the next iteration's twin of an instruction. */
  private copy(ref: Ref, instruction: Instruction): Ref {
    const builder = this.builder;
    const op = instruction.op;
    const exits = instruction.snapshot >= 0;
    if (op == Op.NOP || op == Op.BASE) return ref;
    if (op == Op.SLOAD) return this.nextSlot(ref, instruction);
    if (op == Op.CALL) return builder.emitCall(instruction.immediate, this.substituteAll(instruction.args), exits);
    const type = instruction.type;
    const a = this.substitute(instruction.a);
    const b = this.substitute(instruction.b);
    const c = this.substitute(instruction.c);
    const twin = exits
      ? builder.emitExiting(op, type, a, b, c, instruction.immediate, instruction.immediate2)
      : builder.emit(op, type, a, b, c, instruction.immediate, instruction.immediate2);
    if (type != Type.VOID && builder.typeOf(twin) != type) abortRecording(Abort.TYPE_INSTABILITY, `${operationName(op)} %${ref}`);
    return twin;
  }

  private substitute(ref: Ref): Ref {
    return ref < 0 || ref == NONE ? ref : this.next[ref];
  }

  private substituteAll(refs: StaticArray<Ref>): StaticArray<Ref> {
    const substituted = new StaticArray<Ref>(refs.length);
    for (let index = 0; index < refs.length; index++) substituted[index] = this.substitute(refs[index]);
    return substituted;
  }

  private nextSlot(ref: Ref, instruction: Instruction): Ref {
    const slot = instruction.immediate;
    const tag = instruction.immediate2;
    const index = placeOf(this.atEnd, slot);
    if (index == this.atEnd.length || this.atEnd[index].slot != slot) return ref;
    const entry = this.atEnd[index];
    if (entry.tag != tag) abortRecording(Abort.TYPE_INSTABILITY, `slot ${slot} has tag ${tag} at the start, ${entry.tag} at the end`);
    return entry.ref;
  }

  /** The snapshot of an exit in the loop for one of the pre-roll. */
  mergeSnapshot(recorded: Snapshot): Snapshot {
    const merged = new Snapshot(recorded.pc, recorded.length);
    merged.frames = recorded.frames;
    merged.inStack = recorded.inStack;
    const atEnd = this.atEnd;
    const entries = bySlot(recorded.entries);
    let end = 0;
    for (let index = 0; index < entries.length; index++) {
      const entry = entries[index];
      for (; end < atEnd.length && atEnd[end].slot <= entry.slot; end++) if (atEnd[end].slot != entry.slot) keepUnlessInStack(merged, atEnd[end]);
      merged.entries.push(new SnapshotEntry(entry.slot, this.substitute(entry.ref), entry.tag));
    }
    for (; end < atEnd.length; end++) keepUnlessInStack(merged, atEnd[end]);
    return merged;
  }

  /** A PHI for each pre-roll value that the loop uses and that changes. The right operands of PHIs are uses, too. */
  private appendPhis(): void {
    const trace = this.builder.trace;
    const seenSnapshots = new StaticArray<bool>(trace.snapshots.length);
    for (let ref = this.length; ref < trace.instructions.length; ref++) {
      const instruction = trace.instructions[ref];
      this.use(instruction.a);
      this.use(instruction.b);
      this.use(instruction.c);
      const args = instruction.args;
      for (let index = 0; index < args.length; index++) this.use(args[index]);
      const snapshot = instruction.snapshot;
      if (snapshot >= 0 && !seenSnapshots[snapshot]) {
        seenSnapshots[snapshot] = true;
        const entries = trace.snapshots[snapshot].entries;
        for (let index = 0; index < entries.length; index++) this.use(entries[index].ref);
      }
    }
    const carried = this.carried;
    for (let index = 0; index < carried.length; index++) this.use(this.next[carried[index]]);
    carried.sort((left, right) => left - right);
    for (let index = 0; index < carried.length; index++) this.appendPhi(carried[index]);
  }

  private use(ref: Ref): void {
    if (ref < 0 || ref >= this.length || this.seen[ref]) return;
    this.seen[ref] = true;
    if (this.next[ref] != ref) this.carried.push(ref);
  }

  private appendPhi(ref: Ref): void {
    const builder = this.builder;
    const b = this.next[ref];
    const type = builder.typeOf(ref);
    if (type == Type.VOID || b == NONE || builder.typeOf(b) != type) abortRecording(Abort.TYPE_INSTABILITY, `the loop-carried value %${ref} changes its type`);
    builder.append(new Instruction(Op.PHI, type, ref, b), false);
  }
}

class MergedSnapshot extends SnapshotSource {
  constructor(
    private optimiser: LoopOptimiser,
    private recorded: Snapshot,
  ) {
    super();
  }

  make(): Snapshot {
    return this.optimiser.mergeSnapshot(this.recorded);
  }
}

function keepUnlessInStack(merged: Snapshot, entry: SnapshotEntry): void {
  if (!merged.inStack.includes(entry.slot)) merged.entries.push(entry);
}

/** Entries in the order of their slots. */
function bySlot(entries: Array<SnapshotEntry>): Array<SnapshotEntry> {
  for (let index = 1; index < entries.length; index++) {
    if (entries[index - 1].slot > entries[index].slot) return entries.slice().sort((left, right) => left.slot - right.slot);
  }
  return entries;
}

/** Index of the first entry whose slot is this one or above. */
function placeOf(entries: Array<SnapshotEntry>, slot: i32): i32 {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (entries[middle].slot < slot) low = middle + 1;
    else high = middle;
  }
  return low;
}

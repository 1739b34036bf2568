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
import { RecordingAborted } from '../abort-reasons.ts';
import type { IRBuilder } from '../build/builder.ts';
import { type Instruction, type IRRef, NONE, type Snapshot, type SnapshotEntry } from '../ir/trace.ts';

/**
 * Turns the recorded body, which ends where it started, into pre-roll, LOOP, body and PHIs.
 * @throws RecordingAborted ('type-instability') if an iteration does not fit behind itself; the trace is of no use then
 */
export function optimiseLoop(builder: IRBuilder): void {
  new LoopOptimiser(builder).run();
}

class LoopOptimiser {
  /** What each pre-roll instruction is in the next iteration. */
  private readonly next: IRRef[] = [];
  /** Number of instructions of the pre-roll: the reference of LOOP. */
  private readonly length: number;
  private readonly atEnd = new Map<number, SnapshotEntry>();

  constructor(private readonly builder: IRBuilder) {
    const { trace } = builder;
    this.length = trace.instructions.length;
    for (const entry of this.endSnapshot().entries) this.atEnd.set(entry.slot, entry);
  }

  run(): void {
    const { builder, length } = this;
    builder.append({ op: 'LOOP', type: 'void', a: NONE, b: NONE, c: NONE, immediate: 0, immediate2: 0, args: [], snapshot: builder.trace.endSnapshot }, false);
    builder.isLoopCarried = (ref) => ref < length && this.next[ref] !== ref;
    let snapshot = -1;
    for (let ref = 0; ref < length; ref++) {
      const instruction = builder.trace.instructions[ref]!;
      if (instruction.snapshot >= 0 && instruction.snapshot !== snapshot) {
        snapshot = instruction.snapshot;
        const recorded = builder.trace.snapshots[snapshot]!;
        builder.setSnapshotSource(() => this.mergeSnapshot(recorded));
      }
      this.next.push(this.copy(ref, instruction));
    }
    builder.isLoopCarried = undefined;
    this.appendPhis();
  }

  private endSnapshot(): Snapshot {
    const { snapshots, endSnapshot } = this.builder.trace;
    return snapshots[endSnapshot]!;
  }

  /** Emits the next iteration's twin of an instruction. */
  private copy(ref: IRRef, instruction: Instruction): IRRef {
    const { builder } = this;
    const { op, type, immediate, immediate2, snapshot } = instruction;
    if (op === 'NOP' || op === 'BASE') return ref;
    if (op === 'SLOAD') return this.nextSlot(ref, instruction);
    if (op === 'CALL') return builder.emitCall(immediate, instruction.args.map(this.substitute), snapshot >= 0);
    const a = this.substitute(instruction.a);
    const b = this.substitute(instruction.b);
    const c = this.substitute(instruction.c);
    const twin =
      snapshot >= 0 ? builder.emitExiting(op, type, a, b, c, immediate, immediate2) : builder.emit(op, type, a, b, c, immediate, immediate2);
    if (type !== 'void' && builder.typeOf(twin) !== type) throw new RecordingAborted('type-instability', `${op} %${ref}`);
    return twin;
  }

  private readonly substitute = (ref: IRRef): IRRef => (ref < 0 || ref === NONE ? ref : this.next[ref]!);

  private nextSlot(ref: IRRef, { immediate: slot, immediate2: tag }: Instruction): IRRef {
    const entry = this.atEnd.get(slot);
    if (entry === undefined) return ref;
    if (entry.tag !== tag) throw new RecordingAborted('type-instability', `slot ${slot} has tag ${tag} at the start, ${entry.tag} at the end`);
    return entry.ref;
  }

  private mergeSnapshot({ pc, frames, entries, length, inStack = [] }: Snapshot): Snapshot {
    const merged = new Map(this.atEnd);
    for (const slot of inStack) merged.delete(slot);
    for (const { slot, ref, tag } of entries) merged.set(slot, { slot, ref: this.substitute(ref), tag });
    return { pc, frames, entries: [...merged.values()].sort((left, right) => left.slot - right.slot), length, ...(inStack.length > 0 && { inStack }) };
  }

  /** A PHI for each pre-roll value that the loop uses and that changes. The right operands of PHIs are uses, too. */
  private appendPhis(): void {
    const { builder, length, next } = this;
    const { trace } = builder;
    const carried: IRRef[] = [];
    const seen = new Uint8Array(length);
    const use = (ref: IRRef): void => {
      if (ref < 0 || ref >= length || seen[ref] === 1) return;
      seen[ref] = 1;
      if (next[ref] !== ref) carried.push(ref);
    };
    const seenSnapshots = new Uint8Array(trace.snapshots.length);
    for (let ref = length; ref < trace.instructions.length; ref++) {
      const { a, b, c, args, snapshot } = trace.instructions[ref]!;
      use(a);
      use(b);
      use(c);
      args.forEach(use);
      if (snapshot >= 0 && seenSnapshots[snapshot] === 0) {
        seenSnapshots[snapshot] = 1;
        for (const entry of trace.snapshots[snapshot]!.entries) use(entry.ref);
      }
    }
    for (let index = 0; index < carried.length; index++) use(next[carried[index]!]!);
    for (const ref of carried.sort((left, right) => left - right)) this.appendPhi(ref);
  }

  private appendPhi(ref: IRRef): void {
    const { builder } = this;
    const b = this.next[ref]!;
    const type = builder.typeOf(ref);
    if (type === 'void' || b === NONE || builder.typeOf(b) !== type) {
      throw new RecordingAborted('type-instability', `the loop-carried value %${ref} changes its type`);
    }
    builder.append({ op: 'PHI', type, a: ref, b, c: NONE, immediate: 0, immediate2: 0, args: [], snapshot: -1 }, false);
  }
}

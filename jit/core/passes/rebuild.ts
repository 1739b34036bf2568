/**
 * Emits a finished trace once more, instruction by instruction, into a new one: what recording it with these options would have given.
 * So fold, forwarding and CSE are tested without a recorder.
 */
import { IRBuilder, SnapshotSource } from '../build/builder';
import { Op } from '../generated/ir-tables';
import { NONE, Ref, Snapshot, SnapshotEntry, Trace } from '../ir/trace';

/** @param source a trace without LOOP @returns the builder of the new one */
export function rebuild(source: Trace, options: i32): IRBuilder {
  const trace = new Trace(source.number, source.startPc, source.parent, source.parentExit);
  trace.stackSlots = source.stackSlots;
  const builder = new IRBuilder(trace, options);
  new Rebuilder(source, builder).run();
  trace.link = source.link;
  trace.linkPc = source.linkPc;
  trace.linkTrace = source.linkTrace;
  return builder;
}

class Rebuilder {
  /** New references of the source's constants and instructions. */
  private constants: Array<Ref> = [];
  private refs: Array<Ref> = [];

  constructor(
    private source: Trace,
    private builder: IRBuilder,
  ) {}

  run(): void {
    const source = this.source;
    const builder = this.builder;
    for (let index = 0; index < source.constants.length; index++) this.constants.push(this.constant(index));
    let snapshot = -1;
    for (let ref = 0; ref < source.instructions.length; ref++) {
      const instruction = source.instructions[ref];
      if (instruction.snapshot >= 0 && instruction.snapshot != snapshot) {
        snapshot = instruction.snapshot;
        builder.setSnapshotSource(new RenamedSnapshot(this, source.snapshots[snapshot]));
      }
      this.refs.push(this.emit(ref));
    }
    if (source.endSnapshot >= 0) builder.trace.endSnapshot = builder.trace.snapshots.push(this.renameSnapshot(source.snapshots[source.endSnapshot])) - 1;
  }

  renameSnapshot(snapshot: Snapshot): Snapshot {
    const renamed = new Snapshot(snapshot.pc, snapshot.length);
    renamed.frames = snapshot.frames;
    for (let index = 0; index < snapshot.entries.length; index++) {
      const entry = snapshot.entries[index];
      renamed.entries.push(new SnapshotEntry(entry.slot, this.renamed(entry.ref), entry.tag));
    }
    return renamed;
  }

  private constant(index: i32): Ref {
    const constant = this.source.constants[index];
    switch (constant.op) {
      case Op.KINT:
        return this.builder.int(constant.bits);
      case Op.KFLT:
        return this.builder.float(constant.float);
      case Op.KI32:
        return this.builder.small(constant.small);
      default:
        return this.builder.pointer(<u32>constant.small);
    }
  }

  private emit(ref: Ref): Ref {
    const instruction = this.source.instructions[ref];
    const builder = this.builder;
    const op = instruction.op;
    const exits = instruction.snapshot >= 0;
    if (op == Op.NOP) return NONE;
    if (op == Op.CALL) return builder.emitCall(instruction.immediate, this.renamedAll(instruction.args), exits);
    const a = this.renamed(instruction.a);
    const b = this.renamed(instruction.b);
    const c = this.renamed(instruction.c);
    return exits
      ? builder.emitExiting(op, instruction.type, a, b, c, instruction.immediate, instruction.immediate2)
      : builder.emit(op, instruction.type, a, b, c, instruction.immediate, instruction.immediate2);
  }

  private renamed(ref: Ref): Ref {
    return ref == NONE ? NONE : ref < 0 ? this.constants[~ref] : this.refs[ref];
  }

  private renamedAll(refs: StaticArray<Ref>): StaticArray<Ref> {
    const renamed = new StaticArray<Ref>(refs.length);
    for (let index = 0; index < refs.length; index++) renamed[index] = this.renamed(refs[index]);
    return renamed;
  }
}

class RenamedSnapshot extends SnapshotSource {
  constructor(
    private rebuilder: Rebuilder,
    private original: Snapshot,
  ) {
    super();
  }

  make(): Snapshot {
    return this.rebuilder.renameSnapshot(this.original);
  }
}

/**
 * A recording as the handlers of opcodes and builtins see it: the slots of the stack, the frames of inlined calls, and the trace they emit to.
 * The recorder (recorder.ts) drives it.
 *
 * Invariants
 * - All guards of an instruction come before its first effect, on memory or on the slots: a guard's snapshot is the state in front of the
 *   instruction, which the interpreter then repeats. `writeSlot` closes the time for guards; the snapshot source checks it.
 */
import { PROTO_CONSTANTS, SLOT_SIZE, TAG_CLOSURE, TAG_LIGHT, VM_THREAD } from '../../../../src/bytecode/layout';
import { abortRecording, isPolymorphic } from '../../base/host';
import { IRBuilder, SnapshotSource } from '../../build/builder';
import { Abort, Field, Op, Type } from '../../generated/ir-tables';
import { Link, NONE, Ref, Snapshot, SnapshotEntry, SnapshotFrame, Trace } from '../../ir/trace';
import { FrameStack, NewFrame, RecordedFrame } from './frame-stack';
import * as heap from './heap';
import { options } from './parameters';
import { SlotMap } from './slot-map';
import { makeSnapshot } from './snapshots';
import { hasPayload, payloadType, Value } from './value';

/** Where a side trace starts: an exit of its parent, whose frames are in memory. */
export class ParentExit {
  constructor(
    public trace: Trace,
    /** Index of the snapshot. */
    public exit: i32,
  ) {}

  get snapshot(): Snapshot {
    return this.trace.snapshots[this.exit];
  }
}

/** What a handler still does once its instruction was executed. */
export abstract class AfterStep {
  abstract run(r: Recording): void;
}

/** All slots: none is staged. */
export const NOTHING_STAGED: i32 = i32.MAX_VALUE;

/** The state in front of an instruction, for its exits. */
class InstructionState extends SnapshotSource {
  private length: i32;

  constructor(private r: Recording, private pc: u32, private staged: i32, private inStack: Array<i32>, private callee: SnapshotFrame | null) {
    super();
    this.length = r.length;
  }

  make(): Snapshot {
    const r = this.r;
    // A bug of a handler.
    if (r.hasWritten) r.abort(Abort.COMPILE_ERROR, 'a guard behind the first effect of its instruction');
    const snapshot = makeSnapshot(r.slots, r.frames, this.pc, this.length, this.staged, this.inStack);
    const callee = this.callee;
    if (callee !== null) snapshot.frames.push(callee);
    return snapshot;
  }
}

export class Recording {
  trace: Trace;
  ir: IRBuilder;
  slots: SlotMap = new SlotMap();
  frames: FrameStack;
  /** Instructions recorded. */
  length: i32 = 0;
  /** Slot behind the last of an open list of values (open results, `...`), if the trace has made one; else -1. */
  openTop: i32 = -1;
  /** How often each loop instruction was passed. */
  passes: Map<u32, i32> = new Map<u32, i32>();
  isSide: bool;
  /** The instruction is a call that is executed as a whole: `afterStep` follows once its frame is gone. Ends the trace behind the call, if that takes too long. */
  endBehindCall: AfterStep | null = null;
  /** Of the snapshot source: has the instruction written slots? */
  hasWritten: bool = false;
  protected isFinished: bool = false;

  /** @param rootBase address of the root frame's base; for a root trace that of the current frame @param functionProto for a root that is a function */
  constructor(number: i32, rootBase: u32, parent: ParentExit | null, functionProto: u32) {
    const trace = parent === null
      ? new Trace(number, heap.pc(), -1, 0, functionProto)
      : new Trace(number, heap.pc(), parent.trace.number, parent.exit, parent.trace.functionProto);
    this.isSide = parent !== null;
    this.trace = trace;
    this.ir = new IRBuilder(trace, options);
    this.frames = new FrameStack(trace, rootBase, parent === null ? 0 : parent.snapshot.frames.length);
    this.frames.push(new NewFrame(0, -1, 0, 0, 0, -1, false));
  }

  /** Ends the trace in front of the current instruction, which returns these values from the function the trace is part of. */
  finishReturning(values: Array<Value>): void {
    const trace = this.trace;
    const snapshot = new Snapshot(heap.pc(), this.length);
    for (let n = 0; n < values.length; n++) snapshot.entries.push(new SnapshotEntry(n - 1, values[n].ref, values[n].tag));
    trace.link = Link.RETURN;
    trace.resultSnapshot = trace.snapshots.push(snapshot) - 1;
    this.finish();
  }

  /** Ends the trace in front of the current instruction, with the link that was set. */
  finish(): void {
    this.isFinished = true;
  }

  abort(reason: Abort, detail: string = ''): void {
    abortRecording(reason, detail);
  }

  // ---- Frames

  get frame(): RecordedFrame {
    return this.frames.current;
  }

  get depth(): i32 {
    return this.frames.depth;
  }

  get rootBase(): u32 {
    return this.frames.rootBase;
  }

  /** The closure of the current frame: a constant, or its reference if its prototype has many closures. */
  closureRef(): Ref {
    const frame = this.frame;
    const ir = this.ir;
    if (frame.closureRef == NONE) {
      const ref = this.readSlot(frame.base - 1, TAG_CLOSURE).ref;
      if (isPolymorphic(frame.proto, frame.closure) != 0) frame.closureRef = ref;
      else {
        ir.guard(ir.emit(Op.EQ, Type.I32, ref, ir.pointer(frame.closure)), true);
        frame.closureRef = ir.pointer(frame.closure);
      }
    }
    return frame.closureRef;
  }

  // ---- Slots

  /** Slot number of a register operand (scaled). */
  slotOf(scaled: i32): i32 {
    return this.frame.base + (scaled >> 4);
  }

  /** Address of a slot in the real stack. */
  slotAddress(slot: i32): u32 {
    return this.frames.slotAddress(slot);
  }

  /** Number of the slot at an address in the real stack. */
  slotAt(address: u32): i32 {
    return <i32>(address - this.rootBase) / <i32>SLOT_SIZE;
  }

  /** Address of a register operand in the real stack. */
  address(scaled: i32): u32 {
    return this.slotAddress(this.slotOf(scaled));
  }

  /** The value of a register operand. */
  read(scaled: i32): Value {
    return this.readSlot(this.slotOf(scaled));
  }

  /** @param known tag the slot surely has (no check); -1 if it has to be looked at */
  readSlot(slot: i32, known: i32 = -1): Value {
    const found = this.slots.get(slot);
    if (found !== null) return found;
    const tag = known >= 0 ? <u32>known : heap.tag(this.slotAddress(slot));
    const type = payloadType(tag);
    const ref = known < 0
      ? this.ir.emitExiting(Op.SLOAD, type, NONE, NONE, NONE, slot, tag)
      : this.ir.emit(Op.SLOAD, type, NONE, NONE, NONE, slot, tag);
    const value = new Value(hasPayload(tag) ? ref : NONE, tag);
    this.slots.setLoaded(slot, value);
    return value;
  }

  write(scaled: i32, value: Value): void {
    this.writeSlot(this.slotOf(scaled), value);
  }

  writeSlot(slot: i32, value: Value): void {
    this.hasWritten = true;
    this.slots.set(slot, value);
  }

  /** Address of constant `scaled` of the current frame. */
  constantAddress(scaled: i32): u32 {
    return heap.u32(this.frame.proto + PROTO_CONSTANTS) + <u32>scaled;
  }

  /** The constant operand. */
  constant(scaled: i32): Value {
    return this.valueAt(this.constantAddress(scaled));
  }

  /** A value in memory as a constant of the trace. */
  valueAt(address: u32): Value {
    const tag = heap.tag(address);
    return new Value(this.constantRef(tag, address), tag);
  }

  private constantRef(tag: u32, address: u32): Ref {
    const ir = this.ir;
    switch (payloadType(tag)) {
      case Type.I64: return ir.int(heap.int(address));
      case Type.F64: return ir.float(heap.float(address));
      case Type.I32: return tag == TAG_LIGHT ? ir.small(heap.pointer(address)) : ir.pointer(heap.pointer(address));
      default: return NONE;
    }
  }

  /** May a closure hold an upvalue to this slot? */
  isCaptured(slot: i32): bool {
    const frame = this.frames.all[this.frames.indexAt(slot)];
    return slot >= frame.base && frame.liveness.isCaptured(slot - frame.base);
  }

  // ---- Emitting

  field(object: Ref, field: Field): Ref {
    return this.ir.emit(Op.FLOAD, Type.I32, object, NONE, NONE, field);
  }

  storeField(object: Ref, field: Field, value: Ref): void {
    this.ir.emit(Op.FSTORE, Type.VOID, object, value, NONE, field);
  }

  /** Behind a store of an object into an object: the collector must hear of it, unless the owner is certainly white still. */
  barrier(owner: Ref, value: Ref): void {
    const isWhite = this.ir.alias.isFresh(owner) && this.ir.newest(Op.CALLB) < owner;
    if (!isWhite) this.ir.emit(Op.BARRIER, Type.VOID, owner, value);
  }

  guardEqual(a: Ref, b: Ref): void {
    this.ir.guard(this.ir.emit(Op.EQ, Type.I32, a, b), true);
  }

  guardNotEqual(a: Ref, b: Ref): void {
    this.ir.guard(this.ir.emit(Op.EQ, Type.I32, a, b), false);
  }

  guardField(object: Ref, field: Field, value: i32): void {
    this.guardEqual(this.field(object, field), this.ir.small(value));
  }

  /** The running thread. */
  threadRef(): Ref {
    return this.ir.emit(Op.VMLOAD, Type.I32, NONE, NONE, NONE, VM_THREAD);
  }

  /** Open results end in front of `slot`: the stack's top is set, which the instruction that takes them looks at. */
  storeTop(slot: i32): void {
    this.storeField(this.threadRef(), Field.THREAD_TOP, this.slotPointer(slot));
  }

  /** The base's address plus a slot's offset. */
  slotPointer(slot: i32): Ref {
    const ir = this.ir;
    return ir.emit(Op.ADD, Type.I32, ir.emit(Op.BASE, Type.I32), ir.small(slot * <i32>SLOT_SIZE));
  }

  // ---- Snapshots

  /**
   * From here on exits restore the present state and go on at `pc`.
   * @param staged slots from here up are wanted in the stack, too: the operands of a call that is about to be made
   * @param inStack slots that have their value in the stack although the trace will be said to write them: results of the call just made
   * @param callee frame of the compiled function that is about to be called
   */
  beginInstruction(pc: u32, staged: i32 = NOTHING_STAGED, inStack: Array<i32> = [], callee: SnapshotFrame | null = null): void {
    this.hasWritten = false;
    this.ir.setSnapshotSource(new InstructionState(this, pc, staged, inStack, callee));
  }

  /** Takes the snapshot of the present instruction now, since slots are going to be written before its last guard. */
  takeSnapshot(): void {
    this.ir.snapshot();
  }
}

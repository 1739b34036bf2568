/**
 * A recording as the handlers of opcodes and builtins see it: the slots of the stack, the frames of inlined calls, and the trace they emit to.
 * The recorder (recorder.ts) drives it.
 *
 * Invariants
 * - All guards of an instruction come before its first effect, on memory or on the slots: a guard's snapshot is the state in front of the
 *   instruction, which the interpreter then repeats. `writeSlot` closes the time for guards; the snapshot source checks it.
 */
import { PROTO_CONSTANTS, SLOT_SIZE, TAG_CLOSURE, TAG_LIGHT, VM_THREAD } from '../../../src/bytecode/layout.ts';
import { type AbortReason, RecordingAborted } from '../../abort-reasons.ts';
import { IRBuilder } from '../../build/builder.ts';
import type { OptimiserOptions } from '../../build/options.ts';
import { type FieldName, Field } from '../../ir/ir-table.ts';
import { type IRRef, NONE, type Snapshot, type SnapshotFrame, Trace } from '../../ir/trace.ts';
import type { Parameters } from '../../parameters.ts';
import { FrameStack, type RecordedFrame } from './frame-stack.ts';
import type { HeapReader } from './heap-reader.ts';
import type { InstructionView } from './instruction-view.ts';
import type { Liveness } from './liveness.ts';
import { SlotMap } from './slot-map.ts';
import { makeSnapshot } from './snapshots.ts';
import { hasPayload, payloadType, type Value } from './value.ts';

/** What the recorder needs to know from outside its trace. */
export interface RecordingContext {
  readonly heap: HeapReader;
  readonly parameters: Parameters;
  readonly optimisations: OptimiserOptions;
  /** Compare the recorder's slots with the real stack after every step. */
  readonly checkSlots: boolean;
  livenessOf(proto: number): Liveness;
  /** Is there compiled code of the whole function, or is there soon? */
  isCompiled(proto: number): boolean;
  /** A function has a loop and should not be inlined. @returns whether it is going to be compiled by itself */
  wantFunction(proto: number): boolean;
  /** Is it known that a prototype has many closures, so that a trace should not depend on one of them? */
  isPolymorphic(proto: number, closure: number): boolean;
  /** Keeps an object alive as long as the trace. */
  pin(object: number): void;
}

/** Where a side trace starts: an exit of its parent, whose frames are in memory. */
export interface ParentExit {
  readonly trace: Trace;
  /** Index of the snapshot. */
  readonly exit: number;
  readonly snapshot: Snapshot;
}

export type AfterStep = () => void;
export type RecordFunction = (recording: Recording, i: InstructionView) => AfterStep | void;

/** Snapshot of a state whose slots were written before all guards were made: a bug of a handler. */
const LATE_GUARD = 'a guard behind the first effect of its instruction';

export class Recording {
  readonly heap: HeapReader;
  readonly trace: Trace;
  readonly ir: IRBuilder;
  readonly context: RecordingContext;
  readonly slots = new SlotMap();
  readonly frames: FrameStack;
  /** Instructions recorded. */
  length = 0;
  /** Slot behind the last of an open list of values (open results, `...`), if the trace has made one. */
  openTop: number | undefined;
  /** How often each loop instruction was passed. */
  readonly passes = new Map<number, number>();
  readonly isSide: boolean;
  protected isFinished = false;
  #hasWritten = false;

  /** @param rootBase address of the root frame's base; for a root trace that of the current frame @param functionProto for a root that is a function */
  constructor(context: RecordingContext, number: number, rootBase: number, parent?: ParentExit, functionProto = 0) {
    this.context = context;
    this.heap = context.heap;
    this.isSide = parent !== undefined;
    this.trace = new Trace(number, this.heap.frame.pc, parent && { trace: parent.trace.number, exit: parent.exit }, parent?.trace.functionProto ?? functionProto);
    this.ir = new IRBuilder(this.trace, context.optimisations);
    this.frames = new FrameStack(this.heap, this.trace, context.livenessOf, rootBase, parent?.snapshot.frames.length ?? 0);
    this.frames.push({ base: 0, functionSlot: -1, callerPc: 0, results: 0, kind: 0, varargs: -1, isOwn: false, closureRef: undefined });
  }

  /** The instruction is a call that is executed as a whole: `afterStep` follows once its frame is gone. Ends the trace behind the call, if that takes too long. */
  endBehindCall: (() => void) | undefined;

  /** Ends the trace in front of the current instruction, which returns these values from the function the trace is part of. */
  finishReturning(values: readonly Value[]): void {
    const { trace } = this;
    trace.link = { kind: 'return' };
    trace.resultSnapshot = trace.snapshots.push({ pc: this.heap.frame.pc, frames: [], entries: values.map(({ ref, tag }, n) => ({ slot: n - 1, ref, tag })), length: this.length }) - 1;
    this.finish();
  }

  /** Ends the trace in front of the current instruction, with the link that was set. */
  finish(): void {
    this.isFinished = true;
  }

  abort(reason: AbortReason, detail = ''): never {
    throw new RecordingAborted(reason, detail);
  }

  // ---- Frames

  get frame(): RecordedFrame {
    return this.frames.current;
  }

  get depth(): number {
    return this.frames.depth;
  }

  get rootBase(): number {
    return this.frames.rootBase;
  }

  /** The closure of the current frame: a constant, or its reference if its prototype has many closures. */
  closureRef(): IRRef {
    const { frame, ir } = this;
    if (frame.closureRef === undefined) {
      const { ref } = this.readSlot(frame.base - 1, TAG_CLOSURE);
      if (this.context.isPolymorphic(frame.proto, frame.closure)) frame.closureRef = ref;
      else {
        ir.guard(ir.emit('EQ', 'i32', ref, ir.pointer(frame.closure)), true);
        frame.closureRef = ir.pointer(frame.closure);
      }
    }
    return frame.closureRef;
  }

  // ---- Slots

  /** Slot number of a register operand (scaled). */
  slotOf(scaled: number): number {
    return this.frame.base + (scaled >> 4);
  }

  /** Address of a slot in the real stack. */
  slotAddress(slot: number): number {
    return this.frames.slotAddress(slot);
  }

  /** Address of a register operand in the real stack. */
  address(scaled: number): number {
    return this.slotAddress(this.slotOf(scaled));
  }

  /** The value of a register operand. */
  read(scaled: number): Value {
    return this.readSlot(this.slotOf(scaled));
  }

  /** @param known tag the slot surely has (no check), if any */
  readSlot(slot: number, known?: number): Value {
    const found = this.slots.get(slot);
    if (found !== undefined) return found;
    const tag = known ?? this.heap.tag(this.slotAddress(slot));
    const type = payloadType(tag);
    const ref = known === undefined
      ? this.ir.emitExiting('SLOAD', type, NONE, NONE, NONE, slot, tag)
      : this.ir.emit('SLOAD', type, NONE, NONE, NONE, slot, tag);
    const value: Value = { ref: hasPayload(tag) ? ref : NONE, tag };
    this.slots.setLoaded(slot, value);
    return value;
  }

  write(scaled: number, value: Value): void {
    this.writeSlot(this.slotOf(scaled), value);
  }

  writeSlot(slot: number, value: Value): void {
    this.#hasWritten = true;
    this.slots.set(slot, value);
  }

  /** Address of constant `scaled` of the current frame. */
  constantAddress(scaled: number): number {
    return this.heap.u32(this.frame.proto + PROTO_CONSTANTS) + scaled;
  }

  /** The constant operand. */
  constant(scaled: number): Value {
    return this.valueAt(this.constantAddress(scaled));
  }

  /** A value in memory as a constant of the trace. */
  valueAt(address: number): Value {
    const tag = this.heap.tag(address);
    return { tag, ref: this.constantRef(tag, address) };
  }

  private constantRef(tag: number, address: number): IRRef {
    const { heap, ir } = this;
    switch (payloadType(tag)) {
      case 'i64': return ir.int(heap.int(address));
      case 'f64': return ir.float(heap.float(address));
      case 'i32': return tag === TAG_LIGHT ? ir.i32(heap.pointer(address)) : ir.pointer(heap.pointer(address));
      default: return NONE;
    }
  }

  /** May a closure hold an upvalue to this slot? */
  isCaptured(slot: number): boolean {
    const frame = this.frames.all[this.frames.indexAt(slot)]!;
    return slot >= frame.base && frame.liveness.isCaptured(slot - frame.base);
  }

  // ---- Emitting

  field(object: IRRef, field: FieldName): IRRef {
    return this.ir.emit('FLOAD', 'i32', object, NONE, NONE, Field[field]);
  }

  storeField(object: IRRef, field: FieldName, value: IRRef): void {
    this.ir.emit('FSTORE', 'void', object, value, NONE, Field[field]);
  }

  /** Behind a store of an object into an object: the collector must hear of it, unless the owner is certainly white still. */
  barrier(owner: IRRef, value: IRRef): void {
    const isWhite = this.ir.alias.isFresh(owner) && this.ir.newest('CALLB') < owner;
    if (!isWhite) this.ir.emit('BARRIER', 'void', owner, value);
  }

  guardEqual(a: IRRef, b: IRRef): void {
    this.ir.guard(this.ir.emit('EQ', 'i32', a, b), true);
  }

  guardNotEqual(a: IRRef, b: IRRef): void {
    this.ir.guard(this.ir.emit('EQ', 'i32', a, b), false);
  }

  guardField(object: IRRef, field: FieldName, value: number): void {
    this.guardEqual(this.field(object, field), this.ir.i32(value));
  }

  /** The running thread. */
  threadRef(): IRRef {
    return this.ir.emit('VMLOAD', 'i32', NONE, NONE, NONE, VM_THREAD);
  }

  /** Open results end in front of `slot`: the stack's top is set, which the instruction that takes them looks at. */
  storeTop(slot: number): void {
    this.storeField(this.threadRef(), 'thread.top', this.slotPointer(slot));
  }

  /** The base's address plus a slot's offset. */
  slotPointer(slot: number): IRRef {
    const { ir } = this;
    return ir.emit('ADD', 'i32', ir.emit('BASE', 'i32'), ir.i32(slot * SLOT_SIZE));
  }

  // ---- Snapshots

  /**
   * From here on exits restore the present state and go on at `pc`.
   * @param staged slots from here up are wanted in the stack, too: the operands of a call that is about to be made
   * @param inStack slots that have their value in the stack although the trace will be said to write them: results of the call just made
   * @param callee frame of the compiled function that is about to be called
   */
  beginInstruction(pc: number, staged = Infinity, inStack: readonly number[] = [], callee?: SnapshotFrame): void {
    this.#hasWritten = false;
    const { length } = this;
    this.ir.setSnapshotSource(() => {
      if (this.#hasWritten) this.abort('compile-error', LATE_GUARD);
      const snapshot = makeSnapshot(this.slots, this.frames, pc, length, staged, inStack);
      return callee === undefined ? snapshot : { ...snapshot, frames: [...snapshot.frames, callee] };
    });
  }

  /** Takes the snapshot of the present instruction now, since slots are going to be written before its last guard. */
  takeSnapshot(): void {
    this.ir.snapshot();
  }
}

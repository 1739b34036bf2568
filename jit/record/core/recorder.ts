/**
 * The recorder: watches the program being single-stepped and writes down, as IR with guards, what it did. opcodes/*.ts hold one function per
 * opcode; this file owns the state they share: the slots of the stack, the frames of inlined calls, snapshots.
 *
 * Life of an instruction: `recordNext` looks at it before it is executed and emits IR; the driver (trace manager) executes it with
 * `step`; `afterStep` lets a handler look at what happened (did it jump? which shape has the table now?) and emit the rest.
 *
 * Invariants
 * - All guards of an instruction come before its first effect, on memory or on the slots: a guard's snapshot is the state in front of the
 *   instruction, which the interpreter then repeats. `writeSlot` closes the time for guards; the snapshot source checks it.
 * - Slots are numbered from the base of the root frame. The real stack may move during a step: addresses are never kept across one.
 */
import { FRAME_SIZE, PROTO_CONSTANTS, PROTO_FRAME_SIZE, SLOT_SIZE, TAG_CLOSURE, TAG_LIGHT, THREAD_FRAMES, VM_THREAD } from '../../../src/bytecode/layout.ts';
import type { OpName } from '../../../src/bytecode/opcode-table.ts';
import { type AbortReason, RecordingAborted } from '../../abort-reasons.ts';
import { IRBuilder } from '../../build/builder.ts';
import { type FieldName, Field } from '../../ir/ir-table.ts';
import { type IRRef, NONE, type Snapshot, type SnapshotEntry, Trace } from '../../ir/trace.ts';
import type { OptimiserOptions } from '../../build/options.ts';
import type { Parameters } from '../../parameters.ts';
import type { FrameView, HeapReader } from './heap-reader.ts';
import { type InstructionView, readInstruction } from './instruction-view.ts';
import type { Liveness } from './liveness.ts';
import { SlotMap } from './slot-map.ts';
import { hasPayload, payloadType, type Value } from './value.ts';

/** What the recorder needs to know from outside its trace. */
export interface RecordingContext {
  readonly opcodes: OpcodeRecorders;
  readonly heap: HeapReader;
  readonly parameters: Parameters;
  readonly optimisations: OptimiserOptions;
  /** Compare the recorder's slots with the real stack after every step. */
  readonly checkSlots: boolean;
  livenessOf(proto: number): Liveness;
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

/** A frame the trace is in: the root's, or that of an inlined call. */
export interface RecordedFrame {
  /** Slot number of the base, and of the lowest slot that belongs to the callee (the function called). */
  readonly base: number;
  readonly functionSlot: number;
  readonly proto: number;
  readonly closure: number;
  readonly liveness: Liveness;
  /** Instruction in the caller, wanted results, kind: as in SnapshotFrame. */
  readonly callerPc: number;
  readonly results: number;
  readonly kind: number;
  /** Number of arguments before VARARGPREP, of variable arguments behind it; -1 for a root's, which are not known. */
  readonly varargs: number;
  /** Was it pushed by this trace, so that everything in it has been seen? */
  readonly isOwn: boolean;
  /** Reference of the closure once it was needed; a constant if guarded to be this very closure. */
  closureRef: IRRef | undefined;
  /** Has the trace made closures that may capture its registers? */
  hasCaptures: boolean;
}

/** What is said of a frame when it is pushed; the rest follows from its closure. */
type NewFrame = Omit<RecordedFrame, 'proto' | 'closure' | 'liveness' | 'hasCaptures'>;

/** SnapshotFrame's `kind` holds FRAME_KIND and, above, FRAME_VARARGS. */
const VARARGS_SHIFT = 16;
const FRAME_KIND_MASK = 0xffff;

export type AfterStep = () => void;
export type RecordFunction = (recorder: Recorder, i: InstructionView) => AfterStep | void;

/** What knows how instructions are recorded (opcodes/index.ts). */
export interface OpcodeRecorders {
  /** Looks whether the trace closes, or ends, in front of an instruction. */
  atLoopHead(recorder: Recorder, i: InstructionView): 'finished' | 'goes on';
  /** The function for an opcode, if it can be recorded. */
  recorderOf(name: OpName): RecordFunction | undefined;
}

/** Snapshot of a state whose slots were written before all guards were made: a bug of a handler. */
const LATE_GUARD = 'a guard behind the first effect of its instruction';

export class Recorder {
  readonly heap: HeapReader;
  readonly trace: Trace;
  readonly ir: IRBuilder;
  readonly context: RecordingContext;
  readonly slots = new SlotMap();
  /** Root first. Never empty. */
  readonly frames: RecordedFrame[] = [];
  /** Instructions recorded. */
  length = 0;
  /** Slot behind the last of an open list of values (open results, `...`), if the trace has made one. */
  openTop: number | undefined;
  /** How often each loop instruction was passed. */
  readonly passes = new Map<number, number>();
  readonly isSide: boolean;
  /** The thread that runs, and goes on running. */
  private readonly thread: number;
  private readonly rootOffset: number;
  private readonly rootFrameOffset: number;
  private after: AfterStep | undefined;
  private isFinished = false;
  private hasWritten = false;
  private pinned = 0;

  /** @param rootBase address of the root frame's base; for a root trace that of the current frame */
  constructor(context: RecordingContext, number: number, rootBase: number, parent?: ParentExit) {
    this.context = context;
    this.heap = context.heap;
    this.isSide = parent !== undefined;
    this.thread = this.heap.thread;
    const current = this.heap.frame;
    this.rootOffset = rootBase - this.heap.stack;
    const depth = parent?.snapshot.frames.length ?? 0;
    this.rootFrameOffset = current.address - depth * FRAME_SIZE - this.framesBlock;
    this.trace = new Trace(number, current.pc, parent && { trace: parent.trace.number, exit: parent.exit });
    this.ir = new IRBuilder(this.trace, context.optimisations);
    this.pushFrame({ base: 0, functionSlot: -1, callerPc: 0, results: 0, kind: 0, varargs: -1, isOwn: false, closureRef: undefined });
    if (parent !== undefined) this.inherit(parent);
  }

  private get framesBlock(): number {
    return this.heap.u32(this.heap.thread + THREAD_FRAMES);
  }

  /** Takes over the state of the parent's exit: types are known, constants are constants, frames are there. */
  private inherit({ trace, snapshot }: ParentExit): void {
    for (const { slot, ref, tag } of snapshot.entries) {
      if (!hasPayload(tag)) this.slots.setLoaded(slot, { ref: NONE, tag });
      else if (ref < 0) this.slots.setLoaded(slot, { ref: this.copyConstant(trace, ref), tag });
      else this.slots.setLoaded(slot, { ref: this.ir.emit('SLOAD', payloadType(tag), NONE, NONE, NONE, slot, tag), tag });
    }
    for (const { base, callerPc, results, kind } of snapshot.frames) {
      const varargs = kind >>> VARARGS_SHIFT;
      const functionSlot = base - 1 - this.heap.varargRoom(this.memoryFrame(this.frames.length), varargs);
      this.pushFrame({ base, functionSlot, callerPc, results, kind: kind & FRAME_KIND_MASK, varargs, isOwn: false, closureRef: undefined });
    }
  }

  private copyConstant(trace: Trace, ref: IRRef): IRRef {
    const { op, value } = trace.constants[~ref]!;
    if (op === 'KINT') return this.ir.int(value as bigint);
    if (op === 'KFLT') return this.ir.float(value as number);
    return op === 'KI32' ? this.ir.i32(value as number) : this.ir.pointer(value as number);
  }

  // ---- Driving

  /**
   * Records the instruction in front of which the program stands.
   * @returns false when the trace is complete (its link is set); nothing is to be executed then
   * @throws RecordingAborted
   */
  recordNext(): boolean {
    const { parameters, opcodes } = this.context;
    const i = readInstruction(this.heap.memory, this.heap.frame.pc);
    this.checkFrame();
    this.beginInstruction(i.pc);
    if (opcodes.atLoopHead(this, i) === 'finished' || this.isFinished) return this.complete();
    this.length++;
    if (this.length > parameters.maxrecord) this.abort('trace-too-long');
    if (this.trace.constants.length > parameters.maxirconst) this.abort('too-many-constants');
    if (this.trace.snapshots.length > parameters.maxsnap) this.abort('too-many-snapshots');
    const record = opcodes.recorderOf(i.baseName);
    if (record === undefined) this.abort('unsupported-instruction', i.name);
    this.after = record(this, i) ?? undefined;
    if (this.isFinished) return this.complete();
    this.pinConstants();
    return true;
  }

  /** Looks at what the instruction did. @throws RecordingAborted */
  afterStep(): void {
    this.after?.();
    this.after = undefined;
    this.pinConstants();
    if (this.context.checkSlots) this.compareWithStack();
  }

  /** Ends the trace in front of the current instruction, with the link that was set. */
  finish(): void {
    this.isFinished = true;
  }

  abort(reason: AbortReason, detail = ''): never {
    throw new RecordingAborted(reason, detail);
  }

  private complete(): false {
    this.isFinished = true;
    this.trace.endSnapshot = this.ir.snapshot();
    if (!this.isSide) this.trace.deadSlots = this.frames[0]!.liveness.deadRegisters(this.trace.startPc);
    this.pinConstants();
    return false;
  }

  /** Objects in the constant pool must survive collections from the moment they are named. */
  private pinConstants(): void {
    const { constants } = this.trace;
    for (; this.pinned < constants.length; this.pinned++) {
      const { op, value } = constants[this.pinned]!;
      if (op === 'KPTR') this.context.pin(value as number);
    }
  }

  // ---- Frames

  get frame(): RecordedFrame {
    return this.frames[this.frames.length - 1]!;
  }

  /** Number of inlined frames above the root's. */
  get depth(): number {
    return this.frames.length - 1;
  }

  /** Address of the root frame's base now. */
  get rootBase(): number {
    return this.heap.stack + this.rootOffset;
  }

  /** The frame in memory that stands `index` above the root's. */
  private memoryFrame(index: number): FrameView {
    return this.heap.frameAt(this.framesBlock + this.rootFrameOffset + index * FRAME_SIZE);
  }

  /** Pushes a frame that exists in memory. */
  private pushFrame(frame: NewFrame): void {
    this.pushFrameOf(this.memoryFrame(this.frames.length).closure, frame);
  }

  /** Pushes a frame that is only going to exist. */
  pushFrameOf(closure: number, frame: NewFrame): void {
    const proto = this.heap.protoOf(closure);
    this.frames.push({ ...frame, proto, closure, liveness: this.context.livenessOf(proto), hasCaptures: false });
    this.trace.stackSlots = Math.max(this.trace.stackSlots, frame.base + (this.heap.u32(proto + PROTO_FRAME_SIZE) >> 4));
  }

  /** The current frame moved: its base is another, it has so many variable arguments. */
  moveFrame(base: number, varargs: number): void {
    const frame = this.popFrame();
    this.pushFrameOf(frame.closure, { ...frame, base, varargs });
  }

  popFrame(): RecordedFrame {
    return this.frames.pop()!;
  }

  /** Is the frame in memory the one the recorder believes to be in? */
  private checkFrame(): void {
    const { address, base, closure } = this.heap.frame;
    const expected = this.framesBlock + this.rootFrameOffset + this.depth * FRAME_SIZE;
    if (this.heap.thread !== this.thread) this.abort('coroutine-switch');
    if (address !== expected) this.abort('unsupported-call', 'the frames are not as expected');
    if (base !== this.slotAddress(this.frame.base) || closure !== this.frame.closure) this.abort('compile-error', 'the recorder lost its frame');
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
    return this.rootBase + slot * SLOT_SIZE;
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
    this.hasWritten = true;
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
    const frame = this.frames.findLast(({ functionSlot }) => slot >= functionSlot) ?? this.frames[0]!;
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
   */
  beginInstruction(pc: number, staged = Infinity, inStack: readonly number[] = []): void {
    this.hasWritten = false;
    this.ir.setSnapshotSource(() => {
      if (this.hasWritten) this.abort('compile-error', LATE_GUARD);
      return this.makeSnapshot(pc, staged, inStack);
    });
  }

  /** Takes the snapshot of the present instruction now, since slots are going to be written before its last guard. */
  takeSnapshot(): void {
    this.ir.snapshot();
  }

  private makeSnapshot(pc: number, staged: number, inStack: readonly number[]): Snapshot {
    const { frames } = this;
    const entries: SnapshotEntry[] = [];
    let index = 0;
    for (const slot of this.slots.modifiedSlots()) {
      while (index + 1 < frames.length && slot >= frames[index + 1]!.functionSlot) index++;
      const frame = frames[index]!;
      const register = slot - frame.base;
      const framePc = frames[index + 1]?.callerPc ?? pc;
      if (register >= 0 && slot < staged && !frame.liveness.isLive(framePc, register)) continue;
      const { ref, tag } = this.slots.get(slot)!;
      entries.push({ slot, ref: hasPayload(tag) ? ref : NONE, tag });
    }
    const inlined = frames.slice(1).map(({ base, callerPc, results, kind, varargs }) => ({ base, callerPc, results, kind: kind | (varargs << VARARGS_SHIFT) }));
    return { pc, frames: inlined, entries, ...(inStack.length > 0 && { inStack }) };
  }

  /** House rule: what the recorder believes is what is. Dead slots of the frames may differ. */
  private compareWithStack(): void {
    const { pc } = this.heap.frame;
    for (const [slot, { tag, ref }] of this.slots.entries()) {
      const index = this.frames.findLastIndex(({ functionSlot }) => slot >= functionSlot);
      const frame = this.frames[Math.max(index, 0)]!;
      const framePc = this.frames[index + 1]?.callerPc ?? pc;
      if (slot >= frame.base && !frame.liveness.isLive(framePc, slot - frame.base)) continue;
      const address = this.slotAddress(slot);
      const real = this.heap.tag(address);
      if (real !== tag) this.abort('compile-error', `slot ${slot} has tag ${real}, recorded was ${tag}`);
      if (ref >= 0 || !hasPayload(tag)) continue;
      const value = this.valueAt(address);
      if (value.ref !== ref && !Object.is(this.ir.valueOf(ref), this.ir.valueOf(value.ref))) this.abort('compile-error', `slot ${slot} is not the constant recorded`);
    }
  }
}

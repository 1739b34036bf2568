/**
 * The frames a recording is in: the root's, and above it those of inlined calls. They also exist in memory, except one that is just being
 * entered. Slots are numbered from the base of the root frame. The real stack may move during a step: addresses are never kept across one.
 */
import { FRAME_SIZE, PROTO_FRAME_SIZE, SLOT_SIZE, THREAD_FRAMES } from '../../../../src/bytecode/layout';
import { NONE, Ref, Trace } from '../../ir/trace';
import * as heap from './heap';
import { Liveness } from './liveness';

/** What is said of a frame when it is pushed; the rest follows from its closure. */
export class NewFrame {
  constructor(
    /** Slot number of the base, and of the lowest slot that belongs to the callee (the function called). */
    public base: i32,
    public functionSlot: i32,
    /** Instruction in the caller, wanted results, kind: as in SnapshotFrame. */
    public callerPc: u32,
    public results: i32,
    public kind: u32,
    /** Number of arguments before VARARGPREP, of variable arguments behind it; -1 for a root's, which are not known. */
    public varargs: i32,
    /** Was it pushed by this trace, so that everything in it has been seen? */
    public isOwn: bool,
    /** Reference of the closure once it was needed, NONE before; a constant if guarded to be this very closure. */
    public closureRef: Ref = NONE,
  ) {}
}

/** A frame the trace is in: the root's, or that of an inlined call. */
export class RecordedFrame extends NewFrame {
  /** Has the trace made closures that may capture its registers? */
  hasCaptures: bool = false;

  constructor(frame: NewFrame, public closure: u32, public proto: u32, public liveness: Liveness) {
    super(frame.base, frame.functionSlot, frame.callerPc, frame.results, frame.kind, frame.varargs, frame.isOwn, frame.closureRef);
  }
}

/** How the frame in memory differs from the one the recorder believes to be in. */
export const enum Difference { NONE = 0, ANOTHER_THREAD = 1, OTHER_FRAMES = 2, ANOTHER_PLACE = 3 }

export class FrameStack {
  /** Root first. Never empty once the root's was pushed. */
  all: Array<RecordedFrame> = [];
  /** The thread that runs, and goes on running. */
  thread: u32;
  private rootOffset: u32;
  private rootFrameOffset: u32;
  /** Of the prototypes met. */
  private livenesses: Map<u32, Liveness> = new Map<u32, Liveness>();

  /** @param rootBase address of the root frame's base  @param depth frames in memory above the root's */
  constructor(private trace: Trace, rootBase: u32, depth: i32) {
    this.thread = heap.thread();
    this.rootOffset = rootBase - heap.stack();
    this.rootFrameOffset = heap.frame().address - <u32>depth * FRAME_SIZE - heap.u32(heap.thread() + THREAD_FRAMES);
  }

  private get framesBlock(): u32 {
    return heap.u32(heap.thread() + THREAD_FRAMES);
  }

  get current(): RecordedFrame {
    return this.all[this.all.length - 1];
  }

  /** Number of inlined frames above the root's. */
  get depth(): i32 {
    return this.all.length - 1;
  }

  /** Address of the root frame's base now. */
  get rootBase(): u32 {
    return heap.stack() + this.rootOffset;
  }

  /** Address of a slot in the real stack. */
  slotAddress(slot: i32): u32 {
    return this.rootBase + <u32>slot * SLOT_SIZE;
  }

  /** The frame in memory that stands `index` above the root's. */
  inMemory(index: i32): heap.FrameView {
    return new heap.FrameView(this.framesBlock + this.rootFrameOffset + <u32>index * FRAME_SIZE);
  }

  /** Pushes a frame that exists in memory. */
  push(frame: NewFrame): void {
    this.pushOf(this.inMemory(this.all.length).closure, frame);
  }

  /** Pushes a frame that is only going to exist. */
  pushOf(closure: u32, frame: NewFrame): void {
    const proto = heap.protoOf(closure);
    this.all.push(new RecordedFrame(frame, closure, proto, this.livenessOf(proto)));
    this.trace.stackSlots = max(this.trace.stackSlots, frame.base + <i32>(heap.u32(proto + PROTO_FRAME_SIZE) >> 4));
  }

  pop(): RecordedFrame {
    return this.all.pop();
  }

  /** The current frame moved: its base is another, it has so many variable arguments. */
  move(base: i32, varargs: i32): void {
    const frame = this.pop();
    this.pushOf(frame.closure, new NewFrame(base, frame.functionSlot, frame.callerPc, frame.results, frame.kind, varargs, frame.isOwn, frame.closureRef));
  }

  /** Index of the frame a slot belongs to, its callee's function slot and arguments included. */
  indexAt(slot: i32): i32 {
    let index = this.all.length - 1;
    while (index > 0 && slot < this.all[index].functionSlot) index--;
    return index;
  }

  difference(): Difference {
    const frame = heap.frame();
    if (heap.thread() != this.thread) return Difference.ANOTHER_THREAD;
    if (frame.address != this.framesBlock + this.rootFrameOffset + <u32>this.depth * FRAME_SIZE) return Difference.OTHER_FRAMES;
    return frame.base != this.slotAddress(this.current.base) || frame.closure != this.current.closure ? Difference.ANOTHER_PLACE : Difference.NONE;
  }

  private livenessOf(proto: u32): Liveness {
    if (this.livenesses.has(proto)) return this.livenesses.get(proto);
    const computed = new Liveness(proto);
    this.livenesses.set(proto, computed);
    return computed;
  }
}

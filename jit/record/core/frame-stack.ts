/**
 * The frames a recording is in: the root's, and above it those of inlined calls. They also exist in memory, except one that is just being
 * entered. Slots are numbered from the base of the root frame. The real stack may move during a step: addresses are never kept across one.
 */
import { FRAME_SIZE, PROTO_FRAME_SIZE, SLOT_SIZE, THREAD_FRAMES } from '../../../src/bytecode/layout.ts';
import type { IRRef, Trace } from '../../ir/trace.ts';
import type { FrameView, HeapReader } from './heap-reader.ts';
import type { Liveness } from './liveness.ts';

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
export type NewFrame = Omit<RecordedFrame, 'proto' | 'closure' | 'liveness' | 'hasCaptures'>;

export class FrameStack {
  /** Root first. Never empty once the root's was pushed. */
  readonly all: RecordedFrame[] = [];
  readonly #heap: HeapReader;
  readonly #trace: Trace;
  readonly #livenessOf: (proto: number) => Liveness;
  /** The thread that runs, and goes on running. */
  readonly thread: number;
  readonly #rootOffset: number;
  readonly #rootFrameOffset: number;

  /** @param rootBase address of the root frame's base  @param depth frames in memory above the root's */
  constructor(heap: HeapReader, trace: Trace, livenessOf: (proto: number) => Liveness, rootBase: number, depth: number) {
    this.#heap = heap;
    this.#trace = trace;
    this.#livenessOf = livenessOf;
    this.thread = heap.thread;
    this.#rootOffset = rootBase - heap.stack;
    this.#rootFrameOffset = heap.frame.address - depth * FRAME_SIZE - this.#framesBlock;
  }

  get #framesBlock(): number {
    return this.#heap.u32(this.#heap.thread + THREAD_FRAMES);
  }

  get current(): RecordedFrame {
    return this.all[this.all.length - 1]!;
  }

  /** Number of inlined frames above the root's. */
  get depth(): number {
    return this.all.length - 1;
  }

  /** Address of the root frame's base now. */
  get rootBase(): number {
    return this.#heap.stack + this.#rootOffset;
  }

  /** Address of a slot in the real stack. */
  slotAddress(slot: number): number {
    return this.rootBase + slot * SLOT_SIZE;
  }

  /** The frame in memory that stands `index` above the root's. */
  inMemory(index: number): FrameView {
    return this.#heap.frameAt(this.#framesBlock + this.#rootFrameOffset + index * FRAME_SIZE);
  }

  /** Pushes a frame that exists in memory. */
  push(frame: NewFrame): void {
    this.pushOf(this.inMemory(this.all.length).closure, frame);
  }

  /** Pushes a frame that is only going to exist. */
  pushOf(closure: number, frame: NewFrame): void {
    const proto = this.#heap.protoOf(closure);
    this.all.push({ ...frame, proto, closure, liveness: this.#livenessOf(proto), hasCaptures: false });
    this.#trace.stackSlots = Math.max(this.#trace.stackSlots, frame.base + (this.#heap.u32(proto + PROTO_FRAME_SIZE) >> 4));
  }

  pop(): RecordedFrame {
    return this.all.pop()!;
  }

  /** The current frame moved: its base is another, it has so many variable arguments. */
  move(base: number, varargs: number): void {
    const frame = this.pop();
    this.pushOf(frame.closure, { ...frame, base, varargs });
  }

  /** Index of the frame a slot belongs to, its callee's function slot and arguments included. */
  indexAt(slot: number): number {
    return Math.max(this.all.findLastIndex(({ functionSlot }) => slot >= functionSlot), 0);
  }

  /** How the frame in memory differs from the one the recorder believes to be in. */
  difference(): 'another thread' | 'other frames' | 'another place' | undefined {
    const { address, base, closure } = this.#heap.frame;
    if (this.#heap.thread !== this.thread) return 'another thread';
    if (address !== this.#framesBlock + this.#rootFrameOffset + this.depth * FRAME_SIZE) return 'other frames';
    return base !== this.slotAddress(this.current.base) || closure !== this.current.closure ? 'another place' : undefined;
  }
}

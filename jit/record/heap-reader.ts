/** Where the program stands, from linear memory. What the recorder itself reads: jit/core/record/core/heap.ts. */
import { CLOSURE_PROTO, FRAME_BASE, FRAME_CLOSURE, FRAME_PC, THREAD_FRAME, VM_THREAD } from '../../src/bytecode/layout.ts';
import type { Memory } from '../../src/engine/memory.ts';

/** A frame as it stands in memory. */
export interface FrameView {
  readonly base: number;
  readonly pc: number;
  /** 0: none. */
  readonly closure: number;
}

export class HeapReader {
  constructor(readonly memory: Memory) {}

  /** The innermost frame of the running thread. */
  get frame(): FrameView {
    const { memory } = this;
    const address = memory.load(memory.load(VM_THREAD) + THREAD_FRAME);
    return { base: memory.load(address + FRAME_BASE), pc: memory.load(address + FRAME_PC), closure: memory.load(address + FRAME_CLOSURE) };
  }

  protoOf(closure: number): number {
    return this.memory.load(closure + CLOSURE_PROTO);
  }
}

/** The stack of the running thread, as code of the host uses it; the machine has it. */
import type { CoreExports } from './core-module.ts';
import type { Frames } from './errors/frames.ts';
import type { Memory } from './memory.ts';
import type { Slots } from './slots.ts';

export interface StackPort {
  readonly core: CoreExports;
  readonly memory: Memory;
  readonly slots: Slots;
  readonly frames: Frames;
  top: number;
  /** Offset of a stack slot, which stays valid when the stack moves. */
  stackOffset(slot: number): number;
  stackAddress(offset: number): number;
  /** A new slot at the top; its value is not set. */
  pushSlot(): number;
  /** Removes `count` slots from the top. */
  pop(count: number): void;
}

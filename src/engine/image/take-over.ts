/** Makes a memory that another host has left this machine's own: what that host held in it is let go of. */
import { VM_DEAD_OWNERS, VM_RUNNING_TRACE } from '../../bytecode/layout.ts';
import type { HeldBlock, SavedCode } from '../jit-port.ts';
import type { Machine } from '../machine.ts';

/** What the other host held, and nobody in the memory tells. */
export interface Holdings {
  /** Memory of its compiled code (`JitPort.blocks`). */
  readonly blocks: readonly HeldBlock[];
  /** What its handles were charged with, in bytes. */
  readonly charged: number;
}

/**
 * All pins go, and compiled code, unless the JIT goes on with it: else loops count from the start.
 * @param machine made over that memory a moment ago @throws MoontraceError bad-image
 */
export function takeOver({ core, memory, jit }: Machine, { blocks, charged }: Holdings, code?: SavedCode | Uint8Array): void {
  core.dropPins();
  if (charged !== 0) core.chargeHost(-charged);
  memory.store(VM_DEAD_OWNERS, 0);
  memory.store(VM_RUNNING_TRACE, 0);
  if (code !== undefined && jit.adoptCode(code)) return;
  for (const [address, size] of blocks) core.freeRaw(address, size);
  core.resetLoops();
}

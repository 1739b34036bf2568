/**
 * Who may use a VM now. The public API goes through `perform` (boundary.ts), which asks here; the machine notes here what ends its use.
 *
 * Invariant: while the core or the library works (`isShut`) no operation of the API gets in; a host function called by Lua opens the door for the
 * time of its call. So nothing that belongs to an operation (scratch slots, the top of the stack, a sort under way) changes under its hands.
 */
import { MoontraceError } from './errors/errors.ts';

/**
 * open: in use. stopping: `close` was called by what runs, which is going to end. ending: finalisers run. closed: over.
 */
type AccessState = 'open' | 'stopping' | 'ending' | 'closed';

/** Who lets one thread at a time into a VM that several share (engine/shared/session.ts). */
export interface Gate {
  /** @throws MoontraceError would-block, busy, closed, abandoned */
  enter(): void;
  leave(): void;
  /** Does what needs the VM's memory, now if this thread has it, else when it has it again. */
  whenHeld(action: () => void): void;
}

export class Access {
  state: AccessState = 'open';
  /** Of a VM that threads share. */
  gate: Gate | undefined;
  /** An operation is under way and its host functions are not. */
  isShut = false;
  /** Operations of the API under way: the host called Lua, which called the host, which called Lua... */
  depth = 0;
  /** What broke the machine. */
  failure: MoontraceError | undefined;

  /** Must what runs end now, whatever it would catch? */
  get isStopping(): boolean {
    return this.state === 'stopping' || this.failure !== undefined;
  }

  /** @throws MoontraceError closed, core-failure */
  checkAlive(): void {
    if (this.failure !== undefined) throw new MoontraceError('core-failure', 'it did so before', { cause: this.failure });
    if (this.state === 'stopping' || this.state === 'closed') throw new MoontraceError('closed', 'close was called');
  }

  /** @throws MoontraceError closed, core-failure, busy */
  checkOpen(): void {
    this.checkAlive();
    if (this.isShut) throw new MoontraceError('busy', 'only host functions that Lua has called can use it now');
  }

  /** Notes that the machine is broken. @returns what is to be thrown */
  fail(detail: string, cause: unknown): MoontraceError {
    this.failure ??= new MoontraceError('core-failure', detail, { cause });
    return this.failure;
  }
}

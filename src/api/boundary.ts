/**
 * The one way from the public API into a machine and back. Whatever enters is let in or refused before anything has changed; whatever is thrown inside
 * leaves as a LuaError or a MoontraceError, with the stack as it was.
 */
import type { Gate } from '../engine/access.ts';
import type { Machine } from '../engine/machine.ts';
import { hasHostStack } from '../engine/host-stack.ts';
import { LuaError, MoontraceError } from '../engine/errors/errors.ts';
import { textOfHost } from '../engine/host-values.ts';

/** Runs an operation of the API. @throws LuaError, MoontraceError closed, busy, core-failure and what the operation throws */
export function perform<Result>(machine: Machine, operation: () => Result): Result {
  const { access } = machine;
  access.checkOpen();
  if (!hasHostStack()) throw stackOverflow();
  return access.gate === undefined ? performNow(machine, operation) : performGated(machine, access.gate, operation);
}

/** The same in a VM that threads share. */
function performGated<Result>(machine: Machine, gate: Gate, operation: () => Result): Result {
  gate.enter();
  try {
    return performNow(machine, operation);
  } finally {
    gate.leave();
  }
}

function performNow<Result>(machine: Machine, operation: () => Result): Result {
  const { access } = machine;
  access.isShut = true;
  access.depth++;
  try {
    return machine.guard(operation);
  } finally {
    access.depth--;
    access.isShut = false;
    if (access.depth === 0 && access.state === 'stopping') finishAfterRun(machine);
  }
}

const stackOverflow = (): LuaError => new LuaError('stack overflow', { code: 'stack', value: 'stack overflow', traceback: '' });
// Compiles it, which takes more of the stack than there is when it is wanted.
stackOverflow();

/** For what is not done with a VM that threads share. @throws MoontraceError not-shared */
export function refuseShared({ access }: Machine, what: string): void {
  if (access.gate !== undefined) throw new MoontraceError('not-shared', `${what}: threads share this one`);
}

/** Ends the use of a machine, at once or when what runs has come to its end. @throws LuaError that a stream raised when it was written out */
export function close(machine: Machine): void {
  const { access } = machine;
  if (access.state !== 'open') return;
  refuseShared(machine, 'close');
  access.state = 'stopping';
  if (access.depth === 0) finishClosing(machine);
}

function finishClosing(machine: Machine): void {
  const { access } = machine;
  access.state = 'ending';
  access.isShut = true;
  access.depth++;
  try {
    if (access.failure === undefined) machine.finish();
  } finally {
    endUse(machine);
    machine.letGo();
  }
}

/** Nothing is done with this machine any more, whatever others do with the VM. */
export function endUse({ access, jit, suspended }: Machine): void {
  access.state = 'closed';
  jit.close();
  // Who waits for them learns that they cannot go on.
  for (const execution of suspended) execution.onReady();
}

/** The same behind an operation that was stopped: that error is on its way already. */
function finishAfterRun(machine: Machine): void {
  try {
    finishClosing(machine);
  } catch (error) {
    if (!(error instanceof LuaError)) throw error;
  }
}

/** Looks at something of a VM, or sets it, which may be done while it works. @throws MoontraceError closed, core-failure */
export function peek<Result>({ access }: Machine, action: () => Result): Result {
  access.checkAlive();
  const { gate } = access;
  gate?.enter();
  try {
    return action();
  } finally {
    gate?.leave();
  }
}

/** Runs code of the host that the API calls: the environment, getters, iterators. @throws MoontraceError with this code and what was thrown as cause */
export function callHost<Result>(code: 'bad-value' | 'bad-option' | 'bad-argument' | 'host-failure', what: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    if (error instanceof MoontraceError || error instanceof LuaError) throw error;
    throw new MoontraceError(code, `${what}: ${textOfHost(error)}`, { cause: error });
  }
}

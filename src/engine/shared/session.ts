/**
 * One thread's use of a shared VM: takes the lock when the outermost operation begins, and brings the host's side of the VM up to what other threads have done
 * meanwhile; writes down at its end what they need to know. Between two operations nothing of this thread touches the memory: what has to, but comes at another
 * time (a handle that the host's collector has found dead), is put off to the next one.
 */
import type { Access, Gate } from '../access.ts';
import type { CoreExports } from '../core-module.ts';
import { MoontraceError } from '../errors/errors.ts';
import { type HostObjects, RANGE } from '../host-objects.ts';
import type { HostTable } from '../host-table.ts';
import type { JitPort } from '../jit-port.ts';
import type { Memory } from '../memory.ts';
import type { Limits } from '../state/limits.ts';
import { VM_DEAD_OWNERS, VM_JIT_ATTACHED } from '../../bytecode/layout.ts';
import {
  AT_WORK, clientThread, DEAD_OWNERS, FLUSHES, FUEL_ADDRESS, GONE, LAST_CLIENT, LIBRARIES, MAX_CLIENTS, STATE, STATE_BROKEN, STATE_CLOSED, STATE_OPEN, TO_CLEAR,
} from './cells.ts';
import { countPlaces, leavePlace, takePlace } from './clients.ts';
import { SharedCode } from './code.ts';
import { VmLock } from './lock.ts';
import { NamedFunctions } from './named.ts';
import { recover } from './recovery.ts';
import { Releases } from './releases.ts';
import { type PassingSession, ServedCalls, type ServingHost } from './served-calls.ts';

/** What a session needs of its machine. */
export interface SessionHost {
  readonly codeSharing: SharedCode | undefined;
  readonly jit: JitPort;
  readonly access: Access;
  readonly core: CoreExports;
  readonly hostObjects: HostObjects;
  readonly limits: Limits;
  readonly memory: Memory;
}

/** The same, and what the parts that a machine gets from it need. */
interface JoiningHost extends SessionHost, ServingHost {
  readonly host: HostTable;
}

/** What of a machine is there only where threads share the VM. */
export interface JoinedParts {
  readonly named: NamedFunctions;
  readonly served: ServedCalls;
  readonly codeSharing: SharedCode;
}

/** A promise that is never rejected, unless the signal fires before. @throws the reason of the signal, by the promise */
function unlessAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const fire = (): void => reject(signal.reason);
    if (signal.aborted) fire();
    signal.addEventListener('abort', fire);
    void promise.then(() => {
      signal.removeEventListener('abort', fire);
      resolve();
    });
  });
}

export class SharedSession implements Gate, PassingSession {
  readonly client: number;
  readonly thread: number;
  readonly lock: VmLock;
  readonly #cells: Int32Array;
  #machine: SessionHost | undefined;
  #releases: Releases | undefined;
  #served: ServedCalls | undefined;
  #depth = 0;
  #later: (() => void)[] = [];
  /** The last of those that hold the lock over several operations. */
  #line: Promise<void> = Promise.resolve();
  /** How many hold it so now: the first of the line, and who has come in since (`joinHold`). */
  #holds = 0;
  /** Lets the next of the line have its turn. */
  #endTurn: () => void = () => {};
  #libraries = 0;
  #flushes = 0;
  #deadOwners = 0;
  /** Whether this thread compiles. */
  #compiles = false;
  /** Called before others get the VM: what they may want to know is written down. */
  onPass: () => void = () => {};
  /** Called when another thread has opened libraries: bits of those there are now. */
  onLibraries: (bits: number) => void = () => {};

  /** @param thread a number that tells the thread from others, not 0 or -1 @param blocks false: never waits but asynchronously @throws MoontraceError busy */
  constructor(memory: WebAssembly.Memory, thread: number, blocks?: boolean) {
    this.#cells = new Int32Array(memory.buffer);
    this.thread = thread;
    this.client = takePlace(this.#cells, thread);
    this.lock = new VmLock(this.#cells, this.client, blocks);
  }

  /** Serves the others from now on. */
  startServing(): void {
    this.#served?.start();
    this.lock.onWait = () => this.#served?.serve();
  }

  /** Whether this thread has the VM now. */
  get isHeld(): boolean {
    return this.#depth > 0;
  }

  /** Handles that are attached, in all threads. */
  get handles(): number {
    return countPlaces(this.#cells);
  }

  /**
   * The lock is held, and a machine is being made: until `leave` or `giveUp` this thread has the VM. @param isNew the memory is empty
   * @throws MoontraceError closed, abandoned
   */
  join(machine: JoiningHost, isNew: boolean): JoinedParts {
    const { core, host, hostObjects, memory, slots } = machine;
    const named = new NamedFunctions(slots, host, hostObjects);
    const codeSharing = new SharedCode(memory, core, this.client + 1);
    this.#served = new ServedCalls(machine, this, this.#cells, named);
    this.#machine = machine;
    this.#releases = new Releases(machine, this.#cells);
    this.#depth = 1;
    hostObjects.useRange(this.client + 1);
    if (!isNew) {
      this.#checkState();
      if (this.#cells[AT_WORK] !== 0) this.#recover(machine);
    }
    this.#cells[AT_WORK] = this.client + 1;
    this.#cells[LAST_CLIENT] = this.client + 1;
    return { named, codeSharing, served: this.#served };
  }

  /** The machine is made. @param isNew it is the first one @param compiles it has a JIT */
  begin(isNew: boolean, compiles: boolean): void {
    this.#compiles = compiles;
    this.#flushes = this.#cells[FLUSHES] as number;
    this.#deadOwners = this.#cells[DEAD_OWNERS] as number;
    if (!isNew) this.#resume(this.#machine as SessionHost);
  }

  /** It is not to be made. */
  withdraw(): void {
    leavePlace(this.#cells, this.client);
  }

  /** It could not be made. */
  giveUp(): void {
    this.#cells[AT_WORK] = 0;
    this.#depth = 0;
    this.lock.release();
    leavePlace(this.#cells, this.client);
  }

  /** Takes the VM for an operation. @throws MoontraceError would-block, busy, closed, abandoned */
  enter(): void {
    if (this.#depth > 0) {
      this.#depth++;
      return;
    }
    this.lock.acquire();
    this.#enter();
  }

  /**
   * Takes it as soon as nobody else has it, until what this gives is called; operations of this thread get in meanwhile.
   * @throws MoontraceError closed, abandoned, and the reason of the signal if it fires before
   */
  async enterAsync(signal?: AbortSignal): Promise<() => void> {
    let end: () => void = () => {};
    const before = this.#line;
    this.#line = new Promise((resolve) => (end = resolve));
    try {
      await (signal === undefined ? before : unlessAborted(before, signal));
      await this.lock.acquireAsync(signal);
      this.#enter();
    } catch (error) {
      // Who comes behind waits for those before all the same.
      void before.then(end);
      throw error;
    }
    this.#endTurn = end;
    return this.#hold();
  }

  /**
   * The same for an operation that comes while this thread holds it over several, and so gets in at once: the hold lasts until the last of them is done. In line it would wait for one that may be waiting
   * for it. A VM that is held for one operation alone is not joined: another thread may have it before that is done (`pass`).
   * @returns undefined if this thread does not hold it
   */
  joinHold(): (() => void) | undefined {
    if (this.#holds === 0) return undefined;
    this.#depth++;
    return this.#hold();
  }

  /** @returns what ends it, once */
  #hold(): () => void {
    this.#holds++;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#holds--;
      this.leave();
      if (this.#holds === 0) this.#endTurn();
    };
  }

  #enter(): void {
    const cells = this.#cells;
    if (cells[LAST_CLIENT] !== this.client + 1 || cells[AT_WORK] !== 0 || cells[TO_CLEAR] !== 0 || cells[STATE] !== STATE_OPEN) this.#catchUp();
    cells[AT_WORK] = this.client + 1;
    this.#depth = 1;
    if (this.#later.length > 0) for (const action of this.#later.splice(0)) action();
  }

  /** Others have had it since this thread had. */
  #catchUp(): void {
    const machine = this.#machine as SessionHost;
    try {
      this.#checkState();
      machine.memory.refreshIfGrown();
      const isAbandoned = this.#cells[AT_WORK] !== 0;
      if (isAbandoned) this.#recover(machine);
      this.#resume(machine);
      if (isAbandoned) machine.limits.endSlice();
    } catch (error) {
      this.lock.release();
      throw error;
    }
  }

  #resume(machine: SessionHost): void {
    const { limits, memory } = machine;
    this.#cells[LAST_CLIENT] = this.client + 1;
    limits.resume(memory.f64[FUEL_ADDRESS >>> 3] as number);
    if (this.#cells[TO_CLEAR] !== 0) this.#clearPlaces(machine);
    this.#releases?.take();
    const libraries = this.#cells[LIBRARIES] as number;
    if (libraries !== this.#libraries) this.onLibraries(libraries);
    this.#libraries = libraries;
    machine.codeSharing?.catchUp();
    if (this.#compiles) this.#tidyCode(machine);
    else memory.store(VM_JIT_ATTACHED, 0);
  }

  /** Others have collected, or thrown all code away. */
  #tidyCode({ jit, memory }: SessionHost): void {
    memory.store(VM_JIT_ATTACHED, 1);
    const deadOwners = this.#cells[DEAD_OWNERS] as number;
    if (deadOwners !== this.#deadOwners) {
      memory.store(VM_DEAD_OWNERS, 1);
      jit.onCollected();
      this.#deadOwners = deadOwners;
    }
    const flushes = this.#cells[FLUSHES] as number;
    if (flushes !== this.#flushes) jit.flush();
    this.#flushes = flushes;
  }

  #checkState(): void {
    const state = this.#cells[STATE];
    if (state === STATE_OPEN) return;
    throw state === STATE_CLOSED ? new MoontraceError('closed', 'the last handle was closed') : new MoontraceError('abandoned', 'what it left behind cannot be used');
  }

  /** Who had it is gone in the middle of an operation. */
  #recover(machine: SessionHost): void {
    const problem = recover(machine);
    this.#cells[FLUSHES] = (this.#cells[FLUSHES] as number) + 1;
    if (problem === undefined) return;
    this.#cells[STATE] = STATE_BROKEN;
    throw new MoontraceError('abandoned', problem);
  }

  /** Bits of the libraries that there are. */
  get libraries(): number {
    return this.#libraries;
  }

  /** Threads are gone: lets go of what they held and lent, and throws their code away. */
  #clearPlaces(machine: SessionHost): void {
    const cells = this.#cells;
    Atomics.store(cells, TO_CLEAR, 0);
    for (let client = 0; client < MAX_CLIENTS; client++) {
      if (Atomics.load(cells, clientThread(client)) !== GONE) continue;
      this.#clearPlace(machine, client);
      leavePlace(cells, client);
    }
  }

  #clearPlace({ codeSharing, core }: SessionHost, client: number): void {
    core.dropPinsOf(client + 1);
    core.retireHandles((client + 1) * RANGE, RANGE);
    this.#releases?.forget(client + 1);
    if (codeSharing?.bury(client + 1) !== true) return;
    core.resetLoops();
    this.#cells[FLUSHES] = (this.#cells[FLUSHES] as number) + 1;
  }

  /** Another thread has the VM now, to do something for this one. */
  pass(): void {
    const { limits, memory } = this.#machine as SessionHost;
    this.onPass();
    memory.f64[FUEL_ADDRESS >>> 3] = limits.suspend();
    this.#depth--;
  }

  /** This thread has it again, or to do something for another. */
  receive(): void {
    const machine = this.#machine as SessionHost;
    this.#depth++;
    machine.memory.refreshIfGrown();
    this.#cells[AT_WORK] = this.client + 1;
    this.#resume(machine);
  }

  /** Ends an operation. */
  leave(): void {
    if (this.#depth > 1) {
      this.#depth--;
      return;
    }
    const { access, limits, memory } = this.#machine as SessionHost;
    const cells = this.#cells;
    this.onPass();
    this.#releases?.give();
    if (this.#compiles && memory.load(VM_DEAD_OWNERS) === 0) this.#deadOwners = cells[DEAD_OWNERS] as number;
    memory.f64[FUEL_ADDRESS >>> 3] = limits.suspend();
    if (access.failure !== undefined) cells[STATE] = STATE_BROKEN;
    cells[AT_WORK] = 0;
    this.#depth = 0;
    this.lock.release();
  }

  /** Does it now, if this thread has the VM, or when it has it again. */
  whenHeld(action: () => void): void {
    if (this.isHeld) action();
    else this.#later.push(action);
  }

  /** A function or object of the host's was freed. */
  noteRelease(tag: number, handle: number): void {
    this.#releases?.note(tag, handle);
  }

  /** This thread has opened libraries. */
  noteLibraries(bits: number): void {
    this.#libraries = bits;
    this.#cells[LIBRARIES] = bits;
  }

  /** The handle is of no use any more. @param isLast closes the VM for all, within an operation */
  end(isLast: boolean): void {
    const machine = this.#machine as SessionHost;
    this.#served?.stop();
    machine.jit.flush();
    this.#clearPlace(machine, this.client);
    if (isLast) this.#cells[STATE] = STATE_CLOSED;
    this.leave();
    leavePlace(this.#cells, this.client);
  }
}

/**
 * Host functions that one thread calls for all others: who runs Lua and comes to one asks that thread, and waits. It has the VM meanwhile, without the lock, which nobody
 * else can get: the call is that of any host function, only on another thread. So it may use the VM, call Lua, and come to a function that the one who waits serves.
 *
 *   client's cell   idle -> asked -> busy -> done -> idle
 *
 * Every step counts CALL_SIGNAL up, on which all wait; a thread that waits for the lock serves as well.
 */
import { HOST_NAMED, TAG_USERDATA, THREAD_ERROR, USERDATA_HANDLE } from '../../bytecode/layout.ts';
import type { Access } from '../access.ts';
import type { Frames } from '../errors/frames.ts';
import { CORE_THROW } from '../errors/messages.ts';
import { MoontraceError } from '../errors/errors.ts';
import type { HostObjects } from '../host-objects.ts';
import { isHostError, textOfHost } from '../host-values.ts';
import type { RunLoop } from '../run/run-loop.ts';
import type { Slots } from '../slots.ts';
import { encodeText } from '../text.ts';
import { AT_WORK, CALL_BASE, CALL_COUNT, CALL_HANDLE, CALL_RESULT, CALL_SIGNAL, clientCall, clientThread } from './cells.ts';
import { canBlock, clientOf, wordOf } from './lock.ts';
import type { NamedFunctions } from './named.ts';
import { waitAsync } from './wait-async.ts';

const IDLE = 0;
const ASKED = 1;
const BUSY = 2;
const DONE = 3;
/** Results, besides those of any host function. */
const FAILED = -100;
const BROKEN = -101;
/** How often it is looked whether the other thread is still there, in milliseconds. */
const LOOK_EVERY = 20;

/** What is needed of the machine. */
export interface ServingHost {
  readonly frames: Frames;
  readonly hostObjects: HostObjects;
  readonly slots: Slots;
  readonly access: Access;
  readonly runs: RunLoop;
  callHost(handle: number, base: number, count: number, offset: number, numbers: number, first: number, second: number): number;
  stackAddress(offset: number): number;
}

/** How the VM passes from a thread to another that does something for it. */
export interface PassingSession {
  readonly client: number;
  /** Another thread has it now. */
  pass(): void;
  /** This thread has it again, or for a while. */
  receive(): void;
}

export class ServedCalls {
  readonly #machine: ServingHost;
  readonly #session: PassingSession;
  readonly #cells: Int32Array;
  readonly #named: NamedFunctions;
  #isServing = false;

  constructor(machine: ServingHost, session: PassingSession, cells: Int32Array, named: NamedFunctions) {
    this.#machine = machine;
    this.#named = named;
    this.#session = session;
    this.#cells = cells;
  }

  /** Whose a function's thread is said to be: for `call`. */
  get word(): number {
    return wordOf(this.#cells, this.#session.client);
  }

  /** Can a thread be asked? @param word its word when it began to serve */
  #isThere(word: number): boolean {
    const client = clientOf(word);
    return word !== 0 && canBlock() && wordOf(this.#cells, client) === word && Atomics.load(this.#cells, clientThread(client)) > 0;
  }

  /**
   * A function that this thread has not got: has another one call it. @param offset of its arguments in the stack @returns as the core's import `callHost`
   * @throws CORE_THROW; MoontraceError wrong-thread if nobody does
   */
  call(handle: number, offset: number, count: number): number {
    const named = this.#named;
    if (handle >= HOST_NAMED) {
      const server = named.serverOf(handle);
      if (this.#isThere(server)) return this.#ask(server, handle, offset, count);
    }
    throw new MoontraceError('wrong-thread', handle < HOST_NAMED ? 'a function of another thread' : `'${named.nameOf(handle)}' is not registered`);
  }

  #ask(word: number, handle: number, offset: number, count: number): number {
    const cells = this.#cells;
    const client = clientOf(word);
    cells[CALL_HANDLE] = handle;
    cells[CALL_BASE] = offset;
    cells[CALL_COUNT] = count;
    this.#session.pass();
    this.#step(client, ASKED);
    let isThere = true;
    for (;;) {
      const signal = Atomics.load(cells, CALL_SIGNAL);
      if (Atomics.load(cells, clientCall(client)) === DONE) break;
      isThere = this.#isThere(word);
      if (!isThere) break;
      if (!this.serve()) Atomics.wait(cells, CALL_SIGNAL, signal, LOOK_EVERY);
    }
    const isUnderWay = cells[AT_WORK] === client + 1;
    Atomics.store(cells, clientCall(client), IDLE);
    this.#session.receive();
    if (!isThere && isUnderWay) throw this.#machine.access.fail('a thread that was asked to call a host function is gone in the middle of it', undefined);
    if (!isThere) throw new MoontraceError('wrong-thread', 'the thread that serves the function is gone');
    const result = cells[CALL_RESULT] as number;
    if (result === FAILED) throw CORE_THROW;
    if (result === BROKEN) throw this.#machine.access.fail('the VM failed in a thread that called a host function', undefined);
    return result;
  }

  #step(client: number, state: number): void {
    Atomics.store(this.#cells, clientCall(client), state);
    Atomics.add(this.#cells, CALL_SIGNAL, 1);
    Atomics.notify(this.#cells, CALL_SIGNAL);
  }

  /** Does what is asked of this thread. @returns whether something was */
  serve(): boolean {
    const cells = this.#cells;
    const { client } = this.#session;
    if (Atomics.compareExchange(cells, clientCall(client), ASKED, BUSY) !== ASKED) return false;
    const { access, runs } = this.#machine;
    const [handle, offset, count] = [cells[CALL_HANDLE], cells[CALL_BASE], cells[CALL_COUNT]] as [number, number, number];
    const wasShut = access.isShut;
    let result = BROKEN;
    this.#session.receive();
    access.isShut = true;
    access.depth++;
    runs.depth++;
    try {
      result = this.#machine.callHost(handle, this.#machine.stackAddress(offset), count, offset, 0, 0, 0);
    } catch (error) {
      if (error === CORE_THROW) {
        result = FAILED;
        this.#makePlain();
      }
    } finally {
      runs.depth--;
      access.depth--;
      access.isShut = wasShut;
      this.#session.pass();
      cells[CALL_RESULT] = result;
      this.#step(client, DONE);
    }
    return true;
  }

  /** An exception of the host's is an object of this thread: others get its text. */
  #makePlain(): void {
    const { frames, hostObjects, slots } = this.#machine;
    const error = frames.thread + THREAD_ERROR;
    if (slots.tag(error) !== TAG_USERDATA) return;
    const object = hostObjects.lentObject(slots.memory.load(slots.pointer(error) + USERDATA_HANDLE));
    if (isHostError(object)) slots.setString(error, encodeText(textOfHost(object)));
  }

  /** Serves from now on, whenever this thread has nothing else to do. */
  start(): void {
    if (this.#isServing) return;
    this.#isServing = true;
    void this.#listen();
  }

  stop(): void {
    this.#isServing = false;
    Atomics.add(this.#cells, CALL_SIGNAL, 1);
    Atomics.notify(this.#cells, CALL_SIGNAL);
  }

  async #listen(): Promise<void> {
    while (this.#isServing) {
      const signal = Atomics.load(this.#cells, CALL_SIGNAL);
      if (!this.serve()) await waitAsync(this.#cells, CALL_SIGNAL, signal);
    }
  }
}

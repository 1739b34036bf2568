/** A switch that stops a running program, usable from any thread. */

import { MoontraceError } from '../errors/errors.ts';

const OFF = 0;
const REQUESTED = 1;
const BUFFERS = ['[object ArrayBuffer]', '[object SharedArrayBuffer]'];

/**
 * Asks the VMs that were created with it to stop: each raises "interrupted!" within a few milliseconds, wherever it is.
 *
 * A thread that runs Lua cannot run callbacks, so the request has to come from inside (a host function, `onSlice`) or from another
 * thread, which gets the buffer: `new Interrupt(buffer).request()`.
 */
export class Interrupt {
  /** Shared memory (4 bytes) where the platform has it, to be posted to other threads; else an ArrayBuffer. */
  readonly buffer: SharedArrayBuffer | ArrayBuffer;
  readonly #flag: Int32Array;

  /** @param buffer of another Interrupt, to act on the same switch @throws MoontraceError bad-argument */
  constructor(buffer?: SharedArrayBuffer | ArrayBuffer) {
    this.buffer = buffer ?? (typeof SharedArrayBuffer === 'undefined' ? new ArrayBuffer(4) : new SharedArrayBuffer(4));
    try {
      if (!BUFFERS.includes(Object.prototype.toString.call(buffer ?? this.buffer))) throw new TypeError('no buffer');
      this.#flag = new Int32Array(this.buffer, 0, 1);
    } catch (error) {
      throw new MoontraceError('bad-argument', 'buffer: that of an Interrupt expected', { cause: error });
    }
  }

  /** Stops the program at its next look at the switch; one that is not running, as soon as it runs. */
  request(): void {
    Atomics.store(this.#flag, 0, REQUESTED);
  }

  /** Whether the program is to stop. */
  get isRequested(): boolean {
    return Atomics.load(this.#flag, 0) === REQUESTED;
  }

  /** Withdraws a request. @returns whether there was one */
  take(): boolean {
    return this.isRequested && Atomics.compareExchange(this.#flag, 0, REQUESTED, OFF) === REQUESTED;
  }
}

/**
 * The lock of a shared VM, in its memory. Whoever has to wait draws a ticket; the holder hands the lock to the oldest one, so nobody is passed over for long,
 * and only that thread is woken. Without waiters it is one compare-and-exchange each way.
 *
 * What is done by Atomics is sequentially consistent, and all arguments here rest on that: who waits writes his ticket, then looks at the lock; who leaves frees
 * the lock, then looks for tickets. One of the two sees the other.
 *
 * A thread that is gone (`bury`) waits no more, and what it holds goes to the next: who finds the VM at work then has to see what is left (recovery.ts).
 */
import { CLIENT_COUNT, clientThread, clientTicket, clientUses, GONE, LAST_TICKET, LOCK, TO_CLEAR } from './cells.ts';
import { MoontraceError } from '../errors/errors.ts';
import { waitAsync } from './wait-async.ts';

/** Of a holder's word: somebody may be waiting. */
const CONTENDED = 0x8000;
const USES_SHIFT = 16;
/** How often a thread that waits looks at what others ask of it, in milliseconds. */
const LOOK_EVERY = 1;

/** The word by which a client holds the lock. It is another one each time that its place is taken. */
export const wordOf = (cells: Int32Array, client: number): number => (Atomics.load(cells, clientUses(client)) << USES_SHIFT) | (client + 1);

export const clientOf = (word: number): number => (word & (CONTENDED - 1)) - 1;

/** Node does not know that a thread has something to wait for, and would let it end. */
async function keepingAlive(waiting: Promise<void>): Promise<void> {
  const timer = setInterval(() => {}, 0x7fffffff);
  try {
    await waiting;
  } finally {
    clearInterval(timer);
  }
}

let mayBlock: boolean | undefined;

/** Whether this thread may wait for others: the main thread of a browser may not. */
export function canBlock(): boolean {
  if (mayBlock === undefined) {
    try {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1);
      mayBlock = true;
    } catch {
      mayBlock = false;
    }
  }
  return mayBlock;
}

export class VmLock {
  readonly #cells: Int32Array;
  readonly #client: number;
  readonly #word: number;
  readonly #blocks: boolean;
  /** The ticket this thread waits by; several of its waits share it. */
  #ticket = 0;
  /** Called while a thread waits, now and then: what others ask of it. */
  onWait: (() => void) | undefined;

  /** @param client this thread's place @param blocks false: never waits but asynchronously */
  constructor(cells: Int32Array, client: number, blocks = canBlock()) {
    this.#cells = cells;
    this.#client = client;
    this.#word = wordOf(cells, client);
    this.#blocks = blocks;
  }

  /** Takes the lock, waiting for it if need be. @throws MoontraceError would-block where this thread may not wait, busy if it waited for itself */
  acquire(): void {
    if (Atomics.compareExchange(this.#cells, LOCK, 0, this.#word) !== 0) this.#acquireContended();
  }

  #acquireContended(): void {
    const cells = this.#cells;
    if (!this.#blocks) {
      if (this.#isMine(Atomics.load(cells, LOCK))) return this.#granted();
      throw new MoontraceError('would-block', 'another thread is using the VM, and this one may not wait: use lockAsync or withVmAsync');
    }
    while (!this.#queue()) {
      if (this.#isHeldHere()) {
        this.#leaveQueue();
        throw new MoontraceError('busy', 'it is in use by another handle of this very thread');
      }
      if (this.onWait === undefined) Atomics.wait(cells, clientTicket(this.#client), this.#ticket);
      else {
        this.onWait();
        Atomics.wait(cells, clientTicket(this.#client), this.#ticket, LOOK_EVERY);
      }
    }
  }

  /** Takes the lock as soon as it is this thread's turn; one such call at a time. @throws the reason of the signal if it fires before */
  async acquireAsync(signal?: AbortSignal): Promise<void> {
    const cells = this.#cells;
    const place = clientTicket(this.#client);
    if (Atomics.compareExchange(cells, LOCK, 0, this.#word) === 0) return;
    while (!this.#queue()) {
      if (signal?.aborted === true) {
        this.#leaveQueue();
        throw signal.reason;
      }
      await keepingAlive(waitAsync(cells, place, this.#ticket, signal !== undefined));
    }
  }

  /** Lets another thread have it. */
  release(): void {
    if (Atomics.compareExchange(this.#cells, LOCK, this.#word, 0) !== this.#word) releaseAs(this.#cells, this.#word);
  }

  // ---- Waiting

  #isMine(word: number): boolean {
    return (word & ~CONTENDED) === this.#word;
  }

  /** Does another handle of this thread have it? */
  #isHeldHere(): boolean {
    const cells = this.#cells;
    const client = clientOf(Atomics.load(cells, LOCK));
    return client >= 0 && client !== this.#client && Atomics.load(cells, clientThread(client)) === Atomics.load(cells, clientThread(this.#client));
  }

  /** Joins those that wait. @returns whether the lock is this client's now */
  #queue(): boolean {
    const cells = this.#cells;
    const place = clientTicket(this.#client);
    if (this.#isMine(Atomics.load(cells, LOCK))) return this.#granted(), true;
    if (this.#ticket === 0 || Atomics.load(cells, place) !== this.#ticket) {
      this.#ticket = nextTicket(cells);
      Atomics.store(cells, place, this.#ticket);
    }
    for (;;) {
      const word = Atomics.load(cells, LOCK);
      if (this.#isMine(word)) return this.#granted(), true;
      if (word === 0) {
        if (Atomics.compareExchange(cells, LOCK, 0, this.#word | CONTENDED) === 0) return this.#granted(), true;
      } else if ((word & CONTENDED) !== 0 || Atomics.compareExchange(cells, LOCK, word, word | CONTENDED) === word) return false;
    }
  }

  #granted(): void {
    Atomics.compareExchange(this.#cells, clientTicket(this.#client), this.#ticket, 0);
    this.#ticket = 0;
  }

  /** Waits no more. If it was its turn just now, the next one has it. */
  #leaveQueue(): void {
    const isOut = Atomics.compareExchange(this.#cells, clientTicket(this.#client), this.#ticket, 0) === this.#ticket;
    this.#ticket = 0;
    if (!isOut || this.#isMine(Atomics.load(this.#cells, LOCK))) releaseAs(this.#cells, this.#word);
  }
}

/** Draws a ticket, which is not 0. */
function nextTicket(cells: Int32Array): number {
  return (Atomics.add(cells, LAST_TICKET, 1) + 1) | 0 || nextTicket(cells);
}

/** The word of the client that waits for the longest time; 0 if none does. */
function oldest(cells: Int32Array): number {
  let found = 0;
  let first = 0;
  for (let client = 0; client < Atomics.load(cells, CLIENT_COUNT); client++) {
    const word = wordOf(cells, client);
    const ticket = Atomics.load(cells, clientTicket(client));
    if (ticket === 0 || (found !== 0 && ((ticket - first) | 0) >= 0)) continue;
    found = word;
    first = ticket;
  }
  return found;
}

/** Wakes the client that the lock was handed to. @returns false if that is gone */
function wake(cells: Int32Array, word: number): boolean {
  const client = clientOf(word);
  const place = clientTicket(client);
  Atomics.store(cells, place, 0);
  Atomics.notify(cells, place);
  return wordOf(cells, client) === word && Atomics.load(cells, clientThread(client)) !== GONE;
}

/** Frees the lock for whoever holds it by this word, or hands it to who waits for the longest time. Does nothing if it is held by another word. */
function releaseAs(cells: Int32Array, holder: number): void {
  for (let word = holder; ; ) {
    const held = Atomics.load(cells, LOCK);
    if ((held & ~CONTENDED) !== word) return;
    let next = oldest(cells);
    if (Atomics.compareExchange(cells, LOCK, held, next === 0 ? 0 : next | CONTENDED) !== held) continue;
    next ||= offer(cells);
    if (next === 0 || wake(cells, next)) return;
    word = next;
  }
}

/** The lock was freed, as nobody waited. Looks again. @returns the word of the client that has it now and is to be woken, 0 if it is nobody's affair any more */
function offer(cells: Int32Array): number {
  for (;;) {
    const next = oldest(cells);
    if (next === 0) return 0;
    const word = Atomics.load(cells, LOCK);
    if (word === 0) {
      if (Atomics.compareExchange(cells, LOCK, 0, next | CONTENDED) === 0) return next;
    } else if ((word & CONTENDED) !== 0 || Atomics.compareExchange(cells, LOCK, word, word | CONTENDED) === word) return 0;
  }
}

/** A thread is gone: it waits no more, and what it holds is free. Its places are, once somebody has cleared them (session.ts). @returns how many places it had */
export function bury(cells: Int32Array, thread: number): number {
  let buried = 0;
  for (let client = 0; client < Atomics.load(cells, CLIENT_COUNT); client++) {
    const place = clientThread(client);
    if (Atomics.compareExchange(cells, place, thread, GONE) !== thread) continue;
    buried++;
    Atomics.store(cells, clientTicket(client), 0);
    releaseAs(cells, wordOf(cells, client));
    Atomics.add(cells, TO_CLEAR, 1);
  }
  return buried;
}

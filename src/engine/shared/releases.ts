/**
 * Functions and objects of the host that the collector has freed in another thread than theirs: only there they are known. So whoever collects writes down their
 * handles, in memory of the VM, and each thread takes its own when it comes by.
 */
import { HOST_CLOSURE, HOST_GONE, HOST_NAMED, TAG_USERDATA } from '../../bytecode/layout.ts';
import type { CoreExports } from '../core-module.ts';
import { type HostObjects, RANGE } from '../host-objects.ts';
import type { Memory } from '../memory.ts';
import { RELEASE_CAPACITY, RELEASE_COUNT, RELEASES } from './cells.ts';

/** Bytes of an entry: tag, handle. */
const ENTRY = 8;
const MIN_CAPACITY = 32;

interface ReleaseHost {
  readonly core: CoreExports;
  readonly hostObjects: HostObjects;
  readonly memory: Memory;
}

export class Releases {
  readonly #machine: ReleaseHost;
  readonly #cells: Int32Array;
  /** Of other threads, found in this operation. */
  readonly #found: (readonly [tag: number, handle: number])[] = [];

  constructor(machine: ReleaseHost, cells: Int32Array) {
    this.#machine = machine;
    this.#cells = cells;
  }

  /** In the middle of a collection. */
  note(tag: number, handle: number): void {
    if (handle !== HOST_GONE && handle < HOST_NAMED && !this.#release(tag, handle)) this.#found.push([tag, handle]);
  }

  #release(tag: number, handle: number): boolean {
    const { hostObjects } = this.#machine;
    if (!hostObjects.isOwn(tag, handle)) return false;
    if (tag === TAG_USERDATA) hostObjects.releaseObject(handle);
    else hostObjects.releaseFunction(handle);
    return true;
  }

  /** Takes what other threads have found. */
  take(): void {
    this.#filter((tag, handle) => this.#release(tag, handle));
  }

  /** A thread has no part in the VM any more. @param range of its handles */
  forget(range: number): void {
    this.#filter((tag, handle) => Math.floor((tag === TAG_USERDATA ? handle : handle - HOST_CLOSURE) / RANGE) === range);
  }

  /** Takes entries out of the list. */
  #filter(isTaken: (tag: number, handle: number) => boolean): void {
    const count = this.#cells[RELEASE_COUNT] as number;
    if (count === 0) return;
    const { memory } = this.#machine;
    const block = this.#cells[RELEASES] as number;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const tag = memory.load(block + ENTRY * i);
      const handle = memory.load(block + ENTRY * i + 4);
      if (isTaken(tag, handle)) continue;
      memory.store(block + ENTRY * kept, tag);
      memory.store(block + ENTRY * kept++ + 4, handle);
    }
    this.#cells[RELEASE_COUNT] = kept;
  }

  /** Writes down what was found for others. Without the memory for it, with the next operation. */
  give(): void {
    if (this.#found.length === 0) return;
    const { core, memory } = this.#machine;
    const count = this.#cells[RELEASE_COUNT] as number;
    const needed = count + this.#found.length;
    const capacity = this.#cells[RELEASE_CAPACITY] as number;
    if (needed > capacity) {
      const wanted = Math.max(2 * needed, MIN_CAPACITY);
      try {
        this.#cells[RELEASES] = core.reallocateRaw(this.#cells[RELEASES] as number, capacity * ENTRY, wanted * ENTRY);
      } catch {
        return;
      }
      this.#cells[RELEASE_CAPACITY] = wanted;
    }
    const block = this.#cells[RELEASES] as number;
    this.#found.splice(0).forEach(([tag, handle], i) => {
      memory.store(block + ENTRY * (count + i), tag);
      memory.store(block + ENTRY * (count + i) + 4, handle);
    });
    this.#cells[RELEASE_COUNT] = needed;
  }
}

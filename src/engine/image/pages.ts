/** The pages of a VM's memory that an image has to have: those that are not zero, when what is not in use counts as zero. */
import { FIELD_CACHE_SIZE, TRACE_SCRATCH_SLOTS, SLOT_SIZE, VM_FIELD_CACHE, VM_HEAP_START, VM_STATE_END, VM_TEXT_SCRATCH, VM_TRACE_SCRATCH } from '../../bytecode/layout.ts';
import type { CoreExports } from '../core-module.ts';
import type { Memory } from '../memory.ts';
import { type Image, PAGE_SIZE, type Pages, wordsOf } from './format.ts';

/** Bytes [start, end) that are of no use to anybody. */
interface Range {
  readonly start: number;
  readonly end: number;
}

const TEXT_SCRATCH_SIZE = 1000;
/** Where the size of a free chunk is (core/memory/chunk.ts). */
const CHUNK_SIZE = -12;

/** What is not in use and not zero, in address order; `core.clearUnused` has been there. */
function* unusedRanges({ core, memory }: { readonly core: CoreExports; readonly memory: Memory }): Generator<Range> {
  yield { start: VM_TEXT_SCRATCH, end: VM_TEXT_SCRATCH + TEXT_SCRATCH_SIZE };
  yield { start: VM_TRACE_SCRATCH, end: VM_TRACE_SCRATCH + TRACE_SCRATCH_SLOTS * SLOT_SIZE };
  // Constants of the core, which each instance writes itself, and its scratch.
  yield { start: VM_STATE_END, end: memory.load(VM_HEAP_START) };
  const cache = memory.load(VM_FIELD_CACHE);
  let isCacheDue = true;
  for (let chunk = core.nextFreeChunk(0); chunk !== 0; chunk = core.nextFreeChunk(chunk)) {
    if (isCacheDue && chunk > cache) {
      isCacheDue = false;
      yield { start: cache, end: cache + FIELD_CACHE_SIZE };
    }
    yield { start: chunk, end: chunk + memory.load(chunk + CHUNK_SIZE) - 1 };
  }
  if (isCacheDue) yield { start: cache, end: cache + FIELD_CACHE_SIZE };
}

const isZero = (words: Uint32Array): boolean => {
  for (let i = 0; i < words.length; i++) if (words[i] !== 0) return false;
  return true;
};

/** Walks over the pages. @param use gets those that are not zero: the bytes are good for the time of the call */
function forEachPage(machine: { readonly core: CoreExports; readonly memory: Memory }, use: (number: number, bytes: Uint8Array) => void, onZero: (number: number) => void = () => {}): void {
  machine.core.clearUnused();
  const all = new Uint8Array(machine.memory.wasm.buffer, 0, machine.memory.size);
  const ranges = unusedRanges(machine);
  const scratch = new Uint8Array(PAGE_SIZE);
  let range = ranges.next().value as Range | undefined;
  for (let start = 0; start < all.length; start += PAGE_SIZE) {
    const end = start + PAGE_SIZE;
    while (range !== undefined && range.end <= start) range = ranges.next().value as Range | undefined;
    if (range !== undefined && range.start <= start && range.end >= end) {
      onZero(start / PAGE_SIZE);
      continue;
    }
    let page = all.subarray(start, end);
    if (range !== undefined && range.start < end) {
      scratch.set(page);
      while (range !== undefined && range.start < end) {
        scratch.fill(0, Math.max(range.start - start, 0), Math.min(range.end - start, PAGE_SIZE));
        if (range.end > end) break;
        range = ranges.next().value as Range | undefined;
      }
      page = scratch;
    }
    if (isZero(wordsOf(page))) onZero(start / PAGE_SIZE);
    else use(start / PAGE_SIZE, page);
  }
}

/** Collects pages that are not known to be few. */
class PageList {
  readonly #numbers: number[] = [];
  #bytes: Uint8Array<ArrayBuffer>;

  /** @param room bytes expected */
  constructor(room: number) {
    this.#bytes = new Uint8Array(room);
  }

  add(number: number, page: Uint8Array): void {
    const at = this.#numbers.length * PAGE_SIZE;
    if (at + PAGE_SIZE > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(2 * this.#bytes.length, 16 * PAGE_SIZE));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(page, at);
    this.#numbers.push(number);
  }

  get pages(): Pages {
    return { numbers: Uint32Array.from(this.#numbers), bytes: this.#bytes.subarray(0, this.#numbers.length * PAGE_SIZE) };
  }
}

/** The pages of a VM between two runs. */
export function readPages(machine: { readonly core: CoreExports; readonly memory: Memory }): Pages {
  const list = new PageList(machine.memory.size >> 1);
  forEachPage(machine, (number, page) => list.add(number, page));
  return list.pages;
}

/** Copies them into another memory, which is zero. */
export function copyPages(machine: { readonly core: CoreExports; readonly memory: Memory }, target: WebAssembly.Memory): void {
  const bytes = new Uint8Array(target.buffer);
  forEachPage(machine, (number, page) => bytes.set(page, number * PAGE_SIZE));
}

type Compare = (a: Uint8Array, b: Uint8Array) => number;
const host = globalThis as { readonly Buffer?: { readonly compare: Compare } };

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (host.Buffer !== undefined) return host.Buffer.compare(a, b) === 0;
  const [left, right] = [wordsOf(a), wordsOf(b)];
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
  return true;
}

const ZERO = new Uint8Array(PAGE_SIZE);

/** Those that are not zero. */
function* pagesOf(memory: WebAssembly.Memory): Generator<Uint8Array> {
  const { buffer } = memory;
  for (let start = 0; start < buffer.byteLength; start += PAGE_SIZE) {
    const page = new Uint8Array(buffer, start, PAGE_SIZE);
    if (!areEqual(page, ZERO)) yield page;
  }
}

/** Makes a memory zero. What is zero is not written to: the host has no memory behind pages that nobody has written to. */
export function clearPages(memory: WebAssembly.Memory): void {
  for (const page of pagesOf(memory)) page.fill(0);
}

/** Bytes of a page, up to the last one that is not zero. */
export interface NonZero {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** What is in a memory. */
export const readNonZero = (memory: WebAssembly.Memory): NonZero[] =>
  Array.from(pagesOf(memory), (page) => ({ address: page.byteOffset, bytes: page.slice(0, page.findLastIndex((byte) => byte !== 0) + 1) }));

/** An image with deltas put on it, as the pages that it comes to. */
export class LayeredPages {
  readonly #places = new Map<number, Uint8Array>();

  constructor(images: readonly Image[]) {
    for (const { pages, zeroed } of images) {
      for (const number of zeroed) this.#places.delete(number);
      for (const [i, number] of pages.numbers.entries()) this.#places.set(number, pages.bytes.subarray(i * PAGE_SIZE, (i + 1) * PAGE_SIZE));
    }
  }

  writeTo(memory: WebAssembly.Memory): void {
    const bytes = new Uint8Array(memory.buffer);
    for (const [number, page] of this.#places) bytes.set(page, number * PAGE_SIZE);
  }

  /** What is different in a VM. */
  differences(machine: { readonly core: CoreExports; readonly memory: Memory }): { readonly pages: Pages; readonly zeroed: Uint32Array } {
    const list = new PageList(0);
    const zeroed: number[] = [];
    forEachPage(
      machine,
      (number, page) => {
        const known = this.#places.get(number);
        if (known === undefined || !areEqual(known, page)) list.add(number, page);
      },
      (number) => {
        if (this.#places.has(number)) zeroed.push(number);
      },
    );
    return { pages: list.pages, zeroed: Uint32Array.from(zeroed) };
  }
}

/**
 * The bytes of an image: a VM's memory, without what is not in use, what the host's side knew (the manifest, JSON), and its compiled code, as the JIT writes that.
 *
 *   +0  magic (8 bytes)   +8 version   +12 kind: 0 whole, 1 delta    +16 checksum of all that follows (2 x u32)
 *   +24 bytes of manifest   +28 pages   +32 pages that are zero again (delta)   +36 size of the memory in units of 64 KiB   +40 checksum of the base (delta)
 *   +48 bytes of code   +52 numbers of the pages, of the zero pages (u32 each) | manifest | zeros up to a multiple of 16 | pages (4 KiB each) | code
 *
 * All numbers are u32, little endian, as the memory is. A page that is not named is zero, in a delta as it was.
 */
import { MoontraceError } from '../errors/errors.ts';
import { plainBytes } from '../host-values.ts';
import { decodeTextStrictly, encodeText } from '../text.ts';
import { checksum } from './checksum.ts';

export const PAGE_SIZE = 4096;
const MAGIC = [0x1b, 0x4d, 0x54, 0x49, 0x4d, 0x47, 0x0d, 0x0a];
const VERSION = 2;
const CHECKED = 24;
const HEADER = 52;
export const WASM_PAGE = 65536;
const ALIGNMENT = 16;

/** Pages of a memory: numbers, ascending, and their bytes, one behind the other. */
export interface Pages {
  readonly numbers: Uint32Array;
  readonly bytes: Uint8Array;
}

export interface Image {
  readonly manifest: unknown;
  readonly pages: Pages;
  /** Empty if there is none. */
  readonly code: Uint8Array;
  /** Pages that are zero now and were not (delta). */
  readonly zeroed: Uint32Array;
  /** Bytes of the memory. */
  readonly memorySize: number;
  /** Of the image that a delta is to be put on. */
  readonly base: Checksum | undefined;
  readonly sum: Checksum;
}

type Checksum = readonly [number, number];

const NONE = new Uint32Array();
const NO_BYTES = new Uint8Array();
const bad = (detail: string, cause?: unknown): MoontraceError => new MoontraceError('bad-image', detail, cause === undefined ? undefined : { cause });
export const wordsOf = (bytes: Uint8Array): Uint32Array => new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
const aligned = (size: number): number => Math.ceil(size / ALIGNMENT) * ALIGNMENT;

/** What not every image has. */
export interface ImageExtras {
  readonly delta?: { readonly base: Checksum; readonly zeroed: Uint32Array };
  readonly code?: Uint8Array | undefined;
}

/** @param memorySize in bytes @returns an array of its own */
export function encodeImage(manifest: unknown, pages: Pages, memorySize: number, { delta, code = NO_BYTES }: ImageExtras = {}): Uint8Array<ArrayBuffer> {
  const text = encodeText(JSON.stringify(manifest));
  const zeroed = delta?.zeroed ?? NONE;
  const numbersEnd = HEADER + 4 * (pages.numbers.length + zeroed.length);
  const start = aligned(numbersEnd + text.length);
  const size = aligned(start + pages.bytes.length + code.length - CHECKED) + CHECKED;
  const bytes = new Uint8Array(size);
  const words = new Uint32Array(bytes.buffer, 0, size >>> 2);
  bytes.set(MAGIC);
  words[2] = VERSION;
  words[3] = delta === undefined ? 0 : 1;
  words.set([text.length, pages.numbers.length, zeroed.length, memorySize / WASM_PAGE, ...(delta?.base ?? [0, 0]), code.length], CHECKED / 4);
  words.set(pages.numbers, HEADER / 4);
  words.set(zeroed, HEADER / 4 + pages.numbers.length);
  bytes.set(text, numbersEnd);
  bytes.set(pages.bytes, start);
  bytes.set(code, start + pages.bytes.length);
  words.set(checksum(words.subarray(CHECKED / 4)), 4);
  return bytes;
}

/** Do these bytes, 8 at least, begin an image? */
export const isImage = (bytes: Uint8Array): boolean => MAGIC.every((byte, i) => bytes[i] === byte);

/** Numbers of pages in a memory of this many, each above the one before. */
function areNumbers(numbers: Uint32Array, end: number): boolean {
  let least = 0;
  for (const number of numbers) {
    if (number < least || number >= end) return false;
    least = number + 1;
  }
  return true;
}

/** @returns the bytes, at an address where words can be read @throws MoontraceError unless they are an image of this version, as it was written */
function checkedBytes(given: Uint8Array): Uint8Array {
  if (given.length < HEADER || !isImage(given)) throw bad('these bytes are no image');
  const bytes = given.byteOffset % 4 === 0 ? given : given.slice();
  const words = wordsOf(bytes);
  if (words[2] !== VERSION) throw new MoontraceError('foreign-image', `its format is version ${words[2]}, this is ${VERSION}`);
  if ((bytes.length - CHECKED) % ALIGNMENT !== 0) throw bad('it is cut off');
  const [first, second] = checksum(words.subarray(CHECKED / 4));
  if (first !== words[4] || second !== words[5]) throw bad('it is damaged: its checksum is another one');
  return bytes;
}

/** @returns the image, which looks at the bytes where it can @throws MoontraceError bad-image, foreign-image */
export const decodeImage = (given: Uint8Array): Image => decodeOwnImage(checkedBytes(plainBytes(given) ?? new Uint8Array()));

/** As `decodeImage`, of bytes that this package has made: their checksum would take a third of the time in which a VM is made. */
export function decodeOwnImage(bytes: Uint8Array): Image {
  const words = wordsOf(bytes);
  const at = (offset: number): number => words[offset / 4] as number;
  const [textLength, pageCount, zeroCount, size, codeLength] = [at(24), at(28), at(32), at(36), at(48)];
  const numbersEnd = HEADER + 4 * (pageCount + zeroCount);
  const start = aligned(numbersEnd + textLength);
  const codeStart = start + pageCount * PAGE_SIZE;
  const kind = at(12);
  if (kind > 1 || size > WASM_PAGE || aligned(codeStart + codeLength - CHECKED) + CHECKED !== bytes.length) throw bad('its parts do not fit');
  const numbers = words.subarray(HEADER / 4, HEADER / 4 + pageCount);
  const zeroed = words.subarray(HEADER / 4 + pageCount, numbersEnd / 4);
  const end = (size * WASM_PAGE) / PAGE_SIZE;
  if (!areNumbers(numbers, end) || !areNumbers(zeroed, end)) throw bad('its pages are in disorder');
  return {
    manifest: parseManifest(bytes.subarray(numbersEnd, numbersEnd + textLength)),
    pages: { numbers, bytes: bytes.subarray(start, codeStart) },
    code: bytes.subarray(codeStart, codeStart + codeLength),
    zeroed,
    memorySize: size * WASM_PAGE,
    base: kind === 1 ? [at(40), at(44)] : undefined,
    sum: [at(16), at(20)],
  };
}

function parseManifest(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decodeTextStrictly(bytes) ?? '');
  } catch (error) {
    throw bad('its manifest cannot be read', error);
  }
}

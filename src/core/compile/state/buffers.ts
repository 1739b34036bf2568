/** Growing buffers in raw memory: what each is for is said where its cells are (cells.ts). */
import { AT_ONCE } from '../../base/pieces';
import { freeRaw } from '../../memory/free';
import { reallocateRaw } from '../../memory/heap';
import { enlargeInPieces } from '../../memory/spare';
import { BUFFER_CELLS, BUFFER_COUNT, FIRST_BUFFER } from './cells';

const CAPACITY: u32 = 4;
const LENGTH: u32 = 8;
const FIRST_CAPACITY: u32 = 256;

// @ts-ignore: decorator
@inline export function bufferAddress(buffer: u32): u32 { return load<u32>(buffer); }
/** Bytes in use. */
// @ts-ignore: decorator
@inline export function bufferSize(buffer: u32): u32 { return load<u32>(buffer, LENGTH); }
/** Cuts a buffer back. */
// @ts-ignore: decorator
@inline export function cutBuffer(buffer: u32, size: u32): void { store<u32>(buffer, size, LENGTH); }

/** Appends `size` bytes, which are not cleared. @returns their address, good until the next push */
// @ts-ignore: decorator
@inline export function pushBytes(buffer: u32, size: u32): u32 {
  const length = load<u32>(buffer, LENGTH);
  if (load<u32>(buffer, CAPACITY) - length < size) growBuffer(buffer, size);
  store<u32>(buffer, length + size, LENGTH);
  return load<u32>(buffer) + length;
}

function growBuffer(buffer: u32, size: u32): void {
  const capacity = load<u32>(buffer, CAPACITY);
  const needed = <u64>load<u32>(buffer, LENGTH) + size;
  const fresh = <u32>min<u64>(max<u64>(max<u64>(needed, <u64>capacity * 2), FIRST_CAPACITY), 0xffffff00);
  const address = load<u32>(buffer);
  store<u32>(buffer, capacity > AT_ONCE ? enlargeInPieces(address, capacity, fresh) : reallocateRaw(address, capacity, fresh));
  store<u32>(buffer, fresh, CAPACITY);
}

/** Frees all buffers. */
export function freeBuffers(): void {
  for (let buffer = FIRST_BUFFER; buffer < FIRST_BUFFER + BUFFER_COUNT * BUFFER_CELLS; buffer += BUFFER_CELLS) {
    if (load<u32>(buffer)) freeRaw(load<u32>(buffer), load<u32>(buffer, CAPACITY));
  }
}

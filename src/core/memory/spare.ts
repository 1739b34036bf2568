/**
 * A block of raw memory that nobody owns yet, since what goes into it is made in steps: where a limit ends the program meanwhile, the next such block or the next
 * collection gives it back. There is one at a time.
 */
import { VM_SPARE, VM_SPARE_SIZE } from '../../bytecode/layout';
import { copyInPieces, fillInPieces } from '../base/pieces';
import { throwMemoryError } from '../base/raise';
import { freeRaw } from './free';
import { resizeInPlace, tryAllocateRaw } from './heap';

/** @returns 0 when memory ran out */
export function tryTakeSpare(size: u32): u32 {
  dropSpare();
  const block = tryAllocateRaw(size);
  store<u32>(VM_SPARE, block);
  store<u32>(VM_SPARE_SIZE, size);
  return block;
}

/** It has an owner now. */
// @ts-ignore: decorator
@inline export function keepSpare(): void { store<u32>(VM_SPARE, 0); }

/** Gives it back. */
export function dropSpare(): void {
  const block = load<u32>(VM_SPARE);
  if (!block) return;
  keepSpare();
  freeRaw(block, load<u32>(VM_SPARE_SIZE));
}

/** A large block of zeros. @throws what the host raises: out of fuel, interrupted */
export function zeroedInPieces(size: u32): u32 {
  const block = tryTakeSpare(size);
  if (!block) throwMemoryError();
  fillInPieces(block, 0, size);
  keepSpare();
  return block;
}

/** As reallocateRaw, for large blocks. @throws what the host raises: out of fuel, interrupted; then the old block is as it was */
export function enlargeInPieces(pointer: u32, oldSize: u32, newSize: u32): u32 {
  if (resizeInPlace(pointer, oldSize, newSize)) return pointer;
  const moved = tryTakeSpare(newSize);
  if (!moved) throwMemoryError();
  copyInPieces(moved, pointer, oldSize);
  keepSpare();
  freeRaw(pointer, oldSize);
  return moved;
}

/** Size classes of cells: multiples of 16 up to 256, then four per doubling. By size and by class, as tables in VM_HEAP (drawn in heap.ts). */
import { VM_HEAP } from '../../bytecode/layout';

export const CLASS_COUNT: u32 = 25;
export const MAX_SMALL: u32 = 1024;

const HEAP_CLASS: u32 = VM_HEAP + 512;
const HEAP_CELL_SIZE: u32 = VM_HEAP + 600;

// @ts-ignore: decorator
@inline export function classOf(size: u32): u32 { return load<u8>(HEAP_CLASS + ((size + 15) >> 4)); }
// @ts-ignore: decorator
@inline export function cellSize(sizeClass: u32): u32 { return load<u16>(HEAP_CELL_SIZE + sizeClass * 2); }

export function initSizeClasses(): void {
  for (let sizeClass: u32 = 1, size: u32 = 16; sizeClass < CLASS_COUNT; sizeClass++) {
    const previous: u32 = sizeClass == 1 ? 0 : cellSize(sizeClass - 1);
    store<u16>(HEAP_CELL_SIZE + sizeClass * 2, <u16>size);
    for (let at = previous; at <= size; at += 16) if (at > previous || at == 0) store<u8>(HEAP_CLASS + (at >> 4), <u8>sizeClass);
    size += size < 256 ? 16 : <u32>1 << (29 - clz(size));
  }
}

/** Heap: signatures first; allocation of objects and raw blocks in linear memory, counted in VM_BYTES_USED. */
export function initHeap(): void { unreachable(); }
/** Sets the memory limit in bytes (0 = none) and recomputes when a collection is due. */
export function setMemoryLimit(limit: u32): void { unreachable(); }
/** Allocates `size` bytes, 8-byte aligned at least; raises "not enough memory". */
export function allocateRaw(size: u32): u32 { unreachable(); return 0; }
/** As allocateRaw, but 0 instead of an error. */
export function tryAllocateRaw(size: u32): u32 { unreachable(); return 0; }
export function freeRaw(pointer: u32, size: u32): void { unreachable(); }
export function reallocateRaw(pointer: u32, oldSize: u32, newSize: u32): u32 { unreachable(); return 0; }
export function tryReallocateRaw(pointer: u32, oldSize: u32, newSize: u32): u32 { unreachable(); return 0; }
/** A new object with its header written; the body is not cleared. Raises "not enough memory". */
export function newObject(tag: u32, size: u32): u32 { unreachable(); return 0; }
export function tryNewObject(tag: u32, size: u32): u32 { unreachable(); return 0; }
export function freeObject(pointer: u32, size: u32): void { unreachable(); }

/** Collector: signatures first. */
import { VM_COLLECT_DUE } from '../bytecode/layout';
export function collectFull(): void { unreachable(); }
export function collectDue(): void { unreachable(); }
// @ts-ignore: decorator
@inline export function collectIfDue(): void { if (load<u32>(VM_COLLECT_DUE)) collectDue(); }
/** After storing the value in `slot` into the object `owner`. */
export function barrier(owner: u32, slot: u32): void {}
/** As barrier, for an object pointer (never 0). */
export function barrierObject(owner: u32, object: u32): void {}
/** After storing anything into `table`. */
export function barrierBack(table: u32): void {}
/** Makes an object a root until unpinned. @returns a handle, never 0 */
export function pinObject(pointer: u32): u32 { unreachable(); return 0; }
/** @returns false if the handle is stale */
export function unpinObject(handle: u32): bool { unreachable(); return false; }
/** The object behind a handle, 0 if the handle is stale. */
export function pinnedValue(handle: u32): u32 { unreachable(); return 0; }
/** Debug builds: 0 if the heap keeps the invariants of layout.ts, else a code. */
export function verifyHeap(): u32 { return 0; }

/** Strings: signatures first. */
/** After initHeap: the string table, event names, type names, VM_MEMORY_MESSAGE. */
export function initStrings(): void { unreachable(); }
/** The string of these bytes; interned up to MAX_SHORT_STRING. Raises "not enough memory". */
export function newString(bytes: u32, length: u32): u32 { unreachable(); return 0; }
export function tryNewString(bytes: u32, length: u32): u32 { unreachable(); return 0; }
/** A string object of any length to be filled in at STRING_BYTES, then given to internFinished. */
export function newStringUninitialised(length: u32): u32 { unreachable(); return 0; }
export function tryNewStringUninitialised(length: u32): u32 { unreachable(); return 0; }
/** Same, for lengths > MAX_SHORT_STRING: needs no internFinished once the bytes are written. */
export function newLongStringUninitialised(length: u32): u32 { unreachable(); return 0; }
/** The final string of a filled-in object: itself, or the interned one (the object is then gone). Never fails. */
export function internFinished(s: u32): u32 { unreachable(); return 0; }
export function stringFromLiteral(text: string): u32 { unreachable(); return 0; }
export function hashOfString(s: u32): u32 { unreachable(); return 0; }
export function equalStrings(a: u32, b: u32): bool { unreachable(); return false; }
/** Negative, 0, positive. */
export function compareStrings(a: u32, b: u32): i32 { unreachable(); return 0; }

/** Tables: signatures first. `value` and `result` slots must not lie inside the table's own parts. */
export function newTable(arraySize: u32, recordSize: u32): u32 { unreachable(); return 0; }
export function tryNewTable(arraySize: u32, recordSize: u32): u32 { unreachable(); return 0; }
/** Raw reads: the value, or nil, goes to `result` (may be the key's slot). */
export function tableGet(table: u32, key: u32, result: u32): void { unreachable(); }
export function tableGetInt(table: u32, key: i64, result: u32): void { unreachable(); }
/** Short strings only. */
export function tableGetString(table: u32, key: u32, result: u32): void { unreachable(); }
export function tableGetAnyString(table: u32, key: u32, result: u32): void { unreachable(); }
/** Raw writes, with barrier; raise "table index is nil", "table index is NaN", "not enough memory". */
export function tableSet(table: u32, key: u32, value: u32): void { unreachable(); }
export function tableSetInt(table: u32, key: i64, value: u32): void { unreachable(); }
/** Short strings only. */
export function tableSetString(table: u32, key: u32, value: u32): void { unreachable(); }
/** Raw writes that report failure (memory, bad key) and then leave all unchanged. */
export function trySet(table: u32, key: u32, value: u32): bool { unreachable(); return false; }
export function trySetInt(table: u32, key: i64, value: u32): bool { unreachable(); return false; }
export function trySetString(table: u32, key: u32, value: u32): bool { unreachable(); return false; }
export function tableLength(table: u32): i64 { unreachable(); return 0; }
/** Steps from the key in `slot` (nil = start): writes key and value to slot and slot + 16. @returns false at the end (slot unchanged) */
export function tableNext(table: u32, slot: u32): bool { unreachable(); return false; }
export function setMetatable(table: u32, metatable: u32): void { unreachable(); }
/** Address of the metamethod's value slot, 0 if there is none. `metatable` is never 0. */
export function metamethodOf(metatable: u32, event: u32): u32 { unreachable(); return 0; }
/** Address of the value slot of a short string key, 0 if it has none; the slot may hold nil. */
export function tableRecordSlot(table: u32, key: u32): u32 { unreachable(); return 0; }
export function tableToDictionaryMode(table: u32): void { unreachable(); }
/** Room for n array elements in all. */
export function tableReserveArray(table: u32, n: u32): void { unreachable(); }
/** t[last + 1] .. t[last + count] := the values in consecutive slots. */
export function tableAppendValues(table: u32, last: u32, values: u32, count: u32): void { unreachable(); }
/** False: not in the array part (look further). */
// @ts-ignore: decorator
@inline export function arrayGetFast(table: u32, index: i64, result: u32): bool { return false; }
/** False: not done, call tableSetInt. */
// @ts-ignore: decorator
@inline export function arraySetFast(table: u32, index: i64, value: u32): bool { return false; }
/** Helpers of compiled code: 1 done, 0 could not (nothing changed). */
export function traceTableGet(table: u32, key: u32, result: u32): i32 { return 0; }
export function traceTableSet(table: u32, key: u32, value: u32): i32 { return 0; }
/** Capacity for one more element of the present kind. */
export function traceAppendGrow(table: u32): i32 { return 0; }
export function traceNewTable(arraySize: u32, recordSize: u32): u32 { return 0; }

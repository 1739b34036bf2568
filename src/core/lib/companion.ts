/**
 * Companions: a builtin may have another function at its side, which it returns (`pairs` returns `next`) or which does its work where
 * it would have to call back: the general case of a table function with metamethods, a comparator, a replacement function.
 * These are written in Lua (src/stdlib/lua), so that yields cross them and traces inline their callbacks; the builtin checks the
 * arguments, serves the plain case, and otherwise lets its companion run in its place.
 *
 * Why not upvalues of the builtin objects: a recorder that knows the builtin by its id then needs to look at no object.
 */
import { FRAME_FLAG_COMPANION, SLOT_SIZE, TAG_NIL, VM_COMPANIONS } from '../../bytecode/layout';
import { throwText } from '../base/raise';
import { tableGetInt, tableSetInt } from '../objects/table';
import { newTable } from '../objects/table-new';
import { setNil, tagOf } from '../base/value';
import { callInstead } from '../run/call';

/** Host API: makes the function in slot `companion` the companion of the builtin with this id. */
export function setCompanion(id: u32, companion: u32): void {
  let table = load<u32>(VM_COMPANIONS);
  if (!table) {
    table = newTable(64, 0);
    store<u32>(VM_COMPANIONS, table);
  }
  tableSetInt(table, <i64>id, companion);
}

/** Writes the companion of builtin `id` to `result`; nil if the host set none. */
export function companionOf(id: u32, result: u32): void {
  const table = load<u32>(VM_COMPANIONS);
  if (table) tableGetInt(table, <i64>id, result);
  else setNil(result);
}

/**
 * Lets the companion of builtin `id` run in place of the running builtin, with `count` arguments at `base`: like a C function that calls back.
 * @returns what the builtin has to return
 */
export function callCompanion(thread: u32, base: u32, count: i32, id: u32): i32 {
  return startCompanion(thread, base, count, id, FRAME_FLAG_COMPANION);
}

/** As callCompanion, for functions that in PUC, too, can be left by a yield. */
export function callYieldableCompanion(thread: u32, base: u32, count: i32, id: u32): i32 {
  return startCompanion(thread, base, count, id, 0);
}

function startCompanion(thread: u32, base: u32, count: i32, id: u32, flags: u32): i32 {
  const func = base - SLOT_SIZE;
  companionOf(id, func);
  if (tagOf(func) == TAG_NIL) throwText('library is not complete: a companion function is missing');
  return callInstead(thread, func, count, flags);
}

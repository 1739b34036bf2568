/** Finding metatables and metamethods of any value (manual, section 2.4). */
import {
  OBJECT_FLAGS, TABLE_ABSENT, TABLE_IS_METATABLE, TABLE_METATABLE, TAG_BUILTIN, TAG_CLOSURE, TAG_TABLE, TAG_USERDATA, USERDATA_METATABLE, VM_EVENT_NAMES,
  VM_TYPE_METATABLES,
} from '../../bytecode/layout';
import { tableRecordSlot } from './table-record';
import { isNil, pointerOf, tagOf } from '../base/value';

/** The metatable of a value, 0 if it has none. */
export function metatableOf(slot: u32): u32 {
  const tag = tagOf(slot);
  if (tag == TAG_TABLE) return load<u32>(pointerOf(slot), TABLE_METATABLE);
  if (tag == TAG_USERDATA) return load<u32>(pointerOf(slot), USERDATA_METATABLE);
  return load<u32>(VM_TYPE_METATABLES + tag * 4);
}

/** Address of the slot of a value's metamethod, 0 if it has none. @param event EVENT_* */
export function metamethodOfValue(slot: u32, event: u32): u32 {
  const metatable = metatableOf(slot);
  return metatable ? metamethodOf(metatable, event) : 0;
}

/** Can it be called without looking for `__call`? */
export function isFunction(slot: u32): bool {
  const tag = tagOf(slot);
  return tag == TAG_CLOSURE || tag == TAG_BUILTIN;
}

/** Address of the slot of a metamethod, 0 if there is none. What is absent is remembered in TABLE_ABSENT. @param metatable not 0 */
export function metamethodOf(metatable: u32, event: u32): u32 {
  if (load<u32>(metatable, TABLE_ABSENT) & (1 << event)) return 0;
  const slot = tableRecordSlot(metatable, load<u32>(VM_EVENT_NAMES + event * 4));
  if (slot != 0 && !isNil(slot)) return slot;
  store<u32>(metatable, load<u32>(metatable, TABLE_ABSENT) | (1 << event), TABLE_ABSENT);
  store<u8>(metatable, load<u8>(metatable, OBJECT_FLAGS) | TABLE_IS_METATABLE, OBJECT_FLAGS);
  return 0;
}

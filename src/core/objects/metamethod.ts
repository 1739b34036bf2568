/** Finding metatables and metamethods of any value (manual, section 2.4). */
import { TABLE_METATABLE, TAG_BUILTIN, TAG_CLOSURE, TAG_TABLE, TAG_USERDATA, USERDATA_METATABLE, VM_TYPE_METATABLES } from '../../bytecode/layout';
import { metamethodOf } from './table';
import { pointerOf, tagOf } from './value';

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

/**
 * Metatables that say the same. `setmetatable(object, {__index = Class})` makes a metatable for each object; were each named by a shape of
 * its own, no inline cache, no field cache and no trace would ever meet a shape twice. So shapes name one representative for all metatables that hold
 * nothing but the same table under `__index`:
 *
 *   object 1 --TABLE_METATABLE--> {__index = Class} --+
 *   object 2 --TABLE_METATABLE--> {__index = Class} --+-- __index --> Class --TABLE_REPRESENTATIVE--> {__index = Class}, no program sees it
 *       \________TABLE_SHAPE____> shape: {x, y} ------------SHAPE_METATABLE--------------------------^
 *
 * The first metatable of a class stands for itself: most classes have but one. When a metamethod is later stored into a represented
 * metatable, its tables are no longer what their shapes say: the representative is outdated from then on, and with it what its
 * shapes prove of metamethods (whoever relied on it hears of it by the metatable epoch). New tables then get their metatables' own shapes.
 */
import {
  OBJECT_FLAGS, SHAPE_COUNT, SHAPE_KEY, SHAPE_METATABLE, TABLE_IS_CLASS, TABLE_IS_METATABLE, TABLE_IS_OUTDATED, TABLE_IS_REPRESENTED, TABLE_REPRESENTATIVE,
  TABLE_SHAPE, TABLE_SLOTS, TAG_TABLE, VM_EVENT_NAMES,
} from '../../bytecode/layout';
import { EVENT_INDEX } from '../generated/metamethods';
import { barrierObject } from '../memory/colour';
import { metamethodOf } from './metamethod';
import { tryNewTable } from './table-new';
import { copyValue, pointerOf, tagOf } from '../base/value';

// @ts-ignore: decorator
@inline function hasFlag(table: u32, flag: u32): bool { return (load<u8>(table, OBJECT_FLAGS) & flag) != 0; }
// @ts-ignore: decorator
@inline function setFlag(table: u32, flag: u32): void { store<u8>(table, load<u8>(table, OBJECT_FLAGS) | flag, OBJECT_FLAGS); }

/** Has it no metatable and no field but `__index`, which is another table? */
function saysOnlyIndex(metatable: u32): bool {
  const shape = load<u32>(metatable, TABLE_SHAPE);
  if (!shape || load<u32>(shape, SHAPE_COUNT) != 1 || load<u32>(shape, SHAPE_METATABLE)) return false;
  if (load<u32>(shape, SHAPE_KEY) != load<u32>(VM_EVENT_NAMES + EVENT_INDEX * 4)) return false;
  const slot = load<u32>(metatable, TABLE_SLOTS);
  return tagOf(slot) == TAG_TABLE && pointerOf(slot) != metatable;
}

/** The representative of a metatable that has one. */
function representativeOf(metatable: u32): u32 {
  return load<u32>(pointerOf(metamethodOf(metatable, EVENT_INDEX)), TABLE_REPRESENTATIVE);
}

/** What a shape names for tables with this metatable: itself or its representative. Called before it becomes a table's metatable. */
export function metatableInShape(metatable: u32): u32 {
  if (hasFlag(metatable, TABLE_IS_REPRESENTED)) {
    const representative = representativeOf(metatable);
    return hasFlag(representative, TABLE_IS_OUTDATED) ? metatable : representative;
  }
  if (hasFlag(metatable, TABLE_IS_METATABLE) || !saysOnlyIndex(metatable)) return metatable;
  const holder = pointerOf(load<u32>(metatable, TABLE_SLOTS));
  if (!hasFlag(holder, TABLE_IS_CLASS)) {
    setFlag(holder, TABLE_IS_CLASS);
    return metatable;
  }
  let representative = load<u32>(holder, TABLE_REPRESENTATIVE);
  if (!representative) {
    representative = tryNewRepresentative(metatable, holder);
    if (!representative) return metatable;
  }
  if (hasFlag(representative, TABLE_IS_OUTDATED)) return metatable;
  setFlag(metatable, TABLE_IS_REPRESENTED | TABLE_IS_METATABLE);
  return representative;
}

/** A copy of the metatable that no program sees; 0 when memory ran out. */
function tryNewRepresentative(metatable: u32, holder: u32): u32 {
  const representative = tryNewTable(0, 1);
  if (!representative) return 0;
  const shape = load<u32>(metatable, TABLE_SHAPE);
  copyValue(load<u32>(representative, TABLE_SLOTS), load<u32>(metatable, TABLE_SLOTS));
  store<u32>(representative, shape, TABLE_SHAPE);
  barrierObject(representative, shape);
  barrierObject(representative, holder);
  store<u32>(holder, representative, TABLE_REPRESENTATIVE);
  barrierObject(holder, representative);
  return representative;
}

/** A metamethod is about to be stored into this metatable, or `__index` taken out of it: it speaks for itself from now on. */
export function leaveRepresentative(metatable: u32): void {
  if (!hasFlag(metatable, TABLE_IS_REPRESENTED)) return;
  setFlag(representativeOf(metatable), TABLE_IS_OUTDATED);
  store<u8>(metatable, load<u8>(metatable, OBJECT_FLAGS) & ~TABLE_IS_REPRESENTED, OBJECT_FLAGS);
}

/** Does this representative stand, or did it stand, for the metatable? */
export function isRepresentedBy(metatable: u32, representative: u32): bool {
  return hasFlag(representative, TABLE_IS_OUTDATED) || (hasFlag(metatable, TABLE_IS_REPRESENTED) && representativeOf(metatable) == representative);
}

/** Have all tables of a shape the metamethods that its metatable has? True where there is none. The answer holds for a metatable epoch. */
export function shapeProvesMetamethods(shape: u32): bool {
  const metatable = load<u32>(shape, SHAPE_METATABLE);
  return metatable == 0 || !hasFlag(metatable, TABLE_IS_OUTDATED);
}

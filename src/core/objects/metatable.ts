/** Setting metatables: of tables, whose shapes name them, and of userdata; who gets one with `__gc` will be finalised. */
import { OBJECT_FLAGS, TABLE_IS_METATABLE, TABLE_METATABLE, TABLE_SHAPE, USERDATA_METATABLE } from '../../bytecode/layout';
import { tryRegisterFinalizer } from '../collect/finalizer';
import { throwMemoryError } from '../base/raise';
import { EVENT_GC } from '../generated/metamethods';
import { barrierObject } from '../memory/colour';
import { metamethodOf } from './metamethod';
import { metatableInShape } from './metatable-equivalence';
import { shapeWithMetatable } from './shape';
import { tryInSteps, tryLeaveShape } from './table-dictionary';

/** Sets the metatable (0 = none); the table gets the shape that goes with it. */
export function setMetatable(table: u32, metatable: u32): void {
  while (!trySetMetatable(table, metatable)) if (!tryInSteps(table)) throwMemoryError();
}

/** As setMetatable; false when memory ran out. */
export function trySetMetatable(table: u32, metatable: u32): bool {
  const named = metatable ? metatableInShape(metatable) : 0;
  if (!tryRegisterForMetatable(table, metatable)) return false;
  const shape = load<u32>(table, TABLE_SHAPE);
  if (shape) {
    const changed = shapeWithMetatable(shape, named);
    if (changed) store<u32>(table, changed, TABLE_SHAPE);
    else if (!tryLeaveShape(table)) return false;
  }
  store<u32>(table, metatable, TABLE_METATABLE);
  if (load<u32>(table, TABLE_SHAPE)) barrierObject(table, load<u32>(table, TABLE_SHAPE));
  if (metatable) {
    store<u8>(metatable, load<u8>(metatable, OBJECT_FLAGS) | TABLE_IS_METATABLE, OBJECT_FLAGS);
    barrierObject(table, metatable);
  }
  return true;
}

/** Sets the metatable of a userdata (0 = none). */
export function setUserdataMetatable(userdata: u32, metatable: u32): void {
  if (!tryRegisterForMetatable(userdata, metatable)) throwMemoryError();
  store<u32>(userdata, metatable, USERDATA_METATABLE);
  if (!metatable) return;
  store<u8>(metatable, load<u8>(metatable, OBJECT_FLAGS) | TABLE_IS_METATABLE, OBJECT_FLAGS);
  barrierObject(userdata, metatable);
}

/** An object that gets a metatable with `__gc` will be finalised. @returns false when memory ran out */
function tryRegisterForMetatable(object: u32, metatable: u32): bool {
  return metatable == 0 || metamethodOf(metatable, EVENT_GC) == 0 || tryRegisterFinalizer(object);
}

/** What the debug library changes in objects, with the barriers and marks that go with it. For the host. */
import { BUILTIN_UPVALUES, CLOSURE_UPVALUES, OBJECT_FLAGS, SLOT_SIZE, TABLE_IS_METATABLE, UPVALUE_LOCATION, VM_METATABLE_EPOCH, VM_TYPE_METATABLES } from '../../bytecode/layout';
import { barrier, barrierObject } from '../memory/colour';
import { copyValue } from '../base/value';

/** Sets the metatable (0 = none) that all values with a tag share. Whoever has found out what metamethods there are must look again. */
export function setTypeMetatable(tag: u32, metatable: u32): void {
  store<u32>(VM_TYPE_METATABLES + 4 * tag, metatable);
  if (metatable) store<u8>(metatable, load<u8>(metatable, OBJECT_FLAGS) | TABLE_IS_METATABLE, OBJECT_FLAGS);
  store<u32>(VM_METATABLE_EPOCH, load<u32>(VM_METATABLE_EPOCH) + 1);
}

// @ts-ignore: decorator
@inline function upvalueOf(closure: u32, index: u32): u32 { return load<u32>(closure + CLOSURE_UPVALUES + 4 * index); }

/** Sets the variable of a Lua closure's upvalue to the value in a slot. */
export function setUpvalue(closure: u32, index: u32, slot: u32): void {
  const upvalue = upvalueOf(closure, index);
  copyValue(load<u32>(upvalue, UPVALUE_LOCATION), slot);
  barrier(upvalue, slot);
}

/** Sets an upvalue of a builtin, which may have any value then. */
export function setBuiltinUpvalue(builtin: u32, index: u32, slot: u32): void {
  copyValue(builtin + BUILTIN_UPVALUES + index * SLOT_SIZE, slot);
  barrier(builtin, slot);
}

/** Makes an upvalue of one Lua closure refer to the variable of another's. */
export function joinUpvalue(closure: u32, index: u32, other: u32, otherIndex: u32): void {
  const upvalue = upvalueOf(other, otherIndex);
  store<u32>(closure + CLOSURE_UPVALUES + 4 * index, upvalue);
  barrierObject(closure, upvalue);
}

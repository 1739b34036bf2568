/**
 * Colours, the gray list and the write barriers. Owns the cells HEAP_GRAY and HEAP_MARKED_SHAPES.
 *
 * Tri-colour marking: white = not reached, gray = reached, children not looked at yet (on the gray list), black = done. MARK_FIXED
 * strings have no children and are never freed. Objects with children are chained through the *_GCLIST field of their tag; upvalues,
 * userdata and shapes are marked on the spot instead, which cannot recurse deeply: what they reach is put on the list.
 *
 * Invariant the barriers keep while marking is under way: no black object refers to a white one.
 */
import {
  BUILTIN_GCLIST, CLOSURE_GCLIST, MARK_BLACK, MARK_GRAY, OBJECT_MARK, OBJECT_TAG, PROTO_GCLIST, SHAPE_GCLIST, SHAPE_KEY, SHAPE_METATABLE,
  SHAPE_PARENT, TABLE_GCLIST, TAG_BUILTIN, TAG_CLOSURE, TAG_PROTO, TAG_SHAPE, TAG_STRING, TAG_TABLE, TAG_THREAD, TAG_UPVALUE,
  TAG_USERDATA, THREAD_GCLIST, UPVALUE_LOCATION, USERDATA_METATABLE, VM_HEAP,
} from '../bytecode/layout';
import { isCollectable, pointerOf } from './value';

export const HEAP_GRAY: u32 = VM_HEAP + 736;
/** Shapes reached in this cycle, by SHAPE_GCLIST. */
export const HEAP_MARKED_SHAPES: u32 = VM_HEAP + 740;

// @ts-ignore: decorator
@inline export function isWhite(object: u32): bool { return load<u8>(object, OBJECT_MARK) < MARK_GRAY; }
// @ts-ignore: decorator
@inline export function isBlack(object: u32): bool { return load<u8>(object, OBJECT_MARK) == MARK_BLACK; }
// @ts-ignore: decorator
@inline export function setColour(object: u32, colour: u32): void { store<u8>(object, <u8>colour, OBJECT_MARK); }
// @ts-ignore: decorator
@inline function pushGray(object: u32, link: u32): void {
  setColour(object, MARK_GRAY);
  store<u32>(object + link, load<u32>(HEAP_GRAY));
  store<u32>(HEAP_GRAY, object);
}

/** Reaches an object: gray, or black at once if it needs no visit of its own. */
export function markObject(object: u32): void {
  if (!isWhite(object)) return;
  switch (<u32>load<u8>(object, OBJECT_TAG)) {
    case TAG_STRING: setColour(object, MARK_BLACK); break;
    case TAG_TABLE: pushGray(object, TABLE_GCLIST); break;
    case TAG_CLOSURE: pushGray(object, CLOSURE_GCLIST); break;
    case TAG_BUILTIN: pushGray(object, BUILTIN_GCLIST); break;
    case TAG_THREAD: pushGray(object, THREAD_GCLIST); break;
    case TAG_PROTO: pushGray(object, PROTO_GCLIST); break;
    case TAG_UPVALUE:
      setColour(object, MARK_BLACK);
      markValue(load<u32>(object, UPVALUE_LOCATION));
      break;
    case TAG_USERDATA:
      setColour(object, MARK_BLACK);
      markPointer(load<u32>(object, USERDATA_METATABLE));
      break;
    case TAG_SHAPE: markShape(object); break;
    default: assert(false);
  }
}

/** A shape keeps its ancestors: marked in a loop, since chains are long. */
function markShape(shape: u32): void {
  while (shape != 0 && isWhite(shape)) {
    setColour(shape, MARK_BLACK);
    store<u32>(shape, load<u32>(HEAP_MARKED_SHAPES), SHAPE_GCLIST);
    store<u32>(HEAP_MARKED_SHAPES, shape);
    markPointer(load<u32>(shape, SHAPE_KEY));
    markPointer(load<u32>(shape, SHAPE_METATABLE));
    shape = load<u32>(shape, SHAPE_PARENT);
  }
}

export function markPointer(object: u32): void { if (object) markObject(object); }
export function markValue(slot: u32): void { if (isCollectable(slot)) markObject(pointerOf(slot)); }

/** Makes a black table gray again. */
export function regrayTable(table: u32): void { pushGray(table, TABLE_GCLIST); }

/** After storing the value in `slot` into `owner`, an object that is seldom written to: reaches the value. */
// @ts-ignore: decorator
@inline export function barrier(owner: u32, slot: u32): void { if (isBlack(owner) && isCollectable(slot)) markObject(pointerOf(slot)); }
/** As barrier, for a pointer (not 0). */
// @ts-ignore: decorator
@inline export function barrierObject(owner: u32, object: u32): void { if (isBlack(owner)) markObject(object); }
/** After storing anything into `table`: it will be looked at once more, however many stores follow. */
// @ts-ignore: decorator
@inline export function barrierBack(table: u32): void { if (isBlack(table)) regrayTable(table); }

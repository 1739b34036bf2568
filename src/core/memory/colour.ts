/**
 * Colours, the gray list and the write barriers.
 *
 * Tri-colour marking (Dijkstra et al.): white = not reached, gray = reached, children not looked at yet (on a gray list), black = done.
 * MARK_FIXED strings have no children and are never freed. Objects with children are chained through the *_GCLIST field of their tag;
 * upvalues, userdata and shapes are marked on the spot instead, which cannot recurse deeply: what they reach is put on the list.
 *
 * There are two whites. New objects get the current one. When all is marked they change places: what still has the other white is dead,
 * and the sweep turns black into the current white.
 *
 * Invariant the barriers keep while marking: no black object refers to a white one. They do so by reaching the new value, never by making the owner
 * gray again: what is left for the end of marking then does not grow with what the program wrote meanwhile (a large table would have
 * to be marked in one go). While sweeping the invariant is not needed: an owner not yet swept is made white, which ends its barriers.
 */
import {
  BUILTIN_GCLIST, CLOSURE_GCLIST, COLLECT_MARK, DICT_NODE_VALUE, MARK_BLACK, MARK_GRAY, OBJECT_AWAITED, OBJECT_FLAGS, OBJECT_MARK, OBJECT_TAG, PROTO_GCLIST, SHAPE_GCLIST, SHAPE_KEY,
  SHAPE_METATABLE, SHAPE_PARENT, SLOT_LINK, TABLE_GCLIST, TABLE_SHAPE, TAG_BUILTIN, TAG_CLOSURE, TAG_PROTO, TAG_SHAPE, TAG_STRING, TAG_TABLE, TAG_THREAD,
  TAG_UPVALUE, TAG_USERDATA, THREAD_GCLIST, UPVALUE_LOCATION, USERDATA_GCLIST, USERDATA_METATABLE, VM_COLLECT_PHASE, VM_CURRENT_WHITE,
} from '../../bytecode/layout';
import { GC_GRAY, GC_WOKEN, GC_MARKED_SHAPES, GC_MARKED_SHAPE_COUNT } from './collector-state';
import { isCollectable, pointerOf } from '../base/value';

// @ts-ignore: decorator
@inline export function isWhite(object: u32): bool { return load<u8>(object, OBJECT_MARK) < MARK_GRAY; }
// @ts-ignore: decorator
@inline export function isBlack(object: u32): bool { return load<u8>(object, OBJECT_MARK) == MARK_BLACK; }
/** Between the end of marking and its sweep: not reached in this cycle. At other times nothing has the other white. */
// @ts-ignore: decorator
@inline export function isDead(object: u32): bool { return load<u8>(object, OBJECT_MARK) == (load<u32>(VM_CURRENT_WHITE) ^ 1); }
// @ts-ignore: decorator
@inline export function setColour(object: u32, colour: u32): void { store<u8>(object, <u8>colour, OBJECT_MARK); }
// @ts-ignore: decorator
@inline export function isMarking(): bool { return load<u32>(VM_COLLECT_PHASE) == COLLECT_MARK; }
// @ts-ignore: decorator
@inline function pushGray(object: u32, link: u32): void {
  setColour(object, MARK_GRAY);
  store<u32>(object + link, load<u32>(GC_GRAY));
  store<u32>(GC_GRAY, object);
}

/** Reaches an object: gray, or black at once if it needs no visit of its own. */
export function markObject(object: u32): void {
  if (!isWhite(object)) return;
  if (load<u8>(object, OBJECT_FLAGS) & OBJECT_AWAITED) wakeWaiting(object);
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

/** Where an object's list of waiting ephemerons begins; 0 for what is no key of them. */
export function waitingLink(object: u32): u32 {
  switch (<u32>load<u8>(object, OBJECT_TAG)) {
    case TAG_TABLE: return object + TABLE_GCLIST;
    case TAG_CLOSURE: return object + CLOSURE_GCLIST;
    case TAG_BUILTIN: return object + BUILTIN_GCLIST;
    case TAG_THREAD: return object + THREAD_GCLIST;
    case TAG_USERDATA: return object + USERDATA_GCLIST;
    default: return 0;
  }
}

/** A key of ephemerons is reached: their values will be. */
function wakeWaiting(object: u32): void {
  store<u8>(object, load<u8>(object, OBJECT_FLAGS) & ~<u8>OBJECT_AWAITED, OBJECT_FLAGS);
  for (let node = load<u32>(waitingLink(object)); node; ) {
    const next = load<u32>(node, DICT_NODE_VALUE + SLOT_LINK);
    store<u32>(node, load<u32>(GC_WOKEN), DICT_NODE_VALUE + SLOT_LINK);
    store<u32>(GC_WOKEN, node);
    node = next;
  }
}

/** A shape keeps its ancestors: marked in a loop, since chains are long. */
function markShape(shape: u32): void {
  while (shape != 0 && isWhite(shape)) {
    setColour(shape, MARK_BLACK);
    store<u32>(shape, load<u32>(GC_MARKED_SHAPES), SHAPE_GCLIST);
    store<u32>(GC_MARKED_SHAPES, shape);
    store<u32>(GC_MARKED_SHAPE_COUNT, load<u32>(GC_MARKED_SHAPE_COUNT) + 1);
    markPointer(load<u32>(shape, SHAPE_KEY));
    markPointer(load<u32>(shape, SHAPE_METATABLE));
    shape = load<u32>(shape, SHAPE_PARENT);
  }
}

export function markPointer(object: u32): void { if (object) markObject(object); }
export function markValue(slot: u32): void { if (isCollectable(slot)) markObject(pointerOf(slot)); }

// ---- Barriers: after storing into an owner that may be black

/** The black `owner` refers to `object` now. */
function barrierSlowly(owner: u32, object: u32): void {
  if (isMarking()) markObject(object);
  else setColour(owner, load<u32>(VM_CURRENT_WHITE));
}

/** The black `table` has a value in `slot`, and perhaps another shape. */
function barrierFieldSlowly(table: u32, slot: u32): void {
  if (isMarking()) {
    markPointer(load<u32>(table, TABLE_SHAPE));
    markValue(slot);
  } else setColour(table, load<u32>(VM_CURRENT_WHITE));
}

/** After storing the value in `slot` into `owner`. */
// @ts-ignore: decorator
@inline export function barrier(owner: u32, slot: u32): void { if (isBlack(owner) && isCollectable(slot)) barrierSlowly(owner, pointerOf(slot)); }
/** As barrier, for a pointer (not 0). */
// @ts-ignore: decorator
@inline export function barrierObject(owner: u32, object: u32): void { if (isBlack(owner)) barrierSlowly(owner, object); }
/** After storing the value in `slot` into a record field, which may have changed the shape. */
// @ts-ignore: decorator
@inline export function barrierField(table: u32, slot: u32): void { if (isBlack(table)) barrierFieldSlowly(table, slot); }

/** After storing `count` values in consecutive slots. */
export function barrierValues(owner: u32, slot: u32, count: u32): void {
  for (; count != 0 && isBlack(owner); count--, slot += 16) barrier(owner, slot);
}

/** After a dictionary node got a key, a value, or what another node had. */
export function barrierNode(table: u32, node: u32): void {
  barrier(table, node);
  barrier(table, node + DICT_NODE_VALUE);
}

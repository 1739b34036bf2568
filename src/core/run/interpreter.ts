/**
 * The interpreter: one loop, one switch over the opcodes (asc -O3 makes it a br_table), small handlers for the common case; everything else is in
 * functions of other modules that finish the instruction or push a frame, after which the loop reloads its registers from the frame.
 *
 * `interpret<i32>` is the fast loop, `interpret<f64>` executes one instruction and returns, for the recorder, `interpret<i64>` looks for
 * events before each instruction, for threads with a hook: the type argument is only a compile-time switch (asc drops the branches
 * of the other forms), so that the fast loop carries no checks for them.
 *
 * Registers: `thread`, and `frame`, `base`, `pc`, `constants` of its current frame. A handler that stays in the frame continues the loop; one that breaks out
 * of the switch has stored FRAME_PC before and set `status`.
 *
 * Longer than 500 lines because it is one loop that must be one function.
 */
import {
  ARRAY_MIXED, BUILTIN_FUNCTION, BUILTIN_ID, CACHE_SHAPE, CACHE_SLOT, CLOSURE_PROTO, CLOSURE_UPVALUES, FRAME_BASE, FRAME_CLOSURE, FRAME_CONSTANTS, FRAME_KIND,
  FRAME_PC, FRAME_RESULTS, FRAME_SIZE, FRAME_TOP, FRAME_VARARGS, HOT_WAIT_FACTOR, LOOP_COUNTER, PROTO_CODE, PROTO_CODE_SIZE, PROTO_CONSTANTS, PROTO_FRAME_SIZE, PROTO_TRACE,
  PROTO_IS_VARARG, PROTO_PARAMETER_COUNT, PROTO_PROTOS, RUN_BUDGET, RUN_HOT_LOOP, RUN_STEPPED, SETLIST_LAST, SHAPE_COUNT, SHAPE_EPOCH, SLOT_SIZE,
  STRING_LENGTH, TABLE_ARRAY, TABLE_ARRAY_CAPACITY, TABLE_ARRAY_LENGTH, TABLE_DICT_SIZE, TABLE_KIND, TABLE_METATABLE, TABLE_SHAPE, TABLE_SLOTS,
  TABLE_SLOT_CAPACITY, TAG_BUILTIN, TAG_CLOSURE, TAG_FLOAT, TAG_INT, TAG_NIL, TAG_STRING, TAG_TABLE, THREAD_BUILTIN, THREAD_FRAME, THREAD_FRAMES_END,
  THREAD_PENDING_KIND, THREAD_PENDING_RESULTS, THREAD_SCRATCH, THREAD_STACK_END, THREAD_TOP, UPVALUE_LOCATION, VM_BUDGET, VM_COLLECT_DUE, VM_HOT_PLACE,
  VM_HOT_LOOP, VM_JIT_ATTACHED, VM_METATABLE_EPOCH, VM_THREAD,
} from '../../bytecode/layout';
import { throwText } from '../base/raise';
import { BUILTIN_ID_baseIpairsStep, BUILTIN_ID_baseNext } from '../generated/builtin-ids';
import {
  EVENT_ADD, EVENT_BAND, EVENT_BNOT, EVENT_BOR, EVENT_BXOR, EVENT_DIV, EVENT_IDIV, EVENT_MOD, EVENT_MUL, EVENT_POW, EVENT_SHL, EVENT_SHR, EVENT_SUB,
  EVENT_UNM,
} from '../generated/metamethods';
import {
  OP_ADD, OP_ADDK, OP_BAND, OP_BANDK, OP_BNOT, OP_BOR, OP_BORK, OP_BXOR, OP_BXORK, OP_CALL, OP_CLOSE, OP_CLOSURE, OP_CONCAT, OP_DIV, OP_DIVK, OP_EQ, OP_EQK,
  OP_FORLOOP, OP_FORLOOP_JIT, OP_FORLOOP_PLAIN, OP_FORPREP, OP_GEK, OP_GETFIELD, OP_GETI, OP_GETTABLE, OP_GETTABUP, OP_GETUPVAL, OP_GTK, OP_IDIV, OP_IDIVK,
  OP_JMP, OP_LE, OP_LEK, OP_LEN, OP_LFALSESKIP, OP_LOADF, OP_LOADFALSE, OP_LOADI, OP_LOADK, OP_LOADNIL, OP_LOADTRUE, OP_LOOP, OP_LOOP_JIT, OP_LOOP_PLAIN,
  OP_LT, OP_LTK, OP_MOD, OP_MODK, OP_MOVE, OP_MUL, OP_MULK, OP_NEWTABLE, OP_NOT, OP_POW, OP_POWK, OP_RETURN, OP_RETURN0, OP_RETURN1, OP_SELF, OP_SETFIELD,
  OP_SETI, OP_SETLIST, OP_SETTABLE, OP_SETTABUP, OP_SETUPVAL, OP_SHL, OP_SHLK, OP_SHR, OP_SHRK, OP_SUB, OP_SUBK, OP_TAILCALL, OP_TBC, OP_TEST, OP_TESTSET,
  OP_TFORCALL, OP_TFORLOOP, OP_TFORLOOP_JIT, OP_TFORLOOP_PLAIN, OP_TFORPREP, OP_UNM, OP_VARARG, OP_VARARGPREP,
} from '../generated/opcodes';
import { barrier, barrierField } from '../memory/colour';
import {
  floatFloorDivide, floatModulo, floatPow, forPrepare, integerDivide, integerModulo, lessEqualNumbers, lessNumbers, numberOf, shiftLeft, shiftRight,
} from '../number/arithmetic';
import { closeUpvalues, instantiate } from '../objects/function';
import { compareStrings, isShortString } from '../strings/string';
import { tableAppendValues } from '../objects/table';
import { newTable } from '../objects/table-new';
import { tableNext } from '../objects/table-next';
import { copyValue, floatOf, intOf, isFalsy, pointerOf, poisonSlots, setBoolean, setFloat, setInt, setNil, setObject, tagOf } from '../base/value';
import { advanceFor, advanceGenericFor, enterFunction, enterTrace, jitWaits, runLoopPlain } from '../trace/entry';
import { fieldSlot, getField, getOutsideArray, getValue, setField, setValue } from './access';
import { spend, spendCall, spendJump } from '../base/budget';
import { builtinStatus, callValue, placeResults, poisonBehindArguments, pushLuaFrame, returnFrom } from './call';
import { callCloser, hasToBeClosed, markToBeClosed } from './close';
import { concatenate } from './concat';
import { collectAt, collectWhileStepping } from './finalizer-call';
import { hookInstruction, hookMask, hookReturn } from './hook';
import { arithmetic, compareEqual, compareLess, compareLessEqual, lengthOf, rawEqual } from './operations';
import { finishTailCall, prepareVarargs, pushVarargs } from './varargs';

// ---- Operands

// @ts-ignore: decorator
@inline function A(pc: u32): u32 { return <u32>load<u16>(pc, 2); }
// @ts-ignore: decorator
@inline function B(pc: u32): u32 { return <u32>load<u16>(pc, 4); }
// @ts-ignore: decorator
@inline function C(pc: u32): u32 { return <u32>load<u16>(pc, 6); }
// @ts-ignore: decorator
@inline function D(pc: u32): i32 { return load<i32>(pc, 4); }
/** Where a conditional jump with its target in C goes if `condition` equals k. */
// @ts-ignore: decorator
@inline function branch(pc: u32, condition: bool): u32 {
  return pc + 8 + (<u32>condition == <u32>load<u8>(pc, 1) ? <i32>load<i16>(pc, 6) << 3 : 0);
}
/** Register or constant C, by k. */
// @ts-ignore: decorator
@inline function RKC(pc: u32, base: u32, constants: u32): u32 { return (load<u8>(pc, 1) ? constants : base) + C(pc); }

// ---- Fast paths

/** One operand is an integer, the other a float. */
// @ts-ignore: decorator
@inline function isMixedPair(b: u32, c: u32): bool { return (b ^ c) == (TAG_INT ^ TAG_FLOAT) && b - TAG_INT < 2; }

/** to := b op c for numbers, for + - *. @returns false if it needs the slow path */
// @ts-ignore: decorator
@inline function fastAddSubMul(event: u32, to: u32, b: u32, c: u32): bool {
  const tagB = tagOf(b);
  const tagC = tagOf(c);
  let x: f64;
  let y: f64;
  if (tagB == tagC) {
    if (tagB == TAG_INT) {
      const left = intOf(b);
      const right = intOf(c);
      setInt(to, event == EVENT_ADD ? left + right : event == EVENT_SUB ? left - right : left * right);
      return true;
    }
    if (tagB != TAG_FLOAT) return false;
    x = floatOf(b);
    y = floatOf(c);
  } else {
    if (!isMixedPair(tagB, tagC)) return false;
    x = numberOf(b);
    y = numberOf(c);
  }
  setFloat(to, event == EVENT_ADD ? x + y : event == EVENT_SUB ? x - y : x * y);
  return true;
}

/** to := b / c, b ^ c for numbers. */
// @ts-ignore: decorator
@inline function fastDivPow(event: u32, to: u32, b: u32, c: u32): bool {
  if (tagOf(b) - TAG_INT >= 2 || tagOf(c) - TAG_INT >= 2) return false;
  const x = numberOf(b);
  const y = numberOf(c);
  setFloat(to, event == EVENT_DIV ? x / y : floatPow(x, y));
  return true;
}

/** to := b // c, b % c for two integers (non-zero divisor) or two floats. */
// @ts-ignore: decorator
@inline function fastIdivMod(event: u32, to: u32, b: u32, c: u32): bool {
  const tagB = tagOf(b);
  if (tagB != tagOf(c)) return false;
  if (tagB == TAG_INT) {
    const divisor = intOf(c);
    if (divisor == 0) return false;
    setInt(to, event == EVENT_IDIV ? integerDivide(intOf(b), divisor) : integerModulo(intOf(b), divisor));
    return true;
  }
  if (tagB != TAG_FLOAT) return false;
  setFloat(to, event == EVENT_IDIV ? floatFloorDivide(floatOf(b), floatOf(c)) : floatModulo(floatOf(b), floatOf(c)));
  return true;
}

/** to := b op c for two integers, for the bit operations. */
// @ts-ignore: decorator
@inline function fastBitwise(event: u32, to: u32, b: u32, c: u32): bool {
  if (tagOf(b) != TAG_INT || tagOf(c) != TAG_INT) return false;
  const x = intOf(b);
  const y = intOf(c);
  let result: i64;
  if (event == EVENT_BAND) result = x & y;
  else if (event == EVENT_BOR) result = x | y;
  else if (event == EVENT_BXOR) result = x ^ y;
  else if (event == EVENT_SHL) result = <u64>y < 64 ? x << y : shiftLeft(x, y);
  else result = <u64>y < 64 ? <i64>(<u64>x >> y) : shiftRight(x, y);
  setInt(to, result);
  return true;
}

/** to := table[index] from the array part. @returns false if it is not there or nil */
// @ts-ignore: decorator
@inline function fastArrayGet(to: u32, table: u32, index: i64): bool {
  const place = <u64>(index - 1);
  if (place >= <u64>load<u32>(table, TABLE_ARRAY_LENGTH)) return false;
  const array = load<u32>(table, TABLE_ARRAY);
  const kind = <u32>load<u8>(table, TABLE_KIND);
  if (kind == ARRAY_MIXED) {
    const tag = <u32>load<u8>(array + (load<u32>(table, TABLE_ARRAY_CAPACITY) << 3) + <u32>place);
    if (tag == TAG_NIL) return false;
    store<u32>(to, tag, 8);
    // Booleans live in the tag alone: an array of them costs one byte of cache an element.
    if (tag < TAG_INT) return true;
  } else {
    // Packed kinds are their element's tag minus 2.
    store<u32>(to, kind + 2, 8);
  }
  store<u64>(to, load<u64>(array + (<u32>place << 3)));
  return true;
}

/** table[index] := value in the array part: replaces an element, or appends within the capacity. @returns false if it needs the slow path */
// @ts-ignore: decorator
@inline function fastArraySet(table: u32, index: i64, value: u32): bool {
  const place = <u64>(index - 1);
  const kind = <u32>load<u8>(table, TABLE_KIND);
  const tag = tagOf(value);
  const array = load<u32>(table, TABLE_ARRAY);
  const length = load<u32>(table, TABLE_ARRAY_LENGTH);
  if (place < <u64>length) {
    if (kind != ARRAY_MIXED) {
      // Packed kinds are their element's tag minus 2.
      if (tag != kind + 2) return false;
      store<u64>(array + (<u32>place << 3), load<u64>(value));
      return true;
    }
    const tags = array + (load<u32>(table, TABLE_ARRAY_CAPACITY) << 3);
    if (tag == TAG_NIL || load<u8>(tags + <u32>place) == TAG_NIL) return false;
    store<u8>(tags + <u32>place, <u8>tag);
    if (tag < TAG_INT) return true;
    store<u64>(array + (<u32>place << 3), load<u64>(value));
    barrier(table, value);
    return true;
  }
  if (place != <u64>length || tag == TAG_NIL) return false;
  const capacity = load<u32>(table, TABLE_ARRAY_CAPACITY);
  if (length >= capacity || load<u32>(table, TABLE_DICT_SIZE) || load<u32>(table, TABLE_METATABLE)) return false;
  // An EMPTY array has a capacity but no elements yet; TAG_INT is the smallest packed tag.
  if (kind != ARRAY_MIXED && (tag != kind + 2 || tag < TAG_INT)) return false;
  store<u64>(array + (<u32>place << 3), load<u64>(value));
  store<u32>(table, length + 1, TABLE_ARRAY_LENGTH);
  if (kind == ARRAY_MIXED) {
    store<u8>(array + (capacity << 3) + <u32>place, <u8>tag);
    barrier(table, value);
  }
  return true;
}

/** to := table[cached field]. @returns false if the cache does not fit or the field is nil */
// @ts-ignore: decorator
@inline function fastFieldGet(pc: u32, to: u32, table: u32): bool {
  if (load<u32>(table, TABLE_SHAPE) != load<u32>(pc, CACHE_SHAPE)) return false;
  const slot = load<u32>(table, TABLE_SLOTS) + load<u32>(pc, CACHE_SLOT);
  const tag = tagOf(slot);
  if (tag == TAG_NIL) return false;
  store<u64>(to, load<u64>(slot));
  store<u32>(to, tag, 8);
  return true;
}

/** table[cached field] := value: replaces a field, or adds one that the cache knows. */
// @ts-ignore: decorator
@inline function fastFieldSet(pc: u32, table: u32, value: u32): bool {
  if (load<u32>(table, TABLE_SHAPE) != load<u32>(pc, CACHE_SHAPE)) return false;
  let place = load<u32>(pc, CACHE_SLOT);
  if (place < 65536) {
    const slot = load<u32>(table, TABLE_SLOTS) + place;
    if (tagOf(slot) == TAG_NIL) return false;
    copyValue(slot, value);
    barrier(table, value);
  } else {
    const child = place;
    if (load<u32>(child, SHAPE_EPOCH) != load<u32>(VM_METATABLE_EPOCH)) return false;
    place = load<u32>(child, SHAPE_COUNT) - 1;
    if (place >= load<u32>(table, TABLE_SLOT_CAPACITY) || tagOf(value) == TAG_NIL) return false;
    copyValue(load<u32>(table, TABLE_SLOTS) + place * SLOT_SIZE, value);
    store<u32>(table, child, TABLE_SHAPE);
    barrierField(table, value);
  }
  return true;
}

/** Two values of this tag that are not the same are not equal, either: no long strings, no metamethod to ask. */
// @ts-ignore: decorator
@inline function differForCertain(tag: u32, a: u32, b: u32): bool {
  if (tag == TAG_STRING) return isShortString(pointerOf(a)) || isShortString(pointerOf(b));
  return tag == TAG_TABLE && !load<u32>(pointerOf(a), TABLE_METATABLE) && !load<u32>(pointerOf(b), TABLE_METATABLE);
}

/** Two strings of this tag that are compared at once: what is charged by its length is done where the budget is looked at. */
// @ts-ignore: decorator
@inline function areShortStrings(tag: u32, a: u32, b: u32): bool {
  return tag == TAG_STRING && isShortString(pointerOf(a)) && isShortString(pointerOf(b));
}

/** The upvalue's slot. */
// @ts-ignore: decorator
@inline function upvalueSlot(frame: u32, index: u32): u32 {
  return load<u32>(load<u32>(load<u32>(frame, FRAME_CLOSURE) + (index << 2), CLOSURE_UPVALUES), UPVALUE_LOCATION);
}

/** A counting loop's counter ran out: asks the JIT, or turns the instruction into its plain form. @returns RUN_* */
function loopIsHot(pc: u32): i32 {
  if (load<u32>(VM_JIT_ATTACHED)) {
    if (jitWaits()) {
      store<u32>(pc, HOT_WAIT_FACTOR * load<u32>(VM_HOT_LOOP), LOOP_COUNTER);
      return RUN_STEPPED;
    }
    store<u32>(VM_HOT_PLACE, pc);
    return RUN_HOT_LOOP;
  }
  store<u8>(pc, load<u8>(pc) + 1);
  return RUN_STEPPED;
}

/** Runs the current thread until VM_BUDGET is used up or something else is to be done. @returns RUN_* */
export function run(): i32 {
  return hookMask(load<u32>(VM_THREAD)) ? interpret<i64>() : interpret<i32>();
}

/** Executes one instruction of the current frame, compiled loops in their plain form. @returns RUN_* (RUN_STEPPED: more to do) */
export function step(): i32 {
  return interpret<f64>();
}

/** The form for threads with a hook. */
// @ts-ignore: decorator
@inline function isHooked<Mode>(): bool { return isInteger<Mode>() && sizeof<Mode>() == 8; }

function interpret<Mode>(): i32 {
  let thread = load<u32>(VM_THREAD);
  let frame = load<u32>(thread, THREAD_FRAME);
  let base = load<u32>(frame, FRAME_BASE);
  let pc = load<u32>(frame, FRAME_PC);
  let constants = load<u32>(frame, FRAME_CONSTANTS);
  let status: i32 = RUN_STEPPED;
  let stepped = false;
  while (true) {
    if (isFloat<Mode>()) {
      if (stepped) {
        store<u32>(frame, pc, FRAME_PC);
        return RUN_STEPPED;
      }
      stepped = true;
    }
    if (isHooked<Mode>()) {
      store<u32>(frame, pc, FRAME_PC);
      if (hookInstruction(thread, pc)) {
        if (!hookMask(thread)) return RUN_STEPPED;
        frame = load<u32>(thread, THREAD_FRAME);
        base = load<u32>(frame, FRAME_BASE);
      }
    }
    switch (<u32>load<u8>(pc)) {
      // ---- Loads and moves
      case OP_MOVE: {
        copyValue(base + A(pc), base + B(pc));
        pc += 8;
        continue;
      }
      case OP_LOADI: {
        setInt(base + A(pc), <i64>D(pc));
        pc += 8;
        continue;
      }
      case OP_LOADF: {
        setFloat(base + A(pc), <f64>D(pc));
        pc += 8;
        continue;
      }
      case OP_LOADK: {
        copyValue(base + A(pc), constants + (<u32>D(pc) << 4));
        pc += 8;
        continue;
      }
      case OP_LOADNIL: {
        const last = base + A(pc) + (B(pc) << 4);
        for (let slot = base + A(pc); slot <= last; slot += SLOT_SIZE) setNil(slot);
        pc += 8;
        continue;
      }
      case OP_LOADFALSE: {
        setBoolean(base + A(pc), false);
        pc += 8;
        continue;
      }
      case OP_LOADTRUE: {
        setBoolean(base + A(pc), true);
        pc += 8;
        continue;
      }
      case OP_LFALSESKIP: {
        setBoolean(base + A(pc), false);
        pc += 16;
        continue;
      }

      // ---- Upvalues and tables
      case OP_GETUPVAL: {
        copyValue(base + A(pc), upvalueSlot(frame, B(pc)));
        pc += 8;
        continue;
      }
      case OP_SETUPVAL: {
        const upvalue = load<u32>(load<u32>(frame, FRAME_CLOSURE) + (B(pc) << 2), CLOSURE_UPVALUES);
        copyValue(load<u32>(upvalue, UPVALUE_LOCATION), base + A(pc));
        barrier(upvalue, base + A(pc));
        pc += 8;
        continue;
      }
      case OP_GETTABUP: {
        const object = upvalueSlot(frame, B(pc));
        if (tagOf(object) == TAG_TABLE && fastFieldGet(pc, base + A(pc), pointerOf(object))) {
          pc += 16;
          continue;
        }
        const slot = fieldSlot(pc, object, pointerOf(constants + C(pc)));
        if (slot) {
          copyValue(base + A(pc), slot);
          pc += 16;
          continue;
        }
        store<u32>(frame, pc, FRAME_PC);
        status = getField(thread, pc, object, constants + C(pc), base + A(pc));
        break;
      }
      case OP_SETTABUP: {
        const object = upvalueSlot(frame, A(pc));
        const value = RKC(pc, base, constants);
        if (tagOf(object) == TAG_TABLE && fastFieldSet(pc, pointerOf(object), value)) {
          pc += 16;
          continue;
        }
        store<u32>(frame, pc, FRAME_PC);
        status = setField(thread, pc, object, constants + B(pc), value);
        break;
      }
      case OP_GETTABLE: {
        const object = base + B(pc);
        const key = base + C(pc);
        if (tagOf(object) == TAG_TABLE) {
          if (tagOf(key) == TAG_INT && fastArrayGet(base + A(pc), pointerOf(object), intOf(key))) {
            pc += 8;
            continue;
          }
          if (getOutsideArray(pointerOf(object), key, base + A(pc))) {
            pc += 8;
            continue;
          }
        }
        store<u32>(frame, pc, FRAME_PC);
        status = getValue(thread, object, key, base + A(pc), 8);
        break;
      }
      case OP_GETI: {
        const object = base + B(pc);
        if (tagOf(object) == TAG_TABLE && fastArrayGet(base + A(pc), pointerOf(object), <i64>C(pc))) {
          pc += 8;
          continue;
        }
        store<u32>(frame, pc, FRAME_PC);
        setInt(thread + THREAD_SCRATCH + SLOT_SIZE, <i64>C(pc));
        status = getValue(thread, object, thread + THREAD_SCRATCH + SLOT_SIZE, base + A(pc), 8);
        break;
      }
      case OP_GETFIELD: {
        const object = base + B(pc);
        if (tagOf(object) == TAG_TABLE && fastFieldGet(pc, base + A(pc), pointerOf(object))) {
          pc += 16;
          continue;
        }
        const slot = fieldSlot(pc, object, pointerOf(constants + C(pc)));
        if (slot) {
          copyValue(base + A(pc), slot);
          pc += 16;
          continue;
        }
        store<u32>(frame, pc, FRAME_PC);
        status = getField(thread, pc, object, constants + C(pc), base + A(pc));
        break;
      }
      case OP_SETTABLE: {
        const object = base + A(pc);
        const key = base + B(pc);
        const value = RKC(pc, base, constants);
        if (tagOf(object) == TAG_TABLE && tagOf(key) == TAG_INT && fastArraySet(pointerOf(object), intOf(key), value)) {
          pc += 8;
          continue;
        }
        store<u32>(frame, pc, FRAME_PC);
        status = setValue(thread, object, key, value, 8);
        break;
      }
      case OP_SETI: {
        const object = base + A(pc);
        const value = RKC(pc, base, constants);
        if (tagOf(object) == TAG_TABLE && fastArraySet(pointerOf(object), <i64>B(pc), value)) {
          pc += 8;
          continue;
        }
        store<u32>(frame, pc, FRAME_PC);
        setInt(thread + THREAD_SCRATCH + SLOT_SIZE, <i64>B(pc));
        status = setValue(thread, object, thread + THREAD_SCRATCH + SLOT_SIZE, value, 8);
        break;
      }
      case OP_SETFIELD: {
        const object = base + A(pc);
        const value = RKC(pc, base, constants);
        if (tagOf(object) == TAG_TABLE && fastFieldSet(pc, pointerOf(object), value)) {
          pc += 16;
          continue;
        }
        store<u32>(frame, pc, FRAME_PC);
        status = setField(thread, pc, object, constants + B(pc), value);
        break;
      }
      case OP_NEWTABLE: {
        store<u32>(frame, pc, FRAME_PC);
        setObject(base + A(pc), TAG_TABLE, newTable(C(pc), B(pc)));
        pc += 8;
        if (!load<u32>(VM_COLLECT_DUE)) continue;
        store<u32>(frame, pc, FRAME_PC);
        if (!isFloat<Mode>()) collectAt(thread, base + A(pc - 8) + SLOT_SIZE);
        break;
      }
      case OP_SELF: {
        const object = base + B(pc);
        const to = base + A(pc);
        const receiver = load<u64>(object);
        const tag = tagOf(object);
        // R[A+1] may be the object's own register or not; R[A] is written last.
        store<u64>(to, receiver, SLOT_SIZE);
        store<u32>(to, tag, SLOT_SIZE + 8);
        if (tag == TAG_TABLE && fastFieldGet(pc, to, <u32>receiver)) {
          pc += 16;
          continue;
        }
        const slot = fieldSlot(pc, object, pointerOf(constants + C(pc)));
        if (slot) {
          copyValue(to, slot);
          pc += 16;
          continue;
        }
        store<u32>(frame, pc, FRAME_PC);
        status = getField(thread, pc, base + B(pc), constants + C(pc), to);
        break;
      }

      // ---- Arithmetic
      case OP_ADD: {
        if (fastAddSubMul(EVENT_ADD, base + A(pc), base + B(pc), base + C(pc))) { pc += 8; continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = arithmetic(thread, EVENT_ADD, base + B(pc), base + C(pc), base + A(pc));
        break;
      }
      case OP_ADDK: {
        if (fastAddSubMul(EVENT_ADD, base + A(pc), base + B(pc), constants + C(pc))) { pc += 8; continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = arithmetic(thread, EVENT_ADD, base + B(pc), constants + C(pc), base + A(pc));
        break;
      }
      case OP_SUB: {
        if (fastAddSubMul(EVENT_SUB, base + A(pc), base + B(pc), base + C(pc))) { pc += 8; continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = arithmetic(thread, EVENT_SUB, base + B(pc), base + C(pc), base + A(pc));
        break;
      }
      case OP_SUBK: {
        if (fastAddSubMul(EVENT_SUB, base + A(pc), base + B(pc), constants + C(pc))) { pc += 8; continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = arithmetic(thread, EVENT_SUB, base + B(pc), constants + C(pc), base + A(pc));
        break;
      }
      case OP_MUL: {
        if (fastAddSubMul(EVENT_MUL, base + A(pc), base + B(pc), base + C(pc))) { pc += 8; continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = arithmetic(thread, EVENT_MUL, base + B(pc), base + C(pc), base + A(pc));
        break;
      }
      case OP_MULK: {
        if (fastAddSubMul(EVENT_MUL, base + A(pc), base + B(pc), constants + C(pc))) { pc += 8; continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = arithmetic(thread, EVENT_MUL, base + B(pc), constants + C(pc), base + A(pc));
        break;
      }
      case OP_DIV: {
        if (fastDivPow(EVENT_DIV, base + A(pc), base + B(pc), base + C(pc))) { pc += 8; continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = arithmetic(thread, EVENT_DIV, base + B(pc), base + C(pc), base + A(pc));
        break;
      }
      case OP_DIVK: {
        if (fastDivPow(EVENT_DIV, base + A(pc), base + B(pc), constants + C(pc))) { pc += 8; continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = arithmetic(thread, EVENT_DIV, base + B(pc), constants + C(pc), base + A(pc));
        break;
      }
      case OP_POW: {
        if (fastDivPow(EVENT_POW, base + A(pc), base + B(pc), base + C(pc))) { pc += 8; continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = arithmetic(thread, EVENT_POW, base + B(pc), base + C(pc), base + A(pc));
        break;
      }
      case OP_POWK: {
        if (fastDivPow(EVENT_POW, base + A(pc), base + B(pc), constants + C(pc))) { pc += 8; continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = arithmetic(thread, EVENT_POW, base + B(pc), constants + C(pc), base + A(pc));
        break;
      }
      case OP_MOD: {
        if (fastIdivMod(EVENT_MOD, base + A(pc), base + B(pc), base + C(pc))) { pc += 8; continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = arithmetic(thread, EVENT_MOD, base + B(pc), base + C(pc), base + A(pc));
        break;
      }
      case OP_MODK: {
        if (fastIdivMod(EVENT_MOD, base + A(pc), base + B(pc), constants + C(pc))) { pc += 8; continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = arithmetic(thread, EVENT_MOD, base + B(pc), constants + C(pc), base + A(pc));
        break;
      }
      case OP_IDIV: {
        if (fastIdivMod(EVENT_IDIV, base + A(pc), base + B(pc), base + C(pc))) { pc += 8; continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = arithmetic(thread, EVENT_IDIV, base + B(pc), base + C(pc), base + A(pc));
        break;
      }
      case OP_IDIVK: {
        if (fastIdivMod(EVENT_IDIV, base + A(pc), base + B(pc), constants + C(pc))) { pc += 8; continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = arithmetic(thread, EVENT_IDIV, base + B(pc), constants + C(pc), base + A(pc));
        break;
      }
      case OP_BAND: {
        if (fastBitwise(EVENT_BAND, base + A(pc), base + B(pc), base + C(pc))) { pc += 8; continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = arithmetic(thread, EVENT_BAND, base + B(pc), base + C(pc), base + A(pc));
        break;
      }
      case OP_BANDK: {
        if (fastBitwise(EVENT_BAND, base + A(pc), base + B(pc), constants + C(pc))) { pc += 8; continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = arithmetic(thread, EVENT_BAND, base + B(pc), constants + C(pc), base + A(pc));
        break;
      }
      case OP_BOR: {
        if (fastBitwise(EVENT_BOR, base + A(pc), base + B(pc), base + C(pc))) { pc += 8; continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = arithmetic(thread, EVENT_BOR, base + B(pc), base + C(pc), base + A(pc));
        break;
      }
      case OP_BORK: {
        if (fastBitwise(EVENT_BOR, base + A(pc), base + B(pc), constants + C(pc))) { pc += 8; continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = arithmetic(thread, EVENT_BOR, base + B(pc), constants + C(pc), base + A(pc));
        break;
      }
      case OP_BXOR: {
        if (fastBitwise(EVENT_BXOR, base + A(pc), base + B(pc), base + C(pc))) { pc += 8; continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = arithmetic(thread, EVENT_BXOR, base + B(pc), base + C(pc), base + A(pc));
        break;
      }
      case OP_BXORK: {
        if (fastBitwise(EVENT_BXOR, base + A(pc), base + B(pc), constants + C(pc))) { pc += 8; continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = arithmetic(thread, EVENT_BXOR, base + B(pc), constants + C(pc), base + A(pc));
        break;
      }
      case OP_SHL: {
        if (fastBitwise(EVENT_SHL, base + A(pc), base + B(pc), base + C(pc))) { pc += 8; continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = arithmetic(thread, EVENT_SHL, base + B(pc), base + C(pc), base + A(pc));
        break;
      }
      case OP_SHLK: {
        if (fastBitwise(EVENT_SHL, base + A(pc), base + B(pc), constants + C(pc))) { pc += 8; continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = arithmetic(thread, EVENT_SHL, base + B(pc), constants + C(pc), base + A(pc));
        break;
      }
      case OP_SHR: {
        if (fastBitwise(EVENT_SHR, base + A(pc), base + B(pc), base + C(pc))) { pc += 8; continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = arithmetic(thread, EVENT_SHR, base + B(pc), base + C(pc), base + A(pc));
        break;
      }
      case OP_SHRK: {
        if (fastBitwise(EVENT_SHR, base + A(pc), base + B(pc), constants + C(pc))) { pc += 8; continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = arithmetic(thread, EVENT_SHR, base + B(pc), constants + C(pc), base + A(pc));
        break;
      }
      case OP_UNM: {
        const operand = base + B(pc);
        const tag = tagOf(operand);
        if (tag == TAG_INT) { setInt(base + A(pc), -intOf(operand)); pc += 8; continue; }
        if (tag == TAG_FLOAT) { setFloat(base + A(pc), -floatOf(operand)); pc += 8; continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = arithmetic(thread, EVENT_UNM, operand, operand, base + A(pc));
        break;
      }
      case OP_BNOT: {
        const operand = base + B(pc);
        if (tagOf(operand) == TAG_INT) { setInt(base + A(pc), ~intOf(operand)); pc += 8; continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = arithmetic(thread, EVENT_BNOT, operand, operand, base + A(pc));
        break;
      }
      case OP_NOT: {
        setBoolean(base + A(pc), isFalsy(base + B(pc)));
        pc += 8;
        continue;
      }
      case OP_LEN: {
        const operand = base + B(pc);
        const tag = tagOf(operand);
        if (tag == TAG_TABLE && !load<u32>(pointerOf(operand), TABLE_METATABLE)) {
          const length = load<u32>(pointerOf(operand), TABLE_ARRAY_LENGTH);
          if (length) {
            setInt(base + A(pc), <i64>length);
            pc += 8;
            continue;
          }
        } else if (tag == TAG_STRING) {
          setInt(base + A(pc), <i64>load<u32>(pointerOf(operand), STRING_LENGTH));
          pc += 8;
          continue;
        }
        store<u32>(frame, pc, FRAME_PC);
        status = lengthOf(thread, operand, base + A(pc));
        break;
      }
      case OP_CONCAT: {
        store<u32>(frame, pc, FRAME_PC);
        status = concatenate(thread, base + A(pc), B(pc));
        if (!isFloat<Mode>() && load<u32>(VM_COLLECT_DUE) && load<u32>(thread, THREAD_FRAME) == frame) collectAt(thread, base + A(pc) + SLOT_SIZE);
        break;
      }

      // ---- Variables that must be closed
      case OP_CLOSE: {
        const level = base + A(pc);
        if (hasToBeClosed(thread, level)) {
          store<u32>(frame, pc, FRAME_PC);
          status = callCloser(thread, 0);
          break;
        }
        closeUpvalues(thread, level);
        pc += 8;
        continue;
      }
      case OP_TBC: {
        store<u32>(frame, pc, FRAME_PC);
        markToBeClosed(thread, base + A(pc));
        pc += 8;
        continue;
      }

      // ---- Jumps and conditions
      case OP_JMP: {
        pc += 8 + D(pc);
        continue;
      }
      case OP_LOOP: {
        const counter = load<i32>(pc, LOOP_COUNTER) - 1;
        if (!isHooked<Mode>()) store<i32>(pc, counter, LOOP_COUNTER);
        if (!isHooked<Mode>() && counter <= 0) {
          store<u32>(frame, pc, FRAME_PC);
          status = loopIsHot(pc);
          break;
        }
        // Falls into the plain form.
      }
      case OP_LOOP_PLAIN: {
        const distance = D(pc);
        pc += 16 + distance;
        if (spendJump(distance) >= 0) continue;
        store<u32>(frame, pc, FRAME_PC);
        status = RUN_BUDGET;
        break;
      }
      case OP_EQ: {
        const a = base + A(pc);
        const b = base + B(pc);
        const tag = tagOf(a);
        if (tag == tagOf(b)) {
          if (tag == TAG_INT) { pc = branch(pc, intOf(a) == intOf(b)); continue; }
          if (tag == TAG_FLOAT) { pc = branch(pc, floatOf(a) == floatOf(b)); continue; }
          if (tag < TAG_INT || intOf(a) == intOf(b)) { pc = branch(pc, true); continue; }
          if (differForCertain(tag, a, b)) { pc = branch(pc, false); continue; }
        } else if (!isMixedPair(tag, tagOf(b))) { pc = branch(pc, false); continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = compareEqual(thread, a, b);
        break;
      }
      case OP_LT: {
        const a = base + A(pc);
        const b = base + B(pc);
        const tag = tagOf(a);
        if (tag == tagOf(b)) {
          if (tag == TAG_INT) { pc = branch(pc, intOf(a) < intOf(b)); continue; }
          if (tag == TAG_FLOAT) { pc = branch(pc, floatOf(a) < floatOf(b)); continue; }
          if (areShortStrings(tag, a, b)) { pc = branch(pc, compareStrings(pointerOf(a), pointerOf(b)) < 0); continue; }
        }
        store<u32>(frame, pc, FRAME_PC);
        status = compareLess(thread, a, b);
        break;
      }
      case OP_LE: {
        const a = base + A(pc);
        const b = base + B(pc);
        const tag = tagOf(a);
        if (tag == tagOf(b)) {
          if (tag == TAG_INT) { pc = branch(pc, intOf(a) <= intOf(b)); continue; }
          if (tag == TAG_FLOAT) { pc = branch(pc, floatOf(a) <= floatOf(b)); continue; }
          if (areShortStrings(tag, a, b)) { pc = branch(pc, compareStrings(pointerOf(a), pointerOf(b)) <= 0); continue; }
        }
        store<u32>(frame, pc, FRAME_PC);
        status = compareLessEqual(thread, a, b);
        break;
      }
      case OP_EQK: {
        const a = base + A(pc);
        const b = constants + B(pc);
        const tag = tagOf(a);
        if (tag == tagOf(b)) {
          if (tag == TAG_INT) { pc = branch(pc, intOf(a) == intOf(b)); continue; }
          if (tag < TAG_INT || (tag != TAG_FLOAT && intOf(a) == intOf(b))) { pc = branch(pc, true); continue; }
          if (tag == TAG_STRING && isShortString(pointerOf(b))) { pc = branch(pc, false); continue; }
        } else if (!isMixedPair(tag, tagOf(b))) { pc = branch(pc, false); continue; }
        pc = branch(pc, rawEqual(a, b));
        if (load<i32>(VM_BUDGET) >= 0) continue;
        store<u32>(frame, pc, FRAME_PC);
        status = RUN_BUDGET;
        break;
      }
      case OP_LTK: {
        const a = base + A(pc);
        const b = constants + B(pc);
        const tag = tagOf(a);
        if (tag == tagOf(b)) {
          if (tag == TAG_INT) { pc = branch(pc, intOf(a) < intOf(b)); continue; }
          pc = branch(pc, floatOf(a) < floatOf(b));
          continue;
        }
        if (tag - TAG_INT < 2) { pc = branch(pc, lessNumbers(a, b)); continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = compareLess(thread, a, b);
        break;
      }
      case OP_LEK: {
        const a = base + A(pc);
        const b = constants + B(pc);
        const tag = tagOf(a);
        if (tag == tagOf(b)) {
          if (tag == TAG_INT) { pc = branch(pc, intOf(a) <= intOf(b)); continue; }
          pc = branch(pc, floatOf(a) <= floatOf(b));
          continue;
        }
        if (tag - TAG_INT < 2) { pc = branch(pc, lessEqualNumbers(a, b)); continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = compareLessEqual(thread, a, b);
        break;
      }
      case OP_GTK: {
        const a = base + A(pc);
        const b = constants + B(pc);
        const tag = tagOf(a);
        if (tag == tagOf(b)) {
          if (tag == TAG_INT) { pc = branch(pc, intOf(a) > intOf(b)); continue; }
          pc = branch(pc, floatOf(a) > floatOf(b));
          continue;
        }
        if (tag - TAG_INT < 2) { pc = branch(pc, lessNumbers(b, a)); continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = compareLess(thread, b, a);
        break;
      }
      case OP_GEK: {
        const a = base + A(pc);
        const b = constants + B(pc);
        const tag = tagOf(a);
        if (tag == tagOf(b)) {
          if (tag == TAG_INT) { pc = branch(pc, intOf(a) >= intOf(b)); continue; }
          pc = branch(pc, floatOf(a) >= floatOf(b));
          continue;
        }
        if (tag - TAG_INT < 2) { pc = branch(pc, lessEqualNumbers(b, a)); continue; }
        store<u32>(frame, pc, FRAME_PC);
        status = compareLessEqual(thread, b, a);
        break;
      }
      case OP_TEST: {
        pc += 8 + (u32(!isFalsy(base + A(pc))) == <u32>load<u8>(pc, 1) ? D(pc) : 0);
        continue;
      }
      case OP_TESTSET: {
        const value = base + B(pc);
        if (u32(!isFalsy(value)) == <u32>load<u8>(pc, 1)) {
          copyValue(base + A(pc), value);
          pc += 8 + (<i32>load<i16>(pc, 6) << 3);
        } else pc += 8;
        continue;
      }

      // ---- Calls and returns
      case OP_CALL: {
        const func = base + A(pc);
        const operands = B(pc);
        const top = operands ? func + (operands << 4) : load<u32>(thread, THREAD_TOP);
        store<u32>(frame, pc, FRAME_PC);
        const tag = tagOf(func);
        if (tag == TAG_CLOSURE && !isHooked<Mode>()) {
          const closure = pointerOf(func);
          const proto = load<u32>(closure, CLOSURE_PROTO);
          const newBase = func + SLOT_SIZE;
          const newTop = newBase + load<u32>(proto, PROTO_FRAME_SIZE);
          if (newTop > load<u32>(thread, THREAD_STACK_END) || frame + 2 * FRAME_SIZE > load<u32>(thread, THREAD_FRAMES_END)) {
            pushLuaFrame(thread, func, (top - newBase) >> 4, <i32>C(pc) - 1, 0);
            status = RUN_STEPPED;
            break;
          }
          const results = <i32>C(pc) - 1;
          const parametersEnd = newBase + (load<u32>(proto, PROTO_PARAMETER_COUNT) << 4);
          for (let slot = top; slot < parametersEnd; slot += SLOT_SIZE) setNil(slot);
          if (CHECKED && !load<u32>(proto, PROTO_IS_VARARG)) poisonSlots(parametersEnd, newTop);
          frame += FRAME_SIZE;
          store<u32>(thread, frame, THREAD_FRAME);
          pc = load<u32>(proto, PROTO_CODE);
          constants = load<u32>(proto, PROTO_CONSTANTS);
          store<u32>(frame, newBase, FRAME_BASE);
          store<u32>(frame, constants, FRAME_CONSTANTS);
          store<u32>(frame, closure, FRAME_CLOSURE);
          store<i32>(frame, results, FRAME_RESULTS);
          store<u32>(frame, 0, FRAME_KIND);
          store<u32>(frame, (top - newBase) >> 4, FRAME_VARARGS);
          store<u32>(frame, newTop, FRAME_TOP);
          base = newBase;
          if (spendCall(load<u32>(proto, PROTO_CODE_SIZE)) >= 0) {
            const trace = load<u32>(proto, PROTO_TRACE);
            if (!trace || isFloat<Mode>()) continue;
            store<u32>(frame, pc, FRAME_PC);
            status = enterFunction(thread, trace);
            break;
          }
          store<u32>(frame, pc, FRAME_PC);
          status = RUN_BUDGET;
          break;
        }
        if (tag == TAG_BUILTIN && !isHooked<Mode>()) {
          const wanted = <i32>C(pc) - 1;
          store<i32>(thread, wanted, THREAD_PENDING_RESULTS);
          store<u32>(thread, 0, THREAD_PENDING_KIND);
          store<u32>(thread, func, THREAD_BUILTIN);
          store<u32>(thread, top, THREAD_TOP);
          if (CHECKED) poisonBehindArguments(thread);
          const produced = call_indirect<i32>(load<u32>(pointerOf(func), BUILTIN_FUNCTION), thread, func + SLOT_SIZE, <i32>((top - func) >> 4) - 1);
          store<u32>(thread, 0, THREAD_BUILTIN);
          if (produced >= 0) {
            frame = load<u32>(thread, THREAD_FRAME);
            base = load<u32>(frame, FRAME_BASE);
            if (produced != wanted) placeResults(thread, base + A(pc), base + A(pc), produced, wanted);
            pc += 8;
            if (!load<u32>(VM_COLLECT_DUE) && load<i32>(VM_BUDGET) >= 0) continue;
            store<u32>(frame, pc, FRAME_PC);
            if (!isFloat<Mode>() && load<u32>(VM_COLLECT_DUE)) collectAt(thread, wanted < 0 ? load<u32>(thread, THREAD_TOP) : base + A(pc - 8) + (wanted << 4));
            break;
          }
          status = builtinStatus(thread, produced);
          break;
        }
        status = callValue(thread, func, ((top - func) >> 4) - 1, <i32>C(pc) - 1, 0);
        break;
      }
      case OP_TAILCALL: {
        const func = base + A(pc);
        const operands = B(pc);
        store<u32>(frame, pc, FRAME_PC);
        if (load<u8>(pc, 1)) {
          if (hasToBeClosed(thread, base)) {
            status = callCloser(thread, operands ? 0 : ((load<u32>(thread, THREAD_TOP) - func) >> 4) + 1);
            break;
          }
          closeUpvalues(thread, base);
        }
        const top = operands ? func + (operands << 4) : load<u32>(thread, THREAD_TOP);
        status = finishTailCall(thread, pc, func, ((top - func) >> 4) - 1);
        break;
      }
      case OP_RETURN: {
        let first = base + A(pc);
        const operands = B(pc);
        if (load<u8>(pc, 1)) {
          store<u32>(frame, pc, FRAME_PC);
          if (hasToBeClosed(thread, base)) {
            // Values in the frame's registers stay where they are; an open list is protected by its count.
            status = callCloser(thread, operands ? 0 : ((load<u32>(thread, THREAD_TOP) - first) >> 4) + 1);
            break;
          }
          closeUpvalues(thread, base);
        }
        const count = operands ? operands - 1 : (load<u32>(thread, THREAD_TOP) - first) >> 4;
        const parameters = C(pc);
        if (isHooked<Mode>()) {
          hookReturn(thread, first, count);
          frame = load<u32>(thread, THREAD_FRAME);
          base = load<u32>(frame, FRAME_BASE);
          first = base + A(pc);
        }
        // Variable arguments lie between the frame and its function.
        const own = parameters ? base - ((load<u32>(frame, FRAME_VARARGS) + parameters) << 4) : base;
        if (!isHooked<Mode>() && load<u32>(frame, FRAME_KIND) == 0) {
          placeResults(thread, own - SLOT_SIZE, first, count, load<i32>(frame, FRAME_RESULTS));
          frame -= FRAME_SIZE;
          store<u32>(thread, frame, THREAD_FRAME);
          base = load<u32>(frame, FRAME_BASE);
          pc = load<u32>(frame, FRAME_PC) + 8;
          constants = load<u32>(frame, FRAME_CONSTANTS);
          continue;
        }
        if (parameters) store<u32>(frame, own, FRAME_BASE);
        status = returnFrom(thread, first, count);
        break;
      }
      case OP_RETURN0: {
        if (!isHooked<Mode>() && load<u32>(frame, FRAME_KIND) == 0) {
          const wanted = load<i32>(frame, FRAME_RESULTS);
          const to = base - SLOT_SIZE;
          if (wanted < 0) store<u32>(thread, to, THREAD_TOP);
          else for (let i = 0; i < wanted; i++) setNil(to + (i << 4));
          frame -= FRAME_SIZE;
          store<u32>(thread, frame, THREAD_FRAME);
          base = load<u32>(frame, FRAME_BASE);
          pc = load<u32>(frame, FRAME_PC) + 8;
          constants = load<u32>(frame, FRAME_CONSTANTS);
          continue;
        }
        store<u32>(frame, pc, FRAME_PC);
        if (isHooked<Mode>()) {
          hookReturn(thread, base, 0);
          base = load<u32>(load<u32>(thread, THREAD_FRAME), FRAME_BASE);
        }
        status = returnFrom(thread, base, 0);
        break;
      }
      case OP_RETURN1: {
        if (!isHooked<Mode>() && load<u32>(frame, FRAME_KIND) == 0) {
          const wanted = load<i32>(frame, FRAME_RESULTS);
          const to = base - SLOT_SIZE;
          if (wanted == 1) copyValue(to, base + A(pc));
          else placeResults(thread, to, base + A(pc), 1, wanted);
          frame -= FRAME_SIZE;
          store<u32>(thread, frame, THREAD_FRAME);
          base = load<u32>(frame, FRAME_BASE);
          pc = load<u32>(frame, FRAME_PC) + 8;
          constants = load<u32>(frame, FRAME_CONSTANTS);
          continue;
        }
        store<u32>(frame, pc, FRAME_PC);
        if (isHooked<Mode>()) {
          hookReturn(thread, base + A(pc), 1);
          base = load<u32>(load<u32>(thread, THREAD_FRAME), FRAME_BASE);
        }
        status = returnFrom(thread, base + A(pc), 1);
        break;
      }

      // ---- Loops
      case OP_FORPREP: {
        const slots = base + A(pc);
        if (tagOf(slots) == TAG_INT && tagOf(slots + SLOT_SIZE) == TAG_INT && tagOf(slots + 2 * SLOT_SIZE) == TAG_INT && intOf(slots + 2 * SLOT_SIZE) == 1) {
          const from = intOf(slots);
          const to = intOf(slots + SLOT_SIZE);
          if (from > to) {
            pc += 8 + D(pc);
            continue;
          }
          store<i64>(slots, to - from, SLOT_SIZE);
          setInt(slots + 3 * SLOT_SIZE, from);
          pc += 8;
          continue;
        }
        store<u32>(frame, pc, FRAME_PC);
        pc += 8 + (forPrepare(base + A(pc)) ? 0 : D(pc));
        continue;
      }
      case OP_FORLOOP: {
        const counter = load<i32>(pc, LOOP_COUNTER) - 1;
        if (!isHooked<Mode>()) store<i32>(pc, counter, LOOP_COUNTER);
        if (!isHooked<Mode>() && counter <= 0) {
          store<u32>(frame, pc, FRAME_PC);
          status = loopIsHot(pc);
          break;
        }
        // Falls into the plain form.
      }
      case OP_FORLOOP_PLAIN: {
        if (!advanceFor(base + A(pc))) {
          pc += 16;
          continue;
        }
        const distance = D(pc);
        pc += 16 + distance;
        if (spendJump(distance) >= 0) continue;
        store<u32>(frame, pc, FRAME_PC);
        status = RUN_BUDGET;
        break;
      }
      case OP_TFORPREP: {
        store<u32>(frame, pc, FRAME_PC);
        markToBeClosed(thread, base + A(pc) + 3 * SLOT_SIZE);
        pc += 8 + D(pc);
        continue;
      }
      case OP_TFORCALL: {
        const slots = base + A(pc);
        const call = slots + 4 * SLOT_SIZE;
        if (!isHooked<Mode>() && tagOf(slots) == TAG_BUILTIN && tagOf(slots + SLOT_SIZE) == TAG_TABLE) {
          const id = load<u32>(pointerOf(slots), BUILTIN_ID);
          const table = pointerOf(slots + SLOT_SIZE);
          const control = slots + 2 * SLOT_SIZE;
          if (id == BUILTIN_ID_baseIpairsStep && tagOf(control) == TAG_INT) {
            const index = intOf(control) + 1;
            if (fastArrayGet(call + SLOT_SIZE, table, index)) {
              setInt(call, index);
              for (let i: u32 = 2; i < B(pc); i++) setNil(call + (i << 4));
              pc += 8;
              continue;
            }
          } else if (id == BUILTIN_ID_baseNext) {
            store<u32>(frame, pc, FRAME_PC);
            // For the traceback of "invalid key".
            copyValue(call, slots);
            if (!tableNext(table, control, call)) {
              setNil(call);
              setNil(call + SLOT_SIZE);
            }
            for (let i: u32 = 2; i < B(pc); i++) setNil(call + (i << 4));
            pc += 8;
            continue;
          }
        }
        copyValue(call, slots);
        copyValue(call + SLOT_SIZE, slots + SLOT_SIZE);
        copyValue(call + 2 * SLOT_SIZE, slots + 2 * SLOT_SIZE);
        store<u32>(frame, pc, FRAME_PC);
        if (!isHooked<Mode>() && tagOf(call) == TAG_BUILTIN) {
          const wanted = <i32>B(pc);
          store<i32>(thread, wanted, THREAD_PENDING_RESULTS);
          store<u32>(thread, 0, THREAD_PENDING_KIND);
          store<u32>(thread, call, THREAD_BUILTIN);
          store<u32>(thread, call + 3 * SLOT_SIZE, THREAD_TOP);
          const produced = call_indirect<i32>(load<u32>(pointerOf(call), BUILTIN_FUNCTION), thread, call + SLOT_SIZE, 2);
          store<u32>(thread, 0, THREAD_BUILTIN);
          if (produced >= 0) {
            frame = load<u32>(thread, THREAD_FRAME);
            base = load<u32>(frame, FRAME_BASE);
            const to = base + A(pc) + 4 * SLOT_SIZE;
            if (produced != wanted) placeResults(thread, to, to, produced, wanted);
            pc += 8;
            if (!load<u32>(VM_COLLECT_DUE)) continue;
            store<u32>(frame, pc, FRAME_PC);
            if (!isFloat<Mode>()) collectAt(thread, to + (wanted << 4));
            break;
          }
          status = builtinStatus(thread, produced);
          break;
        }
        status = callValue(thread, call, 2, <i32>B(pc), 0);
        break;
      }
      case OP_TFORLOOP: {
        const counter = load<i32>(pc, LOOP_COUNTER) - 1;
        if (!isHooked<Mode>()) store<i32>(pc, counter, LOOP_COUNTER);
        if (!isHooked<Mode>() && counter <= 0) {
          store<u32>(frame, pc, FRAME_PC);
          status = loopIsHot(pc);
          break;
        }
        // Falls into the plain form.
      }
      case OP_TFORLOOP_PLAIN: {
        if (!advanceGenericFor(base + A(pc))) {
          pc += 16;
          continue;
        }
        const distance = D(pc);
        pc += 16 + distance;
        if (spendJump(distance) >= 0) continue;
        store<u32>(frame, pc, FRAME_PC);
        status = RUN_BUDGET;
        break;
      }
      case OP_LOOP_JIT:
      case OP_FORLOOP_JIT:
      case OP_TFORLOOP_JIT: {
        store<u32>(frame, pc, FRAME_PC);
        if (isFloat<Mode>() || isHooked<Mode>()) {
          runLoopPlain(frame, pc);
          status = RUN_STEPPED;
        } else {
          // Traces linked through the core must come back to the host now and then, as loops in the interpreter do.
          status = enterTrace(thread);
          spend();
        }
        break;
      }

      // ---- Constructors, closures, variable arguments
      case OP_SETLIST: {
        const values = base + A(pc) + SLOT_SIZE;
        const operands = B(pc);
        const count = operands ? operands - 1 : (load<u32>(thread, THREAD_TOP) - values) >> 4;
        store<u32>(frame, pc, FRAME_PC);
        // Compiled code has a table there; code from a binary chunk may be forged.
        if (tagOf(base + A(pc)) != TAG_TABLE) throwText('bad binary format (SETLIST without a table)');
        tableAppendValues(pointerOf(base + A(pc)), load<u32>(pc, SETLIST_LAST), values, count);
        store<u32>(frame, pc + 16, FRAME_PC);
        break;
      }
      case OP_CLOSURE: {
        store<u32>(frame, pc, FRAME_PC);
        const closure = load<u32>(frame, FRAME_CLOSURE);
        const proto = load<u32>(load<u32>(load<u32>(closure, CLOSURE_PROTO), PROTO_PROTOS) + (<u32>D(pc) << 2));
        setObject(base + A(pc), TAG_CLOSURE, instantiate(thread, proto, closure, base));
        pc += 8;
        if (!load<u32>(VM_COLLECT_DUE)) continue;
        store<u32>(frame, pc, FRAME_PC);
        if (!isFloat<Mode>()) collectAt(thread, base + A(pc - 8) + SLOT_SIZE);
        break;
      }
      case OP_VARARG: {
        store<u32>(frame, pc, FRAME_PC);
        pushVarargs(thread, frame, A(pc), <i32>C(pc) - 1);
        base = load<u32>(frame, FRAME_BASE);
        pc += 8;
        continue;
      }
      case OP_VARARGPREP: {
        store<u32>(frame, pc, FRAME_PC);
        prepareVarargs(thread, frame, A(pc));
        base = load<u32>(frame, FRAME_BASE);
        pc += 8;
        continue;
      }
      default: {
        unreachable();
      }
    }
    // Here after everything that is not a fast path: the frame in memory is the truth.
    if (status != RUN_STEPPED) return status;
    // Another thread may be running: finalisers are called above its frames.
    thread = load<u32>(VM_THREAD);
    if (load<u32>(VM_COLLECT_DUE)) {
      if (isFloat<Mode>()) collectWhileStepping();
      else collectAt(thread, 0);
    }
    if (!isFloat<Mode>() && load<i32>(VM_BUDGET) < 0) return RUN_BUDGET;
    if (!isFloat<Mode>() && (hookMask(thread) != 0) != isHooked<Mode>()) return RUN_STEPPED;
    frame = load<u32>(thread, THREAD_FRAME);
    base = load<u32>(frame, FRAME_BASE);
    pc = load<u32>(frame, FRAME_PC);
    constants = load<u32>(frame, FRAME_CONSTANTS);
  }
}

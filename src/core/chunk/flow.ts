/**
 * What the code makes of its registers, on every way through it: a data flow analysis over the instructions, which verify.ts has found well formed.
 *
 * A state has five sets of registers:
 *   ASSIGNED   hold a value of this call on every way here. Calls lie over the caller's registers from their function on, so that what is above their
 *              results holds no value of the caller's afterwards
 *   TABLES     hold a table that NEWTABLE made
 *   LOOPS      are the first of three in which FORPREP has prepared a loop (numbers that FORLOOP relies on)
 *   CAPTURED   may be captured by a closure
 *   MARKED     may be marked to be closed: their slots hold the list itself
 *
 * Instructions behind which the collector works with what is known to be in use (NEWTABLE, CLOSURE, CONCAT; a builtin's CALL) clear the registers above
 * their result: the compiler has nothing there, so nobody else may.
 * The first three are what is certain, so ways that meet have what all of them have; the others what one of them has.
 *
 * What is demanded of each instruction: it reads registers that are assigned; FORLOOP and SETLIST find what they rely on; a call overwrites neither
 * captured registers (closures would see the callee's values) nor marked ones; marks are set in ascending order; a return leaves nothing open.
 *
 * One walk in the order of the code: states are kept at targets of jumps, and a jump backwards that changes the state of its target goes on from
 * there. States only shrink (grow, for what may be), so this ends. Why not a list of blocks: nothing has to be built, and a loop that changes nothing, which
 * is nearly all of them, costs nothing.
 */
import {
  PROTO_PARAMETER_COUNT, PROTO_UPVALUES, PROTO_UPVALUE_COUNT, UPVALUE_DESC_FROM_STACK, UPVALUE_DESC_INDEX, UPVALUE_DESC_SIZE,
} from '../../bytecode/layout';
import { work } from '../base/budget';
import {
  MODE_R, MODE_RK, MODE_RW, MODE_W, OP_CALL, OP_CLOSE, OP_CLOSURE, OP_CONCAT, OP_FORLOOP, OP_FORPREP, OP_JMP, OP_LFALSESKIP, OP_LOADNIL, OP_LOOP,
  OP_NEWTABLE, OP_RETURN, OP_RETURN0, OP_RETURN1, OP_SELF, OP_SETLIST, OP_TAILCALL, OP_TBC, OP_TESTSET, OP_TFORCALL, OP_TFORLOOP, OP_TFORPREP,
  OP_VARARG, operandModes,
} from '../generated/opcodes';
import {
  bAt, cAt, code, codeEnd, dAt, fail, isTarget, kAt, nestedAt, nextOf, opAt, placeOf, proto, registerA, targetOf,
} from './code';
import {
  addRange, addRegister, hasRange, hasRegister, intersect, isEmpty, meetsFrom, meetsRange, removeFrom, removeRange, SET_SIZE, unite,
} from './register-set';

const ASSIGNED: u32 = 0;
const TABLES: u32 = SET_SIZE;
const LOOPS: u32 = 2 * SET_SIZE;
const CAPTURED: u32 = 3 * SET_SIZE;
const MARKED: u32 = 4 * SET_SIZE;
const SETS_SIZE: u32 = 5 * SET_SIZE;
/** Non-zero: the place has been reached. */
const KNOWN: u32 = 5 * SET_SIZE;
export const STATE_SIZE: u32 = 6 * SET_SIZE;

/** Instructions between two looks at the budget, and the work of one. */
const BATCH: u32 = 64;
const STEPS: u32 = 32;

// ---- Changes of a state

/** [first, end) are read. */
function use(state: u32, first: u32, end: u32): bool {
  return hasRange(state + ASSIGNED, first, end) || fail('unassigned register');
}

/** Nothing is known of [first, end) any more but whether they are assigned. */
function forgetTypes(state: u32, first: u32, end: u32): void {
  removeRange(state + TABLES, first, end);
  removeRange(state + LOOPS, first > 2 ? first - 2 : 0, end);
}

/** [first, end) are written. */
function assign(state: u32, first: u32, end: u32): bool {
  if (meetsRange(state + MARKED, first, end)) return fail('to-be-closed variable overwritten');
  addRange(state + ASSIGNED, first, end);
  forgetTypes(state, first, end);
  return true;
}

/** [first, end) are not used any more. */
function drop(state: u32, first: u32, end: u32): bool {
  if (meetsRange(state + MARKED, first, end)) return fail('to-be-closed variable overwritten');
  removeRange(state + ASSIGNED, first, end);
  forgetTypes(state, first, end);
  return true;
}

/** A call, or an open list, lies over the registers from `first` on, or the collector clears them. */
function overlay(state: u32, first: u32): bool {
  if (meetsFrom(state + MARKED, first)) return fail('to-be-closed variable overwritten');
  if (meetsFrom(state + CAPTURED, first)) return fail('captured variable overwritten');
  removeFrom(state + ASSIGNED, first);
  removeFrom(state + TABLES, first);
  removeFrom(state + LOOPS, first > 2 ? first - 2 : 0);
  return true;
}

function mark(state: u32, register: u32): bool {
  if (meetsFrom(state + MARKED, register)) return fail('to-be-closed variables out of order');
  addRegister(state + MARKED, register);
  return true;
}

/** CLOSURE: what the nested function captures, and the register it comes to. */
function capture(state: u32, pc: u32): bool {
  const nested = nestedAt(dAt(pc));
  const to = registerA(pc);
  let description = load<u32>(nested, PROTO_UPVALUES);
  for (let left = load<u32>(nested, PROTO_UPVALUE_COUNT); left; left--, description += UPVALUE_DESC_SIZE) {
    if (!load<u8>(description, UPVALUE_DESC_FROM_STACK)) continue;
    const register = <u32>load<u8>(description, UPVALUE_DESC_INDEX);
    // A function may refer to itself.
    if (register != to && !use(state, register, register + 1)) return false;
    addRegister(state + CAPTURED, register);
    forgetTypes(state, register, register + 1);
  }
  return assign(state, to, to + 1) && overlay(state, to + 1);
}

/** The function returns. @param closes what is open is closed before */
function leave(state: u32, closes: bool): bool {
  if (!closes && !(isEmpty(state + CAPTURED) && isEmpty(state + MARKED))) return fail('return without closing');
  removeFrom(state + CAPTURED, 0);
  removeFrom(state + MARKED, 0);
  return true;
}

/** Registers from `first` on are read: `count`, or with -1 those in front of the open list of the instruction before. */
function useList(state: u32, pc: u32, first: u32, count: i32): bool {
  // The producer of an open list has one word.
  return use(state, first, count < 0 ? registerA(pc - 8) : first + count);
}

/** What instructions do whose operands' modes say it all. */
function applyModes(state: u32, pc: u32): bool {
  const modes = operandModes(opAt(pc));
  const a = modes & 15;
  const b = (modes >>> 4) & 15;
  const c = (modes >>> 8) & 15;
  const first = registerA(pc);
  if ((a == MODE_R || a == MODE_RW) && !use(state, first, first + 1)) return false;
  if (b == MODE_R && !use(state, bAt(pc) >> 4, (bAt(pc) >> 4) + 1)) return false;
  if ((c == MODE_R || (c == MODE_RK && !kAt(pc))) && !use(state, cAt(pc) >> 4, (cAt(pc) >> 4) + 1)) return false;
  return (a != MODE_W && a != MODE_RW) || assign(state, first, first + 1);
}

/** What the instruction demands of the state, and makes of it on the way to the next. */
function apply(state: u32, pc: u32): bool {
  const a = registerA(pc);
  const b = bAt(pc);
  const c = cAt(pc);
  switch (opAt(pc)) {
    case OP_LOADNIL: return assign(state, a, a + b + 1);
    case OP_SELF: return use(state, b >> 4, (b >> 4) + 1) && assign(state, a, a + 2);
    case OP_NEWTABLE: {
      if (!assign(state, a, a + 1) || !overlay(state, a + 1)) return false;
      if (!hasRegister(state + CAPTURED, a)) addRegister(state + TABLES, a);
      return true;
    }
    case OP_CONCAT: return use(state, a, a + b) && assign(state, a, a + 1) && overlay(state, a + 1);
    case OP_CLOSE: {
      removeFrom(state + CAPTURED, a);
      removeFrom(state + MARKED, a);
      return true;
    }
    case OP_TBC: return use(state, a, a + 1) && mark(state, a);
    case OP_CALL: return useList(state, pc, a, <i32>b || -1) && overlay(state, a) && (c == 0 || assign(state, a, a + c - 1));
    case OP_TAILCALL: return useList(state, pc, a, <i32>b || -1) && leave(state, kAt(pc) != 0) && overlay(state, a);
    case OP_RETURN: return useList(state, pc, a, <i32>b - 1) && leave(state, kAt(pc) != 0);
    case OP_RETURN0: return leave(state, false);
    case OP_RETURN1: return use(state, a, a + 1) && leave(state, false);
    case OP_TESTSET: return use(state, b >> 4, (b >> 4) + 1);
    case OP_FORPREP:
      if (meetsRange(state + CAPTURED, a, a + 3)) return fail('captured loop');
      return use(state, a, a + 3);
    case OP_FORLOOP: return hasRegister(state + LOOPS, a) || fail('loop without preparation');
    case OP_TFORPREP: return use(state, a, a + 4) && mark(state, a + 3);
    case OP_TFORCALL: return use(state, a, a + 3) && overlay(state, a + 4) && assign(state, a + 4, a + 4 + b);
    case OP_TFORLOOP: return use(state, a + 4, a + 5);
    case OP_SETLIST:
      if (!hasRegister(state + TABLES, a)) return fail('list without table');
      return useList(state, pc, a + 1, <i32>b - 1);
    case OP_CLOSURE: return capture(state, pc);
    case OP_VARARG: return c == 0 ? overlay(state, a) : assign(state, a, a + c - 1);
    default: return applyModes(state, pc);
  }
}

/** What an instruction with two ways makes of the states on each, `taken` where it jumps. */
function branch(state: u32, taken: u32, pc: u32): bool {
  const a = registerA(pc);
  switch (opAt(pc)) {
    case OP_TESTSET: return assign(taken, a, a + 1);
    case OP_FORPREP: {
      if (!drop(taken, a, a + 4) || !assign(state, a, a + 4)) return false;
      addRegister(state + LOOPS, a);
      return true;
    }
    case OP_FORLOOP: return assign(taken, a + 3, a + 4) && drop(state, a, a + 4);
    case OP_TFORLOOP: return assign(taken, a + 2, a + 3);
    default: return true;
  }
}

function goesOn(op: u32): bool {
  switch (op) {
    case OP_JMP:
    case OP_LOOP:
    case OP_LFALSESKIP:
    case OP_TFORPREP:
    case OP_RETURN:
    case OP_RETURN0:
    case OP_RETURN1:
      return false;
    default:
      return true;
  }
}

function copyState(to: u32, from: u32): void { memory.copy(to, from, SETS_SIZE); }

/** A way that comes to a place with the sets of `from`. @returns whether the place's state changed */
function meet(place: u32, from: u32): bool {
  if (!load<u32>(place, KNOWN)) {
    copyState(place, from);
    store<u32>(place, 1, KNOWN);
    return true;
  }
  let changed = intersect(place + ASSIGNED, from + ASSIGNED);
  if (intersect(place + TABLES, from + TABLES)) changed = true;
  if (intersect(place + LOOPS, from + LOOPS)) changed = true;
  if (unite(place + CAPTURED, from + CAPTURED)) changed = true;
  if (unite(place + MARKED, from + MARKED)) changed = true;
  return changed;
}

/** Bytes that `walk` needs, besides the states at targets. */
export const WALK_SIZE: u32 = 3 * STATE_SIZE;

/**
 * Follows all ways through the code. @param scratch WALK_SIZE bytes, zeroed  @param asked an instruction, or 0
 * @returns whether all demands are met; the registers assigned at `asked` are then the set at `scratch`
 */
export function walk(scratch: u32, asked: u32): bool {
  addRange(scratch + STATE_SIZE + ASSIGNED, 0, load<u32>(proto, PROTO_PARAMETER_COUNT));
  return follow(scratch, code, asked);
}

/** Is a register, in a state that `walk` has found, one of those that FORPREP has prepared for its FORLOOP? */
export function isOfLoop(state: u32, register: u32): bool {
  return meetsRange(state + LOOPS, register > 2 ? register - 2 : 0, register + 1);
}

/**
 * Does valid code read the register on a way that begins at `pc`, before it writes it? That is a way on which only this register's value is missed.
 * @param scratch as for `walk`
 */
export function reads(scratch: u32, pc: u32, register: u32): bool {
  const state = scratch + STATE_SIZE;
  memory.fill(state, 0xff, 3 * SET_SIZE);
  drop(state, register, register + 1);
  return !follow(scratch, pc, 0);
}

/** @param start where to begin, with the state behind the one at `scratch` */
function follow(scratch: u32, start: u32, asked: u32): bool {
  const state = scratch + STATE_SIZE;
  const taken = state + STATE_SIZE;
  let reached: bool = true;
  let count: u32 = 0;
  for (let pc = start; pc < codeEnd; ) {
    if (++count % BATCH == 0) work(BATCH * STEPS);
    const next = nextOf(pc);
    if (isTarget(pc)) {
      const place = placeOf(pc);
      if (reached) meet(place, state);
      reached = load<u32>(place, KNOWN) != 0;
      copyState(state, place);
    }
    if (!reached) {
      pc = next;
      continue;
    }
    if (pc == asked) copyState(scratch, state);
    if (!apply(state, pc)) return false;
    const target = targetOf(pc);
    if (target) {
      copyState(taken, state);
      if (!branch(state, taken, pc)) return false;
      if (meet(placeOf(target), taken) && target <= pc) {
        // `reached` stays as it is: the place has the state that counts.
        copyState(state, taken);
        pc = target;
        continue;
      }
    }
    reached = goesOn(opAt(pc));
    pc = next;
  }
  return true;
}

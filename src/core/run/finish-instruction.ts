/**
 * Completing an instruction whose metamethod returned: the counterpart of every callMetamethod in access.ts, operations.ts and close.ts.
 */
import {
  COMPARISON_NEGATED, FRAME_BASE, FRAME_PC, RUN_STEPPED, SLOT_SIZE, THREAD_FRAME, THREAD_TOP,
} from '../../bytecode/layout';
import {
  OP_CLOSE, OP_CONCAT, OP_EQ, OP_GEK, OP_GETFIELD, OP_GETTABUP, OP_RETURN, OP_SELF, OP_SETFIELD, OP_SETI, OP_SETTABLE, OP_SETTABUP, OP_TAILCALL,
} from '../generated/opcodes';
import { concatenate } from './concat';
import { noteResumed } from './hook';
import { copyValue, isFalsy, setNil } from '../base/value';

/** Conditional jump in C, to be taken if `condition` equals k. */
export function jumpIf(frame: u32, pc: u32, condition: bool): void {
  const taken = <u32>condition == <u32>load<u8>(pc, 1);
  store<u32>(frame, pc + 8 + (taken ? <i32>load<i16>(pc, 6) * 8 : 0), FRAME_PC);
}

/** @param first, count the metamethod's results  @param state what callMetamethod was given  @returns RUN_* */
export function finishInstruction(thread: u32, first: u32, count: u32, state: i32): i32 {
  const frame = load<u32>(thread, THREAD_FRAME);
  const pc = load<u32>(frame, FRAME_PC);
  const base = load<u32>(frame, FRAME_BASE);
  const op = <u32>load<u8>(pc);
  if (op == OP_CLOSE || op == OP_RETURN || op == OP_TAILCALL) {
    // A closer returned: the instruction runs again and goes on with the next one. `state` holds an open RETURN's count + 1.
    noteResumed(thread);
    if (state) store<u32>(thread, base + load<u16>(pc, 2) + (state - 1) * SLOT_SIZE, THREAD_TOP);
    return RUN_STEPPED;
  }
  if (count == 0) setNil(first);
  if (op >= OP_EQ && op <= OP_GEK) {
    jumpIf(frame, pc, isFalsy(first) == (state == COMPARISON_NEGATED));
    return RUN_STEPPED;
  }
  if (op == OP_CONCAT) {
    // `state` operands were left, the metamethod's result replaces the last two.
    copyValue(base + load<u16>(pc, 2) + (state - 2) * SLOT_SIZE, first);
    return concatenate(thread, base + load<u16>(pc, 2), state - 1);
  }
  const isStore = op == OP_SETTABUP || op == OP_SETTABLE || op == OP_SETI || op == OP_SETFIELD;
  if (!isStore) copyValue(base + load<u16>(pc, 2), first);
  const hasCache = op == OP_GETTABUP || op == OP_SETTABUP || op == OP_GETFIELD || op == OP_SETFIELD || op == OP_SELF;
  store<u32>(frame, pc + (hasCache ? 16 : 8), FRAME_PC);
  return RUN_STEPPED;
}

/**
 * To-be-closed variables (manual, section 3.3.8). THREAD_TBC is the topmost such slot; each keeps its distance in slots to the one below in SLOT_LINK
 * (0 = last), which copying values leaves alone.
 * Closers are called one at a time as metamethods of the instruction that closes (CLOSE, RETURN, TAILCALL): it runs again after each.
 */
import { FRAME_TOP, SLOT_LINK, SLOT_SIZE, TAG_FALSE, TAG_NIL, THREAD_FRAME, THREAD_SCRATCH, THREAD_TBC, THREAD_TOP } from '../../bytecode/layout';
import { callMetamethodAt, growForCall } from './call';
import { OPERAND_ERROR_CLOSE, throwOperandError } from '../base/raise';
import { closeUpvalues } from '../objects/function';
import { EVENT_CLOSE } from '../generated/metamethods';
import { metamethodOfValue } from '../objects/metamethod';
import { setNil, tagOf } from '../base/value';

/** Marks a slot to be closed; nil and false are not. @throws if the value has no `__close` */
export function markToBeClosed(thread: u32, slot: u32): void {
  const tag = tagOf(slot);
  if (tag == TAG_NIL || tag == TAG_FALSE) return;
  if (!metamethodOfValue(slot, EVENT_CLOSE)) throwOperandError(OPERAND_ERROR_CLOSE, slot, 0);
  const below = load<u32>(thread, THREAD_TBC);
  store<u32>(slot, below ? (slot - below) / SLOT_SIZE : 0, SLOT_LINK);
  store<u32>(thread, slot, THREAD_TBC);
}

/** Takes the topmost to-be-closed slot off the list. */
export function popToBeClosed(thread: u32): u32 {
  const slot = load<u32>(thread, THREAD_TBC);
  const distance = load<u32>(slot, SLOT_LINK);
  store<u32>(thread, distance ? slot - distance * SLOT_SIZE : 0, THREAD_TBC);
  return slot;
}

// @ts-ignore: decorator
@inline export function hasToBeClosed(thread: u32, level: u32): bool {
  return load<u32>(thread, THREAD_TBC) >= level;
}

/**
 * Calls the closer of the topmost variable for the current instruction.
 * @param open results of an open RETURN that lie up to THREAD_TOP, plus 1; 0 if there are none  @returns RUN_*
 */
export function callCloser(thread: u32, open: u32): i32 {
  const topmost = load<u32>(thread, THREAD_TBC);
  const top = max(load<u32>(load<u32>(thread, THREAD_FRAME), FRAME_TOP), load<u32>(thread, THREAD_TOP));
  const closer = metamethodOfValue(topmost, EVENT_CLOSE);
  growForCall(thread, top, closer ? closer : topmost, 3 * SLOT_SIZE);
  const slot = popToBeClosed(thread);
  closeUpvalues(thread, slot);
  const nothing = thread + THREAD_SCRATCH;
  setNil(nothing);
  const frameTop = load<u32>(load<u32>(thread, THREAD_FRAME), FRAME_TOP);
  const func = open ? max(frameTop, load<u32>(thread, THREAD_TOP)) : frameTop;
  const handler = metamethodOfValue(slot, EVENT_CLOSE);
  return callMetamethodAt(thread, func, handler ? handler : slot, slot, nothing, 0, open);
}

/**
 * Tables of millions of keys change their size in steps, with looks at the limits between them: at once it takes longer than a program may run on behind its limit.
 *
 * The functions that try to change a table have no such looks: compiled code calls them, and nothing may be thrown through it. What is too large for them they
 * refuse, which is a failure that leaves a note (VM_REFUSED). Compiled code leaves with it, and forgets the note; the interpreter and library functions have the work
 * done in steps (tryInSteps in table-dictionary.ts), and try again. The new part is made as that of a draft (VM_DRAFT), the header of a table that is none: until it is
 * done the table stays as it is, and the part's memory has no owner (memory/spare.ts).
 */
import { SLOT_TAG, VM_REFUSED, VM_REFUSED_KEY } from '../../bytecode/layout';
import { charge, isOverdrawn } from '../base/budget';
import { hostLook } from '../base/host';

/** What was refused. */
export const REHASH: u32 = 1;
export const SPILL: u32 = 2;
export const LEAVE_SHAPE: u32 = 3;
export const RESHAPE: u32 = 4;
/** Nodes of a dictionary, elements of an array, from which on it is large; and of each what is done in a step. Powers of two. */
export const LARGE_DICTIONARY: u32 = CHECKED ? 1 << 6 : 1 << 14;
export const LARGE_ARRAY: u32 = CHECKED ? 1 << 7 : 1 << 17;
export const NODES_AT_ONCE: u32 = CHECKED ? 1 << 4 : 1 << 10;
export const ELEMENTS_AT_ONCE: u32 = CHECKED ? 1 << 5 : 1 << 12;

/** Notes what is too large, and for which key (RESHAPE: kind and capacity). @returns false */
export function refuse(operation: u32, tag: u32, payload: u64): bool {
  store<u32>(VM_REFUSED, operation);
  store<u64>(VM_REFUSED_KEY, payload);
  store<u32>(VM_REFUSED_KEY, tag, SLOT_TAG);
  return false;
}

/** For compiled code, which leaves: the interpreter will be refused it again. @returns false */
export function forgetRefused(): bool {
  store<u32>(VM_REFUSED, 0);
  return false;
}

/** Counts steps, behind which the host may stop the program. @throws what the host raises: out of fuel, interrupted */
export function stepOn(steps: u32): void {
  charge(steps);
  if (isOverdrawn()) hostLook();
}

/**
 * The instructions of the function that is compiled.
 *
 * Positions are word indices. Operands go in as plain numbers (register, constant index, ...); the scaling that the encoding wants comes from the
 * opcode's traits, here and nowhere else. A jump's destination is not in its operand but in W_TARGET: for an open jump that links to the next jump of
 * its list (PUC threads its lists through the code itself, for which our fused 16-bit jumps have no room), for a placed jump it is the word
 * it goes to. Offsets are encoded last, by finish.ts.
 */
import { VM_HOT_LOOP } from '../../../bytecode/layout';
import { OP_CONCAT, OP_JMP, OP_LOADNIL, OP_LOOP, OP_TEST, OP_TESTSET, OPCODE_TRAITS } from '../../generated/opcodes';
import { lastLine } from '../lex/lexer';
import { bufferAddress, bufferSize, cutBuffer, pushBytes } from '../state/buffers';
import { CODE, CODE_BASE } from '../state/cells';
import { F_FIRST_WORD, F_LAST, F_LAST_LABEL, F_WORDS, W_HIGH, W_LINE, W_SIZE, W_TARGET } from '../state/records';
import { currentFunction } from '../state/stacks';

/** End of a jump list, and the target of instructions that are no jumps. */
export const NO_JUMP: i32 = -1;
/** Register operand of a TESTSET that has no destination yet. */
export const NO_REGISTER: u32 = 255;

const SCALED_A: u32 = 1;
const SCALED_B: u32 = 2;
const SCALED_C: u32 = 4;
export const HAS_CACHE: u32 = 8;
export const JUMPS_SHORT: u32 = 16;

// @ts-ignore: decorator
@inline export function traitsOf(op: u32): u32 { return load<u8>(OPCODE_TRAITS + op); }
/** Address of a word. */
// @ts-ignore: decorator
@inline export function wordAt(at: i32): u32 { return load<u32>(CODE_BASE) + <u32>at * W_SIZE; }
/** Number of words: the position of the next instruction. */
// @ts-ignore: decorator
@inline export function position(): i32 { return load<i32>(currentFunction(), F_WORDS); }
/** Position of the instruction emitted last. */
// @ts-ignore: decorator
@inline export function lastPosition(): i32 { return load<i32>(currentFunction(), F_LAST); }

/** The code of the current function may have moved, or another one is current. */
export function findCode(): void { store<u32>(CODE_BASE, bufferAddress(CODE) + load<u32>(currentFunction(), F_FIRST_WORD)); }

// ---- Emitting, at the line of the token read last

export function emit(op: u32, a: u32, b: u32, c: u32, k: u32 = 0): i32 {
  const traits = traitsOf(op);
  const low = op | (k << 8) | ((traits & SCALED_A ? a << 4 : a) << 16);
  return append(traits, low, ((traits & SCALED_B ? b << 4 : b) & 0xffff) | ((traits & SCALED_C ? c << 4 : c) << 16));
}

/** Emits an instruction with the 32-bit field D. */
export function emitWide(op: u32, a: u32, d: u32, k: u32 = 0): i32 {
  const traits = traitsOf(op);
  return append(traits, op | (k << 8) | ((traits & SCALED_A ? a << 4 : a) << 16), d);
}

function append(traits: u32, low: u32, high: u32): i32 {
  const f = currentFunction();
  const at = load<i32>(f, F_WORDS);
  const size: u32 = traits & HAS_CACHE ? 2 : 1;
  const word = pushBytes(CODE, size * W_SIZE);
  store<u32>(CODE_BASE, bufferAddress(CODE) + load<u32>(f, F_FIRST_WORD));
  store<u32>(word, low);
  store<u32>(word, high, W_HIGH);
  store<u32>(word, lastLine(), W_LINE);
  store<i32>(word, NO_JUMP, W_TARGET);
  if (size == 2) {
    store<u64>(word, 0, W_SIZE);
    store<u32>(word, lastLine(), W_SIZE + W_LINE);
    store<i32>(word, NO_JUMP, W_SIZE + W_TARGET);
  }
  store<i32>(f, at + size, F_WORDS);
  store<i32>(f, at, F_LAST);
  return at;
}

/** Takes back the last instruction, which has one word and is no jump target. */
export function dropLast(): void {
  const f = currentFunction();
  store<i32>(f, load<i32>(f, F_WORDS) - 1, F_WORDS);
  cutBuffer(CODE, bufferSize(CODE) - W_SIZE);
  store<i32>(f, NO_JUMP, F_LAST);
}

/** Moves the instruction at `at` to another line. */
export function fixLine(at: i32, line: u32): void {
  const word = wordAt(at);
  store<u32>(word, line, W_LINE);
  if (traitsOf(load<u8>(word)) & HAS_CACHE) store<u32>(word, line, W_SIZE + W_LINE);
}

/** Sets `count` registers from `first` on to nil, together with those the instruction before sets, if they touch. */
export function emitNil(first: u32, count: u32): void {
  const at = lastPosition();
  if (canMergeWithLast() && opAt(at) == OP_LOADNIL) {
    const from = aAt(at);
    const last = from + bAt(at);
    if (from <= first && first <= last + 1) {
      setB(at, max(last, first + count - 1) - from);
      return;
    }
  }
  emit(OP_LOADNIL, first, count - 1, 0);
}

// ---- Reading and changing instructions

// @ts-ignore: decorator
@inline export function opAt(at: i32): u32 { return load<u8>(wordAt(at)); }

export function aAt(at: i32): u32 {
  const word = wordAt(at);
  return <u32>load<u16>(word, 2) >> (traitsOf(load<u8>(word)) & SCALED_A ? 4 : 0);
}

export function bAt(at: i32): u32 {
  const word = wordAt(at);
  return <u32>load<u16>(word, W_HIGH) >> (traitsOf(load<u8>(word)) & SCALED_B ? 4 : 0);
}

export function setOp(at: i32, op: u32): void { store<u8>(wordAt(at), op); }

export function setA(at: i32, a: u32): void {
  const word = wordAt(at);
  store<u16>(word, traitsOf(load<u8>(word)) & SCALED_A ? a << 4 : a, 2);
}

export function setK(at: i32, k: u32): void { store<u8>(wordAt(at), k, 1); }

export function setB(at: i32, b: u32): void {
  const word = wordAt(at);
  store<u16>(word, traitsOf(load<u8>(word)) & SCALED_B ? b << 4 : b, W_HIGH);
}

export function setC(at: i32, c: u32): void {
  const word = wordAt(at);
  store<u16>(word, traitsOf(load<u8>(word)) & SCALED_C ? c << 4 : c, W_HIGH + 2);
}

/** Sets the data word behind an instruction. */
export function setData(at: i32, value: u32): void { store<u32>(wordAt(at), value, W_SIZE); }

export function negateJump(at: i32): void {
  const word = wordAt(at);
  store<u8>(word, load<u8>(word, 1) ^ 1, 1);
}

/** Whether the instruction emitted last runs directly before the next one, always. */
function canMergeWithLast(): bool {
  const f = currentFunction();
  return load<i32>(f, F_LAST) != NO_JUMP && load<i32>(f, F_LAST_LABEL) != load<i32>(f, F_WORDS);
}

/** Position of the last instruction if it is a CONCAT that code behind it may change, or NO_JUMP. */
export function lastConcat(): i32 {
  const at = lastPosition();
  return canMergeWithLast() && opAt(at) == OP_CONCAT ? at : NO_JUMP;
}

// ---- Jump lists

/** Marks the current position as a jump target: code in front of it cannot be merged with code behind it. */
export function here(): i32 {
  const f = currentFunction();
  const at = load<i32>(f, F_WORDS);
  store<i32>(f, at, F_LAST_LABEL);
  return at;
}

/** Emits an open forward jump; returns the list that holds it. */
export function emitJump(): i32 { return emitWide(OP_JMP, 0, 0); }

/** Emits an instruction that counts iterations. */
export function emitCounting(op: u32, a: u32): i32 {
  const at = emitWide(op, a, 0);
  setData(at, load<u32>(VM_HOT_LOOP));
  return at;
}

/** Emits a jump back to `target`. */
export function emitLoop(target: i32): i32 {
  const at = emitCounting(OP_LOOP, 0);
  setTarget(at, target);
  return at;
}

// @ts-ignore: decorator
@inline export function targetOf(at: i32): i32 { return load<i32>(wordAt(at), W_TARGET); }
// @ts-ignore: decorator
@inline export function setTarget(at: i32, target: i32): void { store<i32>(wordAt(at), target, W_TARGET); }

/** The two lists as one; the first one is walked. */
export function joinLists(first: i32, second: i32): i32 {
  if (second == NO_JUMP) return first;
  if (first == NO_JUMP) return second;
  let at = first;
  while (targetOf(at) != NO_JUMP) at = targetOf(at);
  setTarget(at, second);
  return first;
}

/** Sends every jump of the list to `target`, dropping the values TESTSETs would store. */
export function placeList(list: i32, target: i32): void { placeValueList(list, target, NO_REGISTER, target); }

export function placeListHere(list: i32): void { if (list != NO_JUMP) placeList(list, here()); }

/** Sends the jumps that produce a value into `register` to `valueTarget`, the others to `otherTarget`. */
export function placeValueList(list: i32, valueTarget: i32, register: u32, otherTarget: i32): void {
  while (list != NO_JUMP) {
    const next = targetOf(list);
    setTarget(list, storeTestValue(list, register) ? valueTarget : otherTarget);
    list = next;
  }
}

/** Makes a TESTSET store into `register`, or a TEST if that is pointless; false for other jumps. */
function storeTestValue(at: i32, register: u32): bool {
  if (opAt(at) != OP_TESTSET) return false;
  const source = bAt(at);
  if (register != NO_REGISTER && register != source) setA(at, register);
  else {
    setOp(at, OP_TEST);
    setA(at, source);
    store<u32>(wordAt(at), 0, W_HIGH);
  }
  return true;
}

/** No jump of the list shall produce a value. */
export function dropValues(list: i32): void { for (; list != NO_JUMP; list = targetOf(list)) storeTestValue(list, NO_REGISTER); }

/** Whether some jump of the list does not produce a value. */
export function needsValue(list: i32): bool {
  for (; list != NO_JUMP; list = targetOf(list)) if (opAt(list) != OP_TESTSET) return true;
  return false;
}

/**
 * Blocks, and the labels and gotos in them. A goto forward waits in GOTOS for its label; as blocks end, it moves to the block around, and remembers
 * whether variables were left behind that need closing. Then the label's code closes, for all that jump there (PUC's way).
 */
import { OP_CLOSE } from '../../generated/opcodes';
import { bufferText } from '../../strings/buffer';
import { work } from '../../base/budget';
import { emit, emitJump, emitLoop, here, placeList } from '../emit/code';
import { closeExits, hasCaptured, noteCapture, noteExit } from '../emit/exits';
import { setFreeRegister } from '../emit/registers';
import { activeCount, deactivate, registerLevel, variableAt, variableRegisters } from '../emit/scope';
import { beginError, bufferBareName, bufferInteger, bufferName, throwSyntaxError } from '../lex/syntax-error';
import { bufferAddress, bufferSize, cutBuffer, pushBytes } from '../state/buffers';
import { BLOCK_TOP, GOTOS, LABELS } from '../state/cells';
import {
  B_ACTIVE, B_CLOSES, B_FIRST_GOTO, B_FIRST_LABEL, B_INSIDE_CLOSE, B_IS_LOOP, F_BLOCK, F_FIRST_LABEL, L_ACTIVE, L_CLOSE, L_LINE, L_PC, L_SIZE,
} from '../state/records';
import { currentFunction, pushBlock } from '../state/stacks';

/** Name of the label that breaks go to. */
const BREAK: u32 = 0;

// @ts-ignore: decorator
@inline export function currentBlock(): u32 { return load<u32>(currentFunction(), F_BLOCK); }

export function enterBlock(isLoop: bool): void {
  const f = currentFunction();
  const outer = load<u32>(f, F_BLOCK);
  const block = pushBlock();
  store<u32>(block, outer);
  store<u32>(block, activeCount(), B_ACTIVE);
  store<u32>(block, bufferSize(LABELS), B_FIRST_LABEL);
  store<u32>(block, bufferSize(GOTOS), B_FIRST_GOTO);
  store<u32>(block, u32(isLoop), B_IS_LOOP);
  if (outer) store<u32>(block, load<u32>(outer, B_INSIDE_CLOSE), B_INSIDE_CLOSE);
  store<u32>(f, block, F_BLOCK);
}

/**
 * Ends the innermost block: its variables and labels disappear, its breaks come here if it is a loop, its other unresolved gotos move to the block
 * around it.
 */
export function leaveBlock(): void {
  const f = currentFunction();
  const block = load<u32>(f, F_BLOCK);
  const outer = load<u32>(block);
  const level = load<u32>(block, B_ACTIVE);
  const closes = load<u32>(block, B_CLOSES) != 0;
  const register = registerLevel(f, level);
  let isClosed: bool = false;
  if (load<u32>(block, B_IS_LOOP)) isClosed = placeLabel(BREAK, 0, level);
  // A function's return closes.
  if (closes) {
    if (outer && !isClosed) emit(OP_CLOSE, register, 0, 0);
    closeExits(block);
  }
  deactivate(level);
  setFreeRegister(register);
  cutBuffer(LABELS, load<u32>(block, B_FIRST_LABEL));
  store<u32>(f, outer, F_BLOCK);
  store<u32>(BLOCK_TOP, block);
  const first = load<u32>(block, B_FIRST_GOTO);
  const size = bufferSize(GOTOS);
  if (!outer) {
    if (first < size) failUndefined(bufferAddress(GOTOS) + first);
    return;
  }
  for (let at = first; at < size; at += L_SIZE) {
    const pending = bufferAddress(GOTOS) + at;
    if (load<u32>(pending, L_ACTIVE) <= level) continue;
    store<u32>(pending, level, L_ACTIVE);
    if (closes) store<u32>(pending, 1, L_CLOSE);
  }
}

/** An active variable of this block is to be closed. */
export function markToBeClosed(index: u32): void {
  const f = currentFunction();
  noteCapture(f, index, variableAt(f, index));
  store<u32>(currentBlock(), 1, B_INSIDE_CLOSE);
}

// ---- Labels and gotos

function pushLabel(buffer: u32, name: u32, line: u32, pc: i32, active: u32): void {
  const entry = pushBytes(buffer, L_SIZE);
  store<u32>(entry, name);
  store<u32>(entry, line, L_LINE);
  store<i32>(entry, pc, L_PC);
  store<u32>(entry, active, L_ACTIVE);
  store<u32>(entry, 0, L_CLOSE);
}

/** The visible label called `name`, or 0. */
function findLabel(name: u32): u32 {
  const end = bufferAddress(LABELS) + bufferSize(LABELS);
  const first = bufferAddress(LABELS) + load<u32>(currentFunction(), F_FIRST_LABEL);
  work((end - first) / L_SIZE);
  for (let label = first; label < end; label += L_SIZE) if (load<u32>(label) == name) return label;
  return 0;
}

export function isLabelKnown(name: u32): bool { return findLabel(name) != 0; }

/** @param isLast only void statements follow in its block: its variables count as out of scope, so that gotos may skip their declarations */
export function defineLabel(name: u32, line: u32, isLast: bool): void {
  const known = findLabel(name);
  if (known) {
    beginError('label ');
    bufferName(name);
    bufferText(' already defined on line ');
    bufferInteger(load<u32>(known, L_LINE));
    throwSyntaxError();
  }
  placeLabel(name, line, isLast ? load<u32>(currentBlock(), B_ACTIVE) : activeCount());
}

/** Puts a label here, and code that closes if a goto needs that. @returns whether one does */
function placeLabel(name: u32, line: u32, level: u32): bool {
  const at = here();
  const isClosed = resolvePending(name, level, at);
  if (isClosed) emit(OP_CLOSE, registerLevel(currentFunction(), level), 0, 0);
  if (name) pushLabel(LABELS, name, line, at, level);
  return isClosed;
}

/** Sends the waiting gotos of the innermost block to their label. @returns whether one needs to close */
function resolvePending(name: u32, level: u32, target: i32): bool {
  const first = load<u32>(currentBlock(), B_FIRST_GOTO);
  const size = bufferSize(GOTOS);
  work((size - first) / L_SIZE);
  let kept = first;
  let closes: u32 = 0;
  for (let at = first; at < size; at += L_SIZE) {
    const pending = bufferAddress(GOTOS) + at;
    if (load<u32>(pending) != name) {
      if (kept != at) memory.copy(bufferAddress(GOTOS) + kept, pending, L_SIZE);
      kept += L_SIZE;
      continue;
    }
    if (load<u32>(pending, L_ACTIVE) < level) failIntoScope(pending);
    closes |= load<u32>(pending, L_CLOSE);
    placeList(load<i32>(pending, L_PC), target);
  }
  cutBuffer(GOTOS, kept);
  return closes != 0;
}

function failIntoScope(pending: u32): void {
  beginError('<goto ');
  bufferBareName(load<u32>(pending));
  bufferText('> at line ');
  bufferInteger(load<u32>(pending, L_LINE));
  bufferText(' jumps into the scope of local ');
  bufferName(load<u32>(variableAt(currentFunction(), load<u32>(pending, L_ACTIVE))));
  throwSyntaxError();
}

function failUndefined(pending: u32): void {
  const name = load<u32>(pending);
  beginError(name ? 'no visible label ' : 'break outside loop');
  if (name) {
    bufferName(name);
    bufferText(' for <goto>');
  }
  bufferText(' at line ');
  bufferInteger(load<u32>(pending, L_LINE));
  throwSyntaxError();
}

/** Lets the jumps of a list wait for a label that is not known yet. @param name 0 for breaks */
export function addGoto(name: u32, line: u32, list: i32): void { pushLabel(GOTOS, name, line, list, activeCount()); }

/** Compiles a goto; `name` 0 is a break. */
export function compileGoto(name: u32, line: u32): void {
  const label = name ? findLabel(name) : 0;
  if (!label) {
    addGoto(name, line, emitJump());
    return;
  }
  const target = load<i32>(label, L_PC);
  const register = registerLevel(currentFunction(), load<u32>(label, L_ACTIVE));
  const leaves = variableRegisters() > register;
  const closes = leaves && hasCaptured(register);
  if (closes) emit(OP_CLOSE, register, 0, 0);
  const at = emitLoop(target);
  if (leaves && !closes) noteExit(at, register);
}

/**
 * Exits of a function: returns, and gotos back that leave the scope of variables. Whether one has to close upvalues is known only when the blocks around it
 * have ended, for a variable may be captured further down. So exits are emitted as if nothing had to be closed and noted, in the order of the
 * code: position | register from which it leaves variables behind. A block that ends with captured variables looks through the exits in it.
 *
 * A return is changed in place. A LOOP that has to close becomes a CLOSE and a jump to a LOOP at the end of the function. (PUC sets the flag of all
 * returns of a function, and closes in front of each goto back.)
 */
import { LOCAL_DESC_START } from '../../../bytecode/layout';
import { OP_CLOSE, OP_JMP, OP_LOOP, OP_RETURN, OP_RETURN0, OP_RETURN1 } from '../../generated/opcodes';
import { bufferAddress, bufferSize, cutBuffer, pushBytes } from '../state/buffers';
import { EXITS, RECORDS } from '../state/cells';
import {
  B_ACTIVE, B_CLOSE_FROM, B_CLOSE_TOP, B_CLOSES, F_BLOCK, F_FIRST_EXIT, V_RECORD, V_REGISTER, W_LINE, W_SIZE, W_TARGET,
} from '../state/records';
import { currentFunction } from '../state/stacks';
import { emitJump, emitLoop, fixLine, NO_JUMP, opAt, placeListHere, position, setA, setB, setK, setOp, setTarget, targetOf, wordAt } from './code';

const EXIT_SIZE: u32 = 8;
const EXIT_REGISTER: u32 = 4;
/** In EXIT_REGISTER: this LOOP has to close. */
const EXIT_CLOSES: u32 = 0x80000000;

/** A variable of a function is captured, or is to be closed: its block has to close. */
export function noteCapture(f: u32, index: u32, variable: u32): void {
  let block = load<u32>(f, F_BLOCK);
  while (load<u32>(block, B_ACTIVE) > index) block = load<u32>(block);
  const start = load<u32>(bufferAddress(RECORDS) + load<u32>(variable, V_RECORD), LOCAL_DESC_START);
  const register = load<u32>(variable, V_REGISTER);
  const isFirst = !load<u32>(block, B_CLOSES);
  if (isFirst || start < load<u32>(block, B_CLOSE_FROM)) store<u32>(block, start, B_CLOSE_FROM);
  if (isFirst || register > load<u32>(block, B_CLOSE_TOP)) store<u32>(block, register, B_CLOSE_TOP);
  store<u32>(block, 1, B_CLOSES);
}

/** Notes the exit at a position. @param register first one it leaves behind */
export function noteExit(at: i32, register: u32): void {
  const exit = pushBytes(EXITS, EXIT_SIZE);
  store<i32>(exit, at);
  store<u32>(exit, register, EXIT_REGISTER);
}

/** Whether leaving the variables from `register` on has to close one that is known to be captured. */
export function hasCaptured(register: u32): bool {
  for (let block = load<u32>(currentFunction(), F_BLOCK); block; block = load<u32>(block)) {
    if (load<u32>(block, B_CLOSES) && load<u32>(block, B_CLOSE_TOP) >= register) return true;
  }
  return false;
}

/** A block with captured variables ends: the exits out of it close. */
export function closeExits(block: u32): void {
  const first = bufferAddress(EXITS) + load<u32>(currentFunction(), F_FIRST_EXIT);
  const from = load<i32>(block, B_CLOSE_FROM);
  for (let exit = bufferAddress(EXITS) + bufferSize(EXITS); exit > first; ) {
    exit -= EXIT_SIZE;
    const at = load<i32>(exit);
    if (at < from) break;
    switch (opAt(at)) {
      case OP_LOOP: {
        const register = load<u32>(exit, EXIT_REGISTER);
        if (register <= load<u32>(block, B_CLOSE_TOP)) store<u32>(exit, register | EXIT_CLOSES, EXIT_REGISTER);
        break;
      }
      case OP_RETURN0:
        setOp(at, OP_RETURN);
        setB(at, 1);
        setK(at, 1);
        break;
      case OP_RETURN1:
        setOp(at, OP_RETURN);
        setB(at, 2);
        setK(at, 1);
        break;
      default:
        setK(at, 1);
    }
  }
}

/** Emits the LOOPs of gotos back that have to close, in front of the function's end. Nothing more is to be closed for the exits so far. */
export function emitClosingLoops(): void {
  let around = NO_JUMP;
  const size = bufferSize(EXITS);
  for (let offset = load<u32>(currentFunction(), F_FIRST_EXIT); offset < size; offset += EXIT_SIZE) {
    const exit = bufferAddress(EXITS) + offset;
    const register = load<u32>(exit, EXIT_REGISTER);
    if (!(register & EXIT_CLOSES)) continue;
    if (around == NO_JUMP) around = emitJump();
    const at = load<i32>(exit);
    const line = load<u32>(wordAt(at), W_LINE);
    const target = targetOf(at);
    fixLine(emitLoop(target), line);
    const word = wordAt(at);
    setOp(at, OP_CLOSE);
    setA(at, register & ~EXIT_CLOSES);
    setTarget(at, NO_JUMP);
    store<u64>(word, OP_JMP, W_SIZE);
    store<i32>(word, position() - 2, W_SIZE + W_TARGET);
  }
  cutBuffer(EXITS, load<u32>(currentFunction(), F_FIRST_EXIT));
  placeListHere(around);
}

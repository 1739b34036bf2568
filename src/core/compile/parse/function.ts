/** Functions: where one begins in the buffers, how it returns, and how it ends as a prototype. */
import { OP_RETURN, OP_RETURN0, OP_RETURN1, OP_VARARGPREP } from '../../generated/opcodes';
import { emit, findCode, NO_JUMP } from '../emit/code';
import { closeExits, emitClosingLoops, noteExit } from '../emit/exits';
import { finishPrototype } from '../emit/finish';
import { variableRegisters } from '../emit/scope';
import { bufferAddress, bufferSize, cutBuffer, pushBytes } from '../state/buffers';
import { CODE, CONSTANTS, EXITS, FUNCTION, FUNCTION_TOP, LABELS, PROTOTYPES, RECORDS, VARIABLES } from '../state/cells';
import {
  B_CLOSES, F_BLOCK, F_FIRST_CONSTANT, F_FIRST_EXIT, F_FIRST_LABEL, F_FIRST_PROTOTYPE, F_FIRST_RECORD, F_FIRST_VARIABLE, F_FIRST_WORD, F_IS_VARARG,
  F_LAST, F_LAST_LABEL, F_LINE, F_MAX_STACK, F_PARAMETERS,
} from '../state/records';
import { currentFunction, pushFunction } from '../state/stacks';
import { leaveBlock } from './block';

/** Registers each frame has. */
const MIN_STACK: u32 = 2;

/** Begins a function inside of the current one. @param line of the word `function` @returns its record */
export function beginFunction(line: u32): u32 {
  const f = pushFunction();
  store<u32>(f, currentFunction());
  store<u32>(f, bufferSize(CODE), F_FIRST_WORD);
  store<u32>(f, bufferSize(CONSTANTS), F_FIRST_CONSTANT);
  store<u32>(f, bufferSize(RECORDS), F_FIRST_RECORD);
  store<u32>(f, bufferSize(PROTOTYPES), F_FIRST_PROTOTYPE);
  store<u32>(f, bufferSize(VARIABLES), F_FIRST_VARIABLE);
  store<u32>(f, bufferSize(LABELS), F_FIRST_LABEL);
  store<u32>(f, bufferSize(EXITS), F_FIRST_EXIT);
  store<i32>(f, NO_JUMP, F_LAST);
  store<i32>(f, NO_JUMP, F_LAST_LABEL);
  store<u32>(f, MIN_STACK, F_MAX_STACK);
  store<u32>(f, line, F_LINE);
  store<u32>(FUNCTION, f);
  findCode();
  return f;
}

/** Ends the current function, whose statements and `end` have been read; the one around it is current again. @returns index in that of the prototype */
export function finishFunction(lastLine: u32): u32 {
  const f = currentFunction();
  const body = load<u32>(f, F_BLOCK);
  if (load<u32>(body, B_CLOSES)) closeExits(body);
  emitClosingLoops();
  emitReturn(variableRegisters(), 0);
  leaveBlock();
  const proto = finishPrototype(f, lastLine);
  const outer = load<u32>(f);
  const index = outer ? (load<u32>(f, F_FIRST_PROTOTYPE) - load<u32>(outer, F_FIRST_PROTOTYPE)) / 4 : 0;
  cutBuffer(CODE, load<u32>(f, F_FIRST_WORD));
  cutBuffer(RECORDS, load<u32>(f, F_FIRST_RECORD));
  cutBuffer(PROTOTYPES, load<u32>(f, F_FIRST_PROTOTYPE));
  cutBuffer(EXITS, load<u32>(f, F_FIRST_EXIT));
  store<u32>(FUNCTION, outer);
  store<u32>(FUNCTION_TOP, f);
  store<u32>(pushBytes(PROTOTYPES, 4), proto);
  if (outer) findCode();
  return index;
}

/** The prototype of the main function, once that is finished. */
export function mainPrototype(): u32 { return load<u32>(bufferAddress(PROTOTYPES)); }

/** The function, whose parameters are active, has variable arguments. */
export function makeVararg(f: u32): void {
  store<u32>(f, 1, F_IS_VARARG);
  emit(OP_VARARGPREP, load<u32>(f, F_PARAMETERS), 0, 0);
}

/** C of the instructions that leave the function. */
export function leaveOperand(): u32 {
  const f = currentFunction();
  return load<u32>(f, F_IS_VARARG) ? load<u32>(f, F_PARAMETERS) + 1 : 0;
}

/** Return of `count` values from register `first` on; without values the register is 0, so that it exists. */
export function emitReturn(first: u32, count: i32): void {
  const operand = leaveOperand();
  let at: i32;
  if (operand == 0 && count == 0) at = emit(OP_RETURN0, 0, 0, 0);
  else if (operand == 0 && count == 1) at = emit(OP_RETURN1, first, 0, 0);
  else at = emit(OP_RETURN, count == 0 ? 0 : first, count + 1, operand);
  noteExit(at, 0);
}

/** What records each opcode; loops by their counting form. */
import {
  OP_ADD, OP_ADDK, OP_BAND, OP_BANDK, OP_BNOT, OP_BOR, OP_BORK, OP_BXOR, OP_BXORK, OP_CALL, OP_CLOSE, OP_CLOSURE, OP_CONCAT, OP_DIV, OP_DIVK, OP_EQ, OP_EQK, OP_FORLOOP,
  OP_FORPREP, OP_GEK, OP_GETFIELD, OP_GETI, OP_GETTABLE, OP_GETTABUP, OP_GETUPVAL, OP_GTK, OP_IDIV, OP_IDIVK, OP_JMP, OP_LE, OP_LEK, OP_LEN, OP_LFALSESKIP, OP_LOADF,
  OP_LOADFALSE, OP_LOADI, OP_LOADK, OP_LOADNIL, OP_LOADTRUE, OP_LOOP, OP_LT, OP_LTK, OP_MOD, OP_MODK, OP_MOVE, OP_MUL, OP_MULK, OP_NEWTABLE, OP_NOT, OP_POW, OP_POWK,
  OP_RETURN, OP_RETURN0, OP_RETURN1, OP_SELF, OP_SETFIELD, OP_SETI, OP_SETLIST, OP_SETTABLE, OP_SETTABUP, OP_SETUPVAL, OP_SHL, OP_SHLK, OP_SHR, OP_SHRK, OP_SUB, OP_SUBK,
  OP_TAILCALL, OP_TBC, OP_TEST, OP_TESTSET, OP_TFORCALL, OP_TFORLOOP, OP_TFORPREP, OP_UNM, OP_VARARG, OP_VARARGPREP,
} from '../../../../src/core/generated/opcodes';
import { Abort } from '../../generated/ir-tables';
import { InstructionView } from '../core/instruction-view';
import { AfterStep, Recording } from '../core/recording';
import { recordArithmetic, recordComplement, recordConstantArithmetic, recordNegation } from './arithmetic';
import {
  recordCall, recordIteratorCall, recordReturn, recordReturnNothing, recordReturnOne, recordTailCall, recordVararg, recordVarargPrep,
} from './call';
import {
  recordEqual, recordEqualConstant, recordGreaterConstant, recordGreaterOrEqualConstant, recordLess, recordLessConstant, recordLessOrEqual, recordLessOrEqualConstant, recordTest,
  recordTestSet,
} from './compare';
import {
  recordLoadConstant, recordLoadFalse, recordLoadFloat, recordLoadInteger, recordLoadNil, recordLoadTrue, recordMove, recordNot, recordNothing,
} from './load';
import { recordForLoop, recordForPrep, recordGenericForLoop, recordGenericForPrep } from './loop';
import { recordConcat, recordLength, recordNewTable, recordSetList } from './object';
import {
  recordGetField, recordGetInteger, recordGetTable, recordSelf, recordSetField, recordSetInteger, recordSetTable,
} from './table';
import { recordClose, recordClosure, recordGetGlobal, recordGetUpvalue, recordSetGlobal, recordSetUpvalue } from './upvalue';

export { atLoopHead } from './loop';

/** Records an instruction that is going to be executed. @returns what is left to do behind it */
type RecordFunction = (r: Recording, i: InstructionView) => AfterStep | null;

/** The function for an opcode, null if it cannot be recorded. */
function recorderOf(op: u32): RecordFunction | null {
  switch (op) {
    case OP_MOVE: return recordMove;
    case OP_LOADI: return recordLoadInteger;
    case OP_LOADF: return recordLoadFloat;
    case OP_LOADK: return recordLoadConstant;
    case OP_LOADNIL: return recordLoadNil;
    case OP_LOADFALSE: case OP_LFALSESKIP: return recordLoadFalse;
    case OP_LOADTRUE: return recordLoadTrue;
    case OP_NOT: return recordNot;
    case OP_JMP: case OP_LOOP: return recordNothing;

    case OP_ADD: case OP_SUB: case OP_MUL: case OP_MOD: case OP_POW: case OP_DIV: case OP_IDIV: case OP_BAND: case OP_BOR: case OP_BXOR: case OP_SHL: case OP_SHR:
      return recordArithmetic;
    case OP_ADDK: case OP_SUBK: case OP_MULK: case OP_MODK: case OP_POWK: case OP_DIVK: case OP_IDIVK: case OP_BANDK: case OP_BORK: case OP_BXORK: case OP_SHLK: case OP_SHRK:
      return recordConstantArithmetic;
    case OP_UNM: return recordNegation;
    case OP_BNOT: return recordComplement;

    case OP_EQ: return recordEqual;
    case OP_EQK: return recordEqualConstant;
    case OP_LT: return recordLess;
    case OP_LE: return recordLessOrEqual;
    case OP_LTK: return recordLessConstant;
    case OP_LEK: return recordLessOrEqualConstant;
    case OP_GTK: return recordGreaterConstant;
    case OP_GEK: return recordGreaterOrEqualConstant;
    case OP_TEST: return recordTest;
    case OP_TESTSET: return recordTestSet;

    case OP_GETTABLE: return recordGetTable;
    case OP_GETI: return recordGetInteger;
    case OP_GETFIELD: return recordGetField;
    case OP_SELF: return recordSelf;
    case OP_SETTABLE: return recordSetTable;
    case OP_SETI: return recordSetInteger;
    case OP_SETFIELD: return recordSetField;

    case OP_GETUPVAL: return recordGetUpvalue;
    case OP_SETUPVAL: return recordSetUpvalue;
    case OP_GETTABUP: return recordGetGlobal;
    case OP_SETTABUP: return recordSetGlobal;
    case OP_CLOSE: return recordClose;
    case OP_CLOSURE: return recordClosure;

    case OP_CALL: return recordCall;
    case OP_TAILCALL: return recordTailCall;
    case OP_RETURN: return recordReturn;
    case OP_RETURN0: return recordReturnNothing;
    case OP_RETURN1: return recordReturnOne;
    case OP_TFORCALL: return recordIteratorCall;
    case OP_VARARG: return recordVararg;
    case OP_VARARGPREP: return recordVarargPrep;

    case OP_FORLOOP: return recordForLoop;
    case OP_FORPREP: return recordForPrep;
    case OP_TFORLOOP: return recordGenericForLoop;
    case OP_TFORPREP: return recordGenericForPrep;

    case OP_NEWTABLE: return recordNewTable;
    case OP_LEN: return recordLength;
    case OP_CONCAT: return recordConcat;
    case OP_SETLIST: return recordSetList;
    default: return null;
  }
}

/** Can an opcode (the counting form of a loop) be recorded? 0 or 1. jit/record/opcodes/how-recorded.ts says the same. */
export function isRecordedOpcode(op: u32): i32 {
  return recorderOf(op) !== null ? 1 : 0;
}

/** Aborts if the instruction cannot be recorded. */
export function recordInstruction(r: Recording, i: InstructionView): AfterStep | null {
  const record = recorderOf(i.baseOp);
  if (record === null) {
    r.abort(Abort.UNSUPPORTED_INSTRUCTION, i.op == OP_TBC ? 'TBC' : '');
    return null;
  }
  return record(r, i);
}

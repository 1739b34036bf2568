/**
 * Recording of calls of builtins: as IR where a recorder for the builtin is known (base.ts, math.ts, string.ts, table.ts), else as a call of the builtin itself
 * from inside the trace, with the stack in sync; so an unknown function never ends a trace.
 */
import { BUILTIN_ID, BUILTIN_UNTRACED, BUILTIN_UPVALUE_COUNT } from '../../../../src/bytecode/layout';
import {
  BUILTIN_ID_baseAssert, BUILTIN_ID_baseCollectgarbage, BUILTIN_ID_baseError, BUILTIN_ID_baseGetmetatable, BUILTIN_ID_baseIpairs, BUILTIN_ID_baseIpairsStep,
  BUILTIN_ID_baseNext, BUILTIN_ID_basePairs, BUILTIN_ID_basePcall, BUILTIN_ID_baseRawequal, BUILTIN_ID_baseRawget, BUILTIN_ID_baseRawlen, BUILTIN_ID_baseRawset,
  BUILTIN_ID_baseSelect, BUILTIN_ID_baseSetmetatable, BUILTIN_ID_baseTonumber, BUILTIN_ID_baseTostring, BUILTIN_ID_baseType, BUILTIN_ID_baseXpcall,
  BUILTIN_ID_coroutineClose, BUILTIN_ID_coroutineResume, BUILTIN_ID_coroutineWrapStep, BUILTIN_ID_coroutineYield, BUILTIN_ID_mathAbs, BUILTIN_ID_mathAcos,
  BUILTIN_ID_mathAsin, BUILTIN_ID_mathAtan, BUILTIN_ID_mathCeil, BUILTIN_ID_mathCos, BUILTIN_ID_mathDeg, BUILTIN_ID_mathExp, BUILTIN_ID_mathFloor, BUILTIN_ID_mathFmod,
  BUILTIN_ID_mathLog, BUILTIN_ID_mathLog10, BUILTIN_ID_mathMax, BUILTIN_ID_mathMin, BUILTIN_ID_mathPow, BUILTIN_ID_mathRad, BUILTIN_ID_mathSin, BUILTIN_ID_mathSqrt,
  BUILTIN_ID_mathTan, BUILTIN_ID_mathTointeger, BUILTIN_ID_mathType, BUILTIN_ID_mathUlt, BUILTIN_ID_stringByte, BUILTIN_ID_stringChar, BUILTIN_ID_stringLen,
  BUILTIN_ID_stringSub, BUILTIN_ID_tableInsert, BUILTIN_ID_tableUnpack,
} from '../../../../src/core/generated/builtin-ids';
import { Abort, Field, Op, Type } from '../../generated/ir-tables';
import { Link, NONE, Ref } from '../../ir/trace';
import * as heap from '../core/heap';
import { placeResults } from '../core/inlining';
import { InstructionView } from '../core/instruction-view';
import { AfterStep, NOTHING_STAGED, Recording } from '../core/recording';
import { hasPayload, payloadType, Value } from '../core/value';
import {
  baseAssert, baseGetmetatable, baseIpairs, baseIpairsStep, baseNext, basePairs, baseRawequal, baseRawget, baseRawlen, baseRawset, baseSelect, baseSetmetatable, baseTonumber,
  baseTostring, baseType,
} from './base';
import { BuiltinArguments, BuiltinRecorder, BuiltinResult } from './builtin';
import {
  mathAbs, mathAcos, mathAsin, mathAtan, mathCeil, mathCos, mathDeg, mathExp, mathFloor, mathFmod, mathLog, mathLog10, mathMax, mathMin, mathPow, mathRad, mathSin, mathSqrt,
  mathTan, mathTointeger, mathType, mathUlt,
} from './math';
import { stringByte, stringChar, stringLen, stringSub } from './string';
import { tableInsert, tableUnpack } from './table';

/** A generic for's call: function and arguments are in the slots of the for. */
export class IteratorOperands {
  constructor(
    public slot: i32,
    /** The function, and its arguments. */
    public func: Value,
    public args: Array<Value>,
  ) {}
}

/** Where a call stands. */
export class BuiltinCall {
  constructor(
    /** Slot of the function; arguments behind it, results from here on. */
    public func: i32,
    public count: i32,
    /** Results wanted; -1 = all. */
    public wanted: i32,
    /** If function and arguments are not behind `func`. */
    public iterator: IteratorOperands | null = null,
  ) {}

  get functionSlot(): i32 {
    const iterator = this.iterator;
    return iterator === null ? this.func : iterator.slot;
  }
}

/** More results than this are not kept in a trace. */
const MAX_RESULTS: i32 = 32;

/** The recorder of a builtin, null if it is called in place or ends the recording. */
function recorderOf(id: u32): BuiltinRecorder | null {
  switch (id) {
    case BUILTIN_ID_baseAssert: return baseAssert;
    case BUILTIN_ID_baseGetmetatable: return baseGetmetatable;
    case BUILTIN_ID_baseIpairs: return baseIpairs;
    case BUILTIN_ID_baseIpairsStep: return baseIpairsStep;
    case BUILTIN_ID_baseNext: return baseNext;
    case BUILTIN_ID_basePairs: return basePairs;
    case BUILTIN_ID_baseRawequal: return baseRawequal;
    case BUILTIN_ID_baseRawget: return baseRawget;
    case BUILTIN_ID_baseRawlen: return baseRawlen;
    case BUILTIN_ID_baseRawset: return baseRawset;
    case BUILTIN_ID_baseSelect: return baseSelect;
    case BUILTIN_ID_baseSetmetatable: return baseSetmetatable;
    case BUILTIN_ID_baseTonumber: return baseTonumber;
    case BUILTIN_ID_baseTostring: return baseTostring;
    case BUILTIN_ID_baseType: return baseType;

    case BUILTIN_ID_mathAbs: return mathAbs;
    case BUILTIN_ID_mathAcos: return mathAcos;
    case BUILTIN_ID_mathAsin: return mathAsin;
    case BUILTIN_ID_mathAtan: return mathAtan;
    case BUILTIN_ID_mathCeil: return mathCeil;
    case BUILTIN_ID_mathCos: return mathCos;
    case BUILTIN_ID_mathDeg: return mathDeg;
    case BUILTIN_ID_mathExp: return mathExp;
    case BUILTIN_ID_mathFloor: return mathFloor;
    case BUILTIN_ID_mathFmod: return mathFmod;
    case BUILTIN_ID_mathLog: return mathLog;
    case BUILTIN_ID_mathLog10: return mathLog10;
    case BUILTIN_ID_mathMax: return mathMax;
    case BUILTIN_ID_mathMin: return mathMin;
    case BUILTIN_ID_mathPow: return mathPow;
    case BUILTIN_ID_mathRad: return mathRad;
    case BUILTIN_ID_mathSin: return mathSin;
    case BUILTIN_ID_mathSqrt: return mathSqrt;
    case BUILTIN_ID_mathTan: return mathTan;
    case BUILTIN_ID_mathTointeger: return mathTointeger;
    case BUILTIN_ID_mathType: return mathType;
    case BUILTIN_ID_mathUlt: return mathUlt;

    case BUILTIN_ID_stringByte: return stringByte;
    case BUILTIN_ID_stringChar: return stringChar;
    case BUILTIN_ID_stringLen: return stringLen;
    case BUILTIN_ID_stringSub: return stringSub;

    case BUILTIN_ID_tableInsert: return tableInsert;
    case BUILTIN_ID_tableUnpack: return tableUnpack;
    default: return null;
  }
}

/** What calls of a builtin are for a recording: IR, or a call in place, or its end. jit/record/builtins/how-recorded.ts says the same. */
export const enum Recorded { AS_IR = 0, IN_PLACE = 1, ENDS = 2 }

/** @returns Recorded */
export function howBuiltinIsRecorded(id: u32): i32 {
  if (recorderOf(id) !== null) return Recorded.AS_IR;
  return endOf(id) == NO_END ? Recorded.IN_PLACE : Recorded.ENDS;
}

const NO_END: i32 = -1;

/** Why a builtin ends the recording (Abort), NO_END if it does not. */
function endOf(id: u32): i32 {
  switch (id) {
    // They switch threads: what follows happens on another stack.
    case BUILTIN_ID_coroutineResume: case BUILTIN_ID_coroutineYield: case BUILTIN_ID_coroutineClose: case BUILTIN_ID_coroutineWrapStep:
      return Abort.COROUTINE_SWITCH;
    // They switch frames, collect garbage or raise errors: nothing for the inside of a trace.
    case BUILTIN_ID_baseError: case BUILTIN_ID_basePcall: case BUILTIN_ID_baseXpcall: case BUILTIN_ID_baseCollectgarbage:
      return Abort.UNSUPPORTED_CALL;
    default:
      return NO_END;
  }
}

/** Names of the builtins that end the recording. */
function nameOf(id: u32): string {
  switch (id) {
    case BUILTIN_ID_coroutineResume: return 'coroutine.resume';
    case BUILTIN_ID_coroutineYield: return 'coroutine.yield';
    case BUILTIN_ID_coroutineClose: return 'coroutine.close';
    case BUILTIN_ID_coroutineWrapStep: return 'none.wrapStep';
    case BUILTIN_ID_baseError: return 'error';
    case BUILTIN_ID_basePcall: return 'pcall';
    case BUILTIN_ID_baseXpcall: return 'xpcall';
    default: return 'collectgarbage';
  }
}

export function recordBuiltin(r: Recording, i: InstructionView, call: BuiltinCall): AfterStep | null {
  const slot = call.functionSlot;
  const builtin = heap.pointer(r.slotAddress(slot));
  const id = heap.u32(builtin + BUILTIN_ID);
  if (heap.extra(builtin) == BUILTIN_UNTRACED) r.abort(Abort.UNSUPPORTED_CALL, 'a function that changes frames or hooks');
  guardBuiltin(r, r.readSlot(slot).ref, builtin);
  const record = recorderOf(id);
  let result: BuiltinResult | null = null;
  if (record !== null) result = record(r, new BuiltinArguments(r, call.func, call.count, call.wanted, slot + 1));
  if (result === null) {
    const end = endOf(id);
    if (end != NO_END) r.abort(end, nameOf(id));
    if (r.trace.functionProto == 0) return callInPlace(r, i, call, id == 0);
    // It may look at the frames, which are not there.
    if (!r.isSide) r.abort(Abort.UNSUPPORTED_CALL, 'a builtin in the code of a whole function');
    r.trace.link = Link.INTERPRETER;
    r.finish();
    return null;
  }
  r.takeSnapshot();
  return new PlacedResults(call, result);
}

/** The results of a builtin that was replaced by IR. */
class PlacedResults extends AfterStep {
  constructor(private call: BuiltinCall, private result: BuiltinResult) {
    super();
  }

  run(r: Recording): void {
    placeResults(r, this.call.func, this.result.values(r), this.call.wanted);
  }
}

/** Proves which builtin is called. Of those that carry a state (the iterators of string.gmatch, say) there are many: then any of its kind will do. */
function guardBuiltin(r: Recording, ref: Ref, builtin: u32): void {
  const id = heap.u32(builtin + BUILTIN_ID);
  if (id != 0 && heap.u32(builtin + BUILTIN_UPVALUE_COUNT) > 0) r.guardField(ref, Field.BUILTIN_ID, id);
  else r.guardEqual(ref, r.ir.pointer(builtin));
}

/**
 * Calls the builtin in the real stack. Its results are read from there; a result of another type, or another number of results where
 * all are wanted, leaves the trace behind the call.
 * @param isHost a function of the host, which may run Lua code
 */
function callInPlace(r: Recording, i: InstructionView, call: BuiltinCall, isHost: bool): AfterStep {
  const func = call.func;
  const iterator = call.iterator;
  if (iterator === null) {
    for (let n = 0; n <= call.count; n++) r.readSlot(func + n);
  } else {
    r.writeSlot(func, iterator.func);
    for (let n = 0; n < iterator.args.length; n++) r.writeSlot(func + 1 + n, iterator.args[n]);
  }
  r.beginInstruction(i.pc, func);
  r.ir.emit(Op.CALLB, Type.VOID, r.ir.small(call.wanted), NONE, NONE, func, call.count);
  return new CalledInPlace(i, func, call.wanted, isHost);
}

/** The builtin has returned. */
class CalledInPlace extends AfterStep {
  constructor(private i: InstructionView, private func: i32, private wanted: i32, private isHost: bool) {
    super();
  }

  run(r: Recording): void {
    const func = this.func;
    const wanted = this.wanted;
    const frame = heap.frame();
    if (frame.pc != this.i.next || frame.base != r.slotAddress(r.frame.base)) r.abort(Abort.UNSUPPORTED_CALL, 'a builtin that calls back');
    const produced = wanted < 0 ? r.slotAt(heap.stackTop()) - func : wanted;
    if (produced > MAX_RESULTS) r.abort(Abort.VARARGS, 'many results of a builtin');
    r.slots.forgetFrom(func);
    const read: Array<i32> = this.isHost ? capturedSlots(r) : [];
    for (let n = 0; n < read.length; n++) r.slots.forget(read[n]);
    for (let n = 0; n < produced; n++) read.push(func + n);
    r.beginInstruction(this.i.next, NOTHING_STAGED, read);
    if (wanted < 0) {
      r.guardEqual(r.field(r.threadRef(), Field.THREAD_TOP), r.slotPointer(func + produced));
      r.openTop = func + produced;
    }
    const values = new Array<Value>();
    for (let n = 0; n < read.length; n++) values.push(loadFromStack(r, read[n]));
    for (let n = 0; n < read.length; n++) r.writeSlot(read[n], values[n]);
  }
}

/** Variables that closures share with the trace: a host function may have run one of them. */
export function capturedSlots(r: Recording): Array<i32> {
  const known = r.slots.known();
  const captured = new Set<i32>();
  for (let n = 0; n < known.length; n++) if (r.isCaptured(known[n])) captured.add(known[n]);
  const open = heap.openLocations(r.rootBase);
  for (let n = 0; n < open.length; n++) captured.add(r.slotAt(open[n]));
  return captured.values();
}

export function loadFromStack(r: Recording, slot: i32): Value {
  const ir = r.ir;
  const tag = heap.tag(r.slotAddress(slot));
  r.guardEqual(ir.emit(Op.STAG, Type.I32, NONE, NONE, NONE, slot), ir.small(tag));
  return new Value(hasPayload(tag) ? ir.emit(Op.LOADS, payloadType(tag), NONE, NONE, NONE, slot) : NONE, tag);
}

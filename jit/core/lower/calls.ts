/**
 * Lowering of calls out of a trace: helpers, the core's slow paths behind inline checks, and builtins in the real stack.
 * A trace imports only what it calls, and never the function table.
 */
import {
  EXIT_LEFT, EXIT_SIZE, EXIT_SYNCED, FRAME_SIZE, MARK_BLACK, OBJECT_MARK, SLOT_SIZE, TABLE_ARRAY_CAPACITY, TABLE_SLOT_CAPACITY,
} from '../../../src/bytecode/layout';
import { refuse } from '../base/host';
import { CoreCall, HELPER_COUNT, importResult, Type } from '../generated/ir-tables';
import { Wasm } from '../generated/wasm-tables';
import { Instruction } from '../ir/trace';
import { FunctionBuilder } from '../wasm/function-builder';
import { EXITS_GLOBAL } from '../wasm/imports';
import { BASE_LOCAL, Emitter, FRAME_LOCAL, ROOM_LOCAL, smallConstant } from './emitter';

const SLOT: i32 = SLOT_SIZE;

/** CALL. Leaves the result on the stack, if the helper has one. @returns whether it has */
export function pushCall(emitter: Emitter, instruction: Instruction): bool {
  const helper = instruction.immediate;
  if (<u32>helper >= <u32>HELPER_COUNT) refuse(`unknown helper ${helper}`);
  const args = instruction.args;
  for (let i = 0; i < args.length; i++) emitter.push(args[i]);
  emitter.builder.call(helper);
  return importResult(helper) != Type.VOID;
}

/** APPEND_ROOM(table, length): the array part takes one more element, or the trace is left. */
export function lowerAppendRoom(emitter: Emitter, instruction: Instruction): void {
  const a = instruction.a;
  const builder = emitter.builder;
  emitter.push(instruction.b);
  emitter.push(a);
  builder.load(Wasm.i32_load, TABLE_ARRAY_CAPACITY);
  builder.op(Wasm.i32_ge_u);
  builder.if();
  emitter.push(a);
  builder.call(CoreCall.APPEND_ROOM);
  builder.op(Wasm.i32_eqz);
  builder.brIf(emitter.exitLabel());
  builder.end();
}

/** SLOT_ROOM(table): the record part has the slot `immediate`, or the trace is left. */
export function lowerSlotRoom(emitter: Emitter, instruction: Instruction): void {
  const a = instruction.a;
  const slot = instruction.immediate;
  const builder = emitter.builder;
  emitter.push(a);
  builder.load(Wasm.i32_load, TABLE_SLOT_CAPACITY);
  builder.i32(slot);
  builder.op(Wasm.i32_le_u);
  builder.if();
  emitter.push(a);
  builder.i32(slot);
  builder.call(CoreCall.SLOT_ROOM);
  builder.op(Wasm.i32_eqz);
  builder.brIf(emitter.exitLabel());
  builder.end();
}

/** BARRIER(owner, value): only a black owner needs the core. */
export function lowerBarrier(emitter: Emitter, instruction: Instruction): void {
  const a = instruction.a;
  const builder = emitter.builder;
  emitter.push(a);
  builder.load(Wasm.i32_load8_u, OBJECT_MARK);
  builder.i32(MARK_BLACK);
  builder.op(Wasm.i32_eq);
  builder.if();
  emitter.push(a);
  emitter.push(instruction.b);
  builder.call(CoreCall.BARRIER);
  builder.end();
}

/** CALLB: a builtin in the real stack. If it left frames to go on with, so does the trace. */
export function lowerBuiltinCall(emitter: Emitter, instruction: Instruction): void {
  const builder = emitter.builder;
  const wanted = smallConstant(emitter, instruction.a);
  if (wanted === null) refuse('CALLB: the number of wanted results is not constant');
  emitter.storeState(instruction.snapshot);
  builder.get(BASE_LOCAL);
  pushExit(builder, emitter.callExit(instruction.snapshot));
  builder.i32(instruction.immediate * SLOT);
  builder.i32(instruction.immediate2);
  builder.i32(wanted!.small);
  builder.call(CoreCall.CALL_BUILTIN);
  builder.i32(0);
  builder.op(Wasm.i32_lt_s);
  builder.if();
  builder.i32(EXIT_SYNCED);
  builder.return();
  builder.end();
}

/** Pushes the address of an exit's descriptor. */
export function pushExit(builder: FunctionBuilder, exit: i32): void {
  builder.global(EXITS_GLOBAL);
  builder.i32(exit);
  scaleExit(builder);
}

/** The same for an exit whose number is in a local. */
export function pushExitOf(builder: FunctionBuilder, local: i32): void {
  builder.global(EXITS_GLOBAL);
  builder.get(local);
  scaleExit(builder);
}

function scaleExit(builder: FunctionBuilder): void {
  builder.i32(EXIT_SIZE);
  builder.op(Wasm.i32_mul);
  builder.op(Wasm.i32_add);
}

/** CALLF: leaves the number of results in a local. If the callee left, so does the trace. */
export function lowerFunctionCall(emitter: Emitter, instruction: Instruction, produced: i32): void {
  const builder = emitter.builder;
  const slot = instruction.immediate;
  const snapshot = instruction.snapshot;
  const proto = smallConstant(emitter, instruction.a);
  if (proto === null) refuse('CALLF: the function is not constant');
  emitter.storeState(snapshot);
  const exit = emitter.callExit(snapshot);
  const address = proto!.small;
  if (<u32>address == emitter.functionProto) {
    pushSum(builder, BASE_LOCAL, (slot + 1) * SLOT);
    pushSum(builder, FRAME_LOCAL, emitter.callFrames(snapshot) * <i32>FRAME_SIZE);
    builder.get(ROOM_LOCAL);
    builder.callSelf();
    builder.tee(produced);
    pushHasLeft(builder);
    builder.if();
    builder.get(BASE_LOCAL);
    builder.get(FRAME_LOCAL);
    pushExit(builder, exit);
    builder.call(CoreCall.UNWIND);
  } else {
    builder.get(BASE_LOCAL);
    pushOwn(emitter, FRAME_LOCAL);
    pushOwn(emitter, ROOM_LOCAL);
    pushExit(builder, exit);
    builder.i32(slot * SLOT);
    builder.i32(address);
    builder.call(CoreCall.CALL_FUNCTION);
    builder.tee(produced);
    pushHasLeft(builder);
    builder.if();
    builder.i32(EXIT_LEFT);
  }
  builder.return();
  builder.end();
  emitter.reloadBudget();
}

/** Pushes a parameter that only the code of a whole function has, 0 in others. */
function pushOwn(emitter: Emitter, local: i32): void {
  if (emitter.functionProto == 0) emitter.builder.i32(0);
  else emitter.builder.get(local);
}

function pushHasLeft(builder: FunctionBuilder): void {
  builder.i32(EXIT_LEFT);
  builder.op(Wasm.i32_eq);
}

function pushSum(builder: FunctionBuilder, local: i32, addend: i32): void {
  builder.get(local);
  builder.i32(addend);
  builder.op(Wasm.i32_add);
}

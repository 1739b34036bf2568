/**
 * The code that is being verified, shared by the two parts of the verifier: its limits, the operands of its instructions, and what is known of each
 * place. Scratch of one verification; nothing of it outlives that.
 */
import {
  PROTO_CODE, PROTO_CODE_SIZE, PROTO_FRAME_SIZE, PROTO_PROTOS, SLOT_SIZE,
} from '../../bytecode/layout';
import { fillInPieces } from '../base/pieces';
import { firstForm, MODE_J, MODE_JC, OP_LFALSESKIP, opcodeWords, operandModes } from '../generated/opcodes';

export let proto: u32 = 0;
export let code: u32 = 0;
export let codeEnd: u32 = 0;
/** Registers of the frame. */
export let registers: u32 = 0;
/** What is wrong, '' for nothing yet. */
export let problem: string = '';

export function startCode(which: u32): void {
  proto = which;
  code = load<u32>(which, PROTO_CODE);
  codeEnd = code + load<u32>(which, PROTO_CODE_SIZE);
  registers = load<u32>(which, PROTO_FRAME_SIZE) / SLOT_SIZE;
  problem = '';
}

export function fail(what: string): bool {
  problem = what;
  return false;
}

/** The opcode, in its first form. */
// @ts-ignore: decorator
@inline export function opAt(pc: u32): u32 { return firstForm(<u32>load<u8>(pc)); }
// @ts-ignore: decorator
@inline export function kAt(pc: u32): u32 { return <u32>load<u8>(pc, 1); }
// @ts-ignore: decorator
@inline export function aAt(pc: u32): u32 { return <u32>load<u16>(pc, 2); }
// @ts-ignore: decorator
@inline export function bAt(pc: u32): u32 { return <u32>load<u16>(pc, 4); }
// @ts-ignore: decorator
@inline export function cAt(pc: u32): u32 { return <u32>load<u16>(pc, 6); }
// @ts-ignore: decorator
@inline export function dAt(pc: u32): u32 { return load<u32>(pc, 4); }
/** Register number in A. */
// @ts-ignore: decorator
@inline export function registerA(pc: u32): u32 { return aAt(pc) / SLOT_SIZE; }
/** Address behind the instruction. */
// @ts-ignore: decorator
@inline export function nextOf(pc: u32): u32 { return pc + (opcodeWords(opAt(pc)) << 3); }
// @ts-ignore: decorator
@inline export function nestedAt(index: u32): u32 { return load<u32>(load<u32>(proto, PROTO_PROTOS) + (index << 2)); }

/** Does the instruction name a place to go on at, besides the one behind it? */
export function hasTarget(op: u32): bool {
  const modes = operandModes(op);
  return op == OP_LFALSESKIP || modes >>> 12 == MODE_J || ((modes >>> 8) & 15) == MODE_JC;
}

/** That place; 0 if it has none, or it is outside of the code. */
export function targetOf(pc: u32): u32 {
  const op = opAt(pc);
  if (!hasTarget(op)) return 0;
  let distance: i64 = 8;
  if (operandModes(op) >>> 12 == MODE_J) distance = <i64>load<i32>(pc, 4);
  else if (op != OP_LFALSESKIP) distance = <i64>load<i16>(pc, 6) << 3;
  const target = <i64>nextOf(pc) + distance;
  return target >= <i64>code && target < <i64>codeEnd && (target & 7) == 0 ? <u32>target : 0;
}

// ---- Places: a word for each word of code. 0: not the beginning of an instruction; INSTRUCTION; or the address of the state of a jump's target.
export const INSTRUCTION: u32 = 1;
let places: u32 = 0;

export function startPlaces(at: u32): void {
  places = at;
  fillInPieces(at, 0, (codeEnd - code) >> 1);
}

// @ts-ignore: decorator
@inline export function placeOf(pc: u32): u32 { return load<u32>(places + ((pc - code) >> 1)); }
// @ts-ignore: decorator
@inline export function setPlace(pc: u32, what: u32): void { store<u32>(places + ((pc - code) >> 1), what); }
// @ts-ignore: decorator
@inline export function isTarget(pc: u32): bool { return placeOf(pc) > INSTRUCTION; }

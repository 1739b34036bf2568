/**
 * Verifies bytecode that did not come from the compiler: what passes here can be executed, recorded and compiled as if it did. It cannot reach outside of
 * its frame, its constants or its closure, and it reads no register that it has not written, whatever the values it meets.
 *
 * Checked for each function:
 *   (1) every operand is in range and scaled, constants have the type their instruction relies on;
 *   (2) every jump goes to an instruction of the function, forward unless it is a loop's, and execution cannot run off the end;
 *   (3) the instructions of a `for` belong together;
 *   (4) open lists (B or C = 0) have exactly one producer, directly in front of their consumer, and start above its fixed operands;
 *   (5) a vararg function begins with VARARGPREP and returns from its moved frame; others never touch variable arguments;
 *   (6) what flow.ts demands of the registers.
 * (1) to (5) look at one instruction, or at two neighbours. The work is paid for, so a limit of the host's stops it.
 */
import {
  LOCAL_DESC_END, LOCAL_DESC_REGISTER, LOCAL_DESC_SIZE, LOCAL_DESC_START, MAX_SHORT_STRING, PROTO_CONSTANTS, PROTO_CONSTANT_COUNT, PROTO_IS_VARARG,
  PROTO_LOCALS, PROTO_LOCAL_COUNT, PROTO_PARAMETER_COUNT, PROTO_PROTOS, PROTO_PROTO_COUNT, PROTO_UPVALUES, PROTO_UPVALUE_COUNT, SETLIST_LAST, SLOT_SIZE,
  STRING_LENGTH, TAG_INT, TAG_STRING, UPVALUE_DESC_FROM_STACK, UPVALUE_DESC_INDEX, UPVALUE_DESC_KIND, UPVALUE_DESC_SIZE,
} from '../../bytecode/layout';
import { work } from '../base/budget';
import { fillInPieces } from '../base/pieces';
import { bufferReserve, bufferStart } from '../strings/buffer';
import {
  firstForm, hasLoopCounter, MODE_K, MODE_KD, MODE_P, MODE_R, MODE_RK, MODE_RW, MODE_U, MODE_W, needsName, needsNumber, OP_CALL, OP_CONCAT, OP_FORLOOP,
  OP_FORPREP, OP_LOADNIL, OP_RETURN, OP_RETURN0, OP_RETURN1, OP_SELF, OP_SETLIST, OP_TAILCALL, OP_TFORCALL, OP_TFORLOOP, OP_TFORPREP,
  OP_VARARG, OP_VARARGPREP, OPCODE_COUNT, operandModes,
} from '../generated/opcodes';
import { pointerOf, tagOf } from '../base/value';
import {
  aAt, bAt, cAt, code, codeEnd, dAt, fail, hasTarget, INSTRUCTION, isTarget, kAt, nestedAt, nextOf, opAt, placeOf, problem, proto, registerA,
  registers, setPlace, startCode, startPlaces, targetOf,
} from './code';
import { BYTES_AT_ONCE } from './format';
import { hasRegister } from './register-set';
import { isOfLoop, reads, STATE_SIZE, walk, WALK_SIZE } from './flow';

const MAX_REGISTERS: u32 = 255;
const MAX_UPVALUES: u32 = 255;
const MAX_UPVALUE_KIND: u32 = 3;
/** Bound of SETLIST's index: beyond it no table has room. */
const MAX_LIST: u32 = 0x3fffffff;

const WORD: u32 = 8;

// ---- Operands

// @ts-ignore: decorator
@inline function isRegister(n: u32): bool { return n < registers || fail('invalid register'); }
/** Registers [first, first + count). */
// @ts-ignore: decorator
@inline function areRegisters(first: u32, count: i32): bool { return count <= 0 || isRegister(first + <u32>count - 1); }

function isConstant(index: u32): bool { return index < load<u32>(proto, PROTO_CONSTANT_COUNT) || fail('invalid constant'); }

function isOperand(mode: u32, value: u32, k: u32): bool {
  const isScaled = mode == MODE_R || mode == MODE_W || mode == MODE_RW || mode == MODE_RK || mode == MODE_K;
  if (isScaled && value % SLOT_SIZE) return fail('misaligned operand');
  switch (mode) {
    case MODE_R:
    case MODE_W:
    case MODE_RW: return isRegister(value / SLOT_SIZE);
    case MODE_RK: return k ? isConstant(value / SLOT_SIZE) : isRegister(value / SLOT_SIZE);
    case MODE_K: return isConstant(value / SLOT_SIZE);
    case MODE_KD: return isConstant(value);
    case MODE_U: return value < load<u32>(proto, PROTO_UPVALUE_COUNT) || fail('invalid upvalue');
    case MODE_P: return value < load<u32>(proto, PROTO_PROTO_COUNT) || fail('invalid function');
    default: return true;
  }
}

/** Has the constant operand the type that its instruction relies on? */
function fitsConstant(pc: u32): bool {
  const op = opAt(pc);
  const isB = ((operandModes(op) >>> 4) & 15) == MODE_K;
  const constant = load<u32>(proto, PROTO_CONSTANTS) + (isB ? bAt(pc) : cAt(pc));
  if (needsNumber(op)) return tagOf(constant) - TAG_INT < 2 || fail('invalid numeric constant');
  if (!needsName(op)) return true;
  return (tagOf(constant) == TAG_STRING && load<u32>(pointerOf(constant), STRING_LENGTH) <= MAX_SHORT_STRING) || fail('invalid field name');
}

function verifyOperands(pc: u32): bool {
  const modes = operandModes(opAt(pc));
  const k = kAt(pc);
  if (k > 1) return fail('invalid operand');
  if (!isOperand(modes & 15, aAt(pc), k)) return false;
  if (modes >>> 12) return isOperand(modes >>> 12, dAt(pc), k);
  return isOperand((modes >>> 4) & 15, bAt(pc), k) && isOperand((modes >>> 8) & 15, cAt(pc), k) && fitsConstant(pc);
}

/** Operands that are ranges of registers. */
function verifyRanges(pc: u32): bool {
  const a = registerA(pc);
  const b = bAt(pc);
  const c = <i32>cAt(pc);
  switch (opAt(pc)) {
    case OP_LOADNIL: return areRegisters(a, b + 1);
    case OP_SELF: return areRegisters(a, 2);
    case OP_CONCAT: return b < 2 ? fail('invalid operand') : areRegisters(a, b);
    case OP_CALL: return areRegisters(a, b) && areRegisters(a, c - 1);
    case OP_TAILCALL: return areRegisters(a, b);
    case OP_RETURN: return areRegisters(a, b - 1);
    case OP_FORPREP:
    case OP_FORLOOP:
    case OP_TFORPREP: return areRegisters(a, 4);
    case OP_TFORLOOP: return areRegisters(a, 5);
    // The iterator is called with two arguments.
    case OP_TFORCALL: return b < 1 ? fail('invalid operand') : areRegisters(a, 4 + max<i32>(b, 3));
    case OP_SETLIST: return load<u32>(pc, SETLIST_LAST) > MAX_LIST ? fail('invalid operand') : areRegisters(a, b);
    case OP_VARARG: return load<u32>(proto, PROTO_IS_VARARG) ? areRegisters(a, c - 1) : fail('invalid variable arguments');
    default: return true;
  }
}

// ---- Jumps

function isPlace(pc: u32, op: u32, a: u32): bool { return pc >= code && pc < codeEnd && placeOf(pc) != 0 && opAt(pc) == op && aAt(pc) == a; }

/** Do the instructions of a `for` belong together? */
function verifyLoop(pc: u32, target: u32): bool {
  const a = aAt(pc);
  switch (opAt(pc)) {
    case OP_FORPREP: return isPlace(target - 2 * WORD, OP_FORLOOP, a) || fail('invalid loop');
    case OP_FORLOOP: return isPlace(target - WORD, OP_FORPREP, a) || fail('invalid loop');
    case OP_TFORPREP: return isPlace(target, OP_TFORCALL, a) || fail('invalid loop');
    case OP_TFORLOOP: return (isPlace(target - WORD, OP_TFORPREP, a) && isPlace(pc - WORD, OP_TFORCALL, a)) || fail('invalid loop');
    default: return true;
  }
}

function verifyJump(pc: u32): bool {
  if (!hasTarget(opAt(pc))) return true;
  const target = targetOf(pc);
  if (!target || !placeOf(target)) return fail('invalid jump');
  if (hasLoopCounter(opAt(pc)) ? target > pc : target < nextOf(pc)) return fail('invalid jump');
  if (target == code && load<u32>(proto, PROTO_IS_VARARG)) return fail('invalid jump');
  return verifyLoop(pc, target);
}

// ---- Lists and returns

function isOpenProducer(pc: u32): bool {
  const op = opAt(pc);
  return op == OP_TAILCALL || ((op == OP_CALL || op == OP_VARARG) && cAt(pc) == 0);
}

function isOpenConsumer(pc: u32): bool {
  const op = opAt(pc);
  return (op == OP_CALL || op == OP_TAILCALL || op == OP_RETURN || op == OP_SETLIST) && bAt(pc) == 0;
}

/** @param before the instruction in front, 0 for none */
function verifyOpenList(pc: u32, before: u32): bool {
  const next = nextOf(pc);
  if (opAt(pc) == OP_TAILCALL && (next == codeEnd || opAt(next) != OP_RETURN)) return fail('tail call without return');
  if (isOpenProducer(pc) && (next == codeEnd || !isOpenConsumer(next))) return fail('open list without use');
  if (!isOpenConsumer(pc)) return true;
  if (!before || !isOpenProducer(before)) return fail('open list without values');
  // The list begins behind what the instruction needs in front of it.
  if (aAt(before) < aAt(pc) + (opAt(pc) == OP_RETURN ? 0 : SLOT_SIZE)) return fail('open list out of place');
  return !isTarget(pc) || fail('jump into an open list');
}

function verifyReturn(pc: u32): bool {
  const isVararg = load<u32>(proto, PROTO_IS_VARARG) != 0;
  const op = opAt(pc);
  if (op == OP_RETURN0 || op == OP_RETURN1) return !isVararg || fail('invalid return');
  if (op != OP_RETURN && op != OP_TAILCALL) return true;
  return cAt(pc) == (isVararg ? load<u32>(proto, PROTO_PARAMETER_COUNT) + 1 : 0) || fail('invalid return');
}

// ---- Functions

/** Everything but code. */
function verifyShape(): bool {
  const parameters = load<u32>(proto, PROTO_PARAMETER_COUNT);
  if (registers < 2 || registers > MAX_REGISTERS || parameters > registers) return fail('invalid frame size');
  if (load<u32>(proto, PROTO_UPVALUE_COUNT) > MAX_UPVALUES) return fail('too many upvalues');
  let local = load<u32>(proto, PROTO_LOCALS);
  for (let left = load<u32>(proto, PROTO_LOCAL_COUNT); left; left--, local += LOCAL_DESC_SIZE) {
    const end = load<u32>(local, LOCAL_DESC_END);
    if (load<u32>(local, LOCAL_DESC_REGISTER) >= registers || load<u32>(local, LOCAL_DESC_START) > end || end > codeEnd - code) return fail('invalid local variable');
  }
  if (code == codeEnd) return fail('function does not end with a return');
  const isVararg = load<u32>(proto, PROTO_IS_VARARG) != 0;
  const begins = <u32>load<u8>(code) == OP_VARARGPREP;
  return (isVararg == begins && (!isVararg || aAt(code) == parameters)) || fail('invalid variable arguments');
}

/** Is the code a list of instructions? */
function verifyOpcodes(): bool {
  let last: u32 = 0;
  for (let pc = code; pc < codeEnd; pc = nextOf(pc)) {
    last = <u32>load<u8>(pc);
    // A loop's other forms name counters and traces that only this engine's core may write.
    if (last >= OPCODE_COUNT || firstForm(last) != last) return fail('invalid opcode');
    if (last == OP_VARARGPREP && pc != code) return fail('misplaced VARARGPREP');
  }
  return last == OP_RETURN || last == OP_RETURN0 || last == OP_RETURN1 || fail('function does not end with a return');
}

function countJumps(): u32 {
  let jumps: u32 = 0;
  for (let pc = code; pc < codeEnd; pc = nextOf(pc)) jumps += <u32>hasTarget(opAt(pc));
  return jumps;
}

/** Prepares what is known of places. @returns scratch for `walk` */
function layOut(jumps: u32): u32 {
  const placesSize = ((codeEnd - code) / 2 + 15) & ~15;
  bufferStart();
  const scratch = bufferReserve(placesSize + WALK_SIZE + jumps * STATE_SIZE);
  startPlaces(scratch);
  for (let pc = code; pc < codeEnd; pc = nextOf(pc)) setPlace(pc, INSTRUCTION);
  let state = scratch + placesSize + WALK_SIZE;
  fillInPieces(scratch + placesSize, 0, WALK_SIZE + jumps * STATE_SIZE);
  for (let pc = code; pc < codeEnd; pc = nextOf(pc)) {
    const target = targetOf(pc);
    if (!target || placeOf(target) != INSTRUCTION) continue;
    setPlace(target, state);
    state += STATE_SIZE;
  }
  return scratch + placesSize;
}

function verifyFunction(): bool {
  work(codeEnd - code);
  if (!verifyShape() || !verifyOpcodes()) return false;
  const scratch = layOut(countJumps());
  for (let pc = code, before: u32 = 0, seen = code; pc < codeEnd; before = pc, pc = nextOf(pc)) {
    if (pc - seen >= BYTES_AT_ONCE) {
      work(BYTES_AT_ONCE);
      seen = pc;
    }
    if (!(verifyOperands(pc) && verifyRanges(pc) && verifyJump(pc) && verifyReturn(pc) && verifyOpenList(pc, before))) return false;
  }
  return walk(scratch, 0);
}

/** Do the upvalues of the function nested at `index` name variables that there are? */
function verifyUpvalues(nested: u32): bool {
  let description = load<u32>(nested, PROTO_UPVALUES);
  for (let left = load<u32>(nested, PROTO_UPVALUE_COUNT); left; left--, description += UPVALUE_DESC_SIZE) {
    const bound = load<u8>(description, UPVALUE_DESC_FROM_STACK) ? registers : load<u32>(proto, PROTO_UPVALUE_COUNT);
    if (<u32>load<u8>(description, UPVALUE_DESC_INDEX) >= bound || load<u8>(description, UPVALUE_DESC_KIND) > MAX_UPVALUE_KIND) return fail('invalid upvalue');
  }
  return true;
}

function verifyAll(main: u32): bool {
  startCode(main);
  const count = load<u32>(main, PROTO_PROTO_COUNT);
  for (let i: u32 = 0; i < count; i++) if (!verifyUpvalues(nestedAt(i))) return false;
  if (!verifyFunction()) return false;
  for (let i: u32 = 0; i < count; i++) {
    if (!verifyAll(load<u32>(load<u32>(main, PROTO_PROTOS) + (i << 2)))) return false;
  }
  return true;
}

/** What is wrong with a prototype or one that it contains; '' if it can be run. */
export function findDefect(main: u32): string {
  verifyAll(main);
  // Gives large scratch back.
  bufferStart();
  return problem;
}

/** Host API: has the register been written when execution is at `pc` (an offset in the code)? Others hold what calls have left there. The prototype is valid. */
export function isAssigned(valid: u32, pc: u32, register: u32): bool {
  startCode(valid);
  const scratch = layOut(countJumps());
  return walk(scratch, code + pc) && hasRegister(scratch, register);
}

/** Host API: does the code read the register from `pc` on, before it writes it? Compiled code leaves no others behind. */
export function isLive(valid: u32, pc: u32, register: u32): bool {
  startCode(valid);
  return reads(layOut(countJumps()), code + pc, register);
}

/** Host API: does a counting loop that runs at `pc` rely on the register to hold a number? */
export function isLoopState(valid: u32, pc: u32, register: u32): bool {
  startCode(valid);
  const scratch = layOut(countJumps());
  return walk(scratch, code + pc) && isOfLoop(scratch, register);
}

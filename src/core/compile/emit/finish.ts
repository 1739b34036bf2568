/**
 * The end of a function: its code with all jumps encoded, its constants and debug data become a prototype.
 *
 * Forward jumps to a JMP go where it goes. Comparisons carry a 16-bit jump; where that does not reach, the condition is inverted and jumps
 * over a JMP with the full reach (note 7 of the opcode table). Only functions of more than MAX_SHORT_JUMP words can need that: for all others a
 * word's place in the buffer is its place in the code.
 */
import {
  LOCAL_DESC_END, LOCAL_DESC_SIZE, LOCAL_DESC_START, PROTO_CODE, PROTO_CONSTANTS, PROTO_FRAME_SIZE, PROTO_IS_VARARG, PROTO_LAST_LINE_DEFINED,
  PROTO_LINE_DEFINED, PROTO_PARAMETER_COUNT, PROTO_SOURCE, SLOT_SIZE, UPVALUE_DESC_SIZE,
} from '../../../bytecode/layout';
import { OP_JMP, OP_MOVE, OP_TEST, OP_TESTSET } from '../../generated/opcodes';
import { freeRaw } from '../../memory/free';
import {
  newCode, newConstants, newLines, newLocalDescriptions, newNested, newPrototype, newUpvalueDescriptions,
} from '../../objects/prototype';
import { work } from '../../base/budget';
import { bufferAddress, bufferSize, cutBuffer, pushBytes } from '../state/buffers';
import { CHUNK_NAME, PROTOTYPES, RECORDS, TEXT } from '../state/cells';
import {
  F_FIRST_PROTOTYPE, F_FIRST_RECORD, F_IS_VARARG, F_LINE, F_MAX_STACK, F_PARAMETERS, F_UPVALUES, F_UPVALUE_COUNT, F_UPVALUE_ROOM, F_WORDS, W_HIGH, W_LINE,
} from '../state/records';
import { HAS_CACHE, JUMPS_SHORT, NO_JUMP, opAt, setTarget, targetOf, traitsOf, wordAt } from './code';
import { constantCount, takeConstants } from './constants';

/** Bytes of a word of code. */
const WORD: u32 = 8;
/** Words between two looks at the limits. */
const WORDS_AT_ONCE: i32 = 4096;
/** Reach of the 16-bit jump of a comparison, in words. */
const MAX_SHORT_JUMP: i32 = 0x7fff;

/** The prototype of a function whose code is complete. */
export function finishPrototype(f: u32, lastLine: u32): u32 {
  const proto = newPrototype();
  store<u32>(proto, load<u32>(CHUNK_NAME), PROTO_SOURCE);
  store<u32>(proto, load<u32>(f, F_PARAMETERS), PROTO_PARAMETER_COUNT);
  store<u32>(proto, load<u32>(f, F_IS_VARARG), PROTO_IS_VARARG);
  store<u32>(proto, load<u32>(f, F_MAX_STACK) * SLOT_SIZE, PROTO_FRAME_SIZE);
  store<u32>(proto, load<u32>(f, F_LINE), PROTO_LINE_DEFINED);
  store<u32>(proto, lastLine, PROTO_LAST_LINE_DEFINED);
  const size = load<i32>(f, F_WORDS);
  threadJumps(size);
  const moved = size > MAX_SHORT_JUMP ? placeWords(size) : 0;
  const codeSize = moved ? load<i32>(moved + 4 * size) : size;
  newCode(proto, codeSize);
  writeCode(load<u32>(proto, PROTO_CODE), newLines(proto), size, moved);
  newConstants(proto, constantCount());
  takeConstants(load<u32>(proto, PROTO_CONSTANTS));
  finishUpvalues(proto, f);
  finishLocals(proto, f, moved);
  const nested = bufferSize(PROTOTYPES) - load<u32>(f, F_FIRST_PROTOTYPE);
  memory.copy(newNested(proto, nested / 4), bufferAddress(PROTOTYPES) + load<u32>(f, F_FIRST_PROTOTYPE), nested);
  return proto;
}

function finishUpvalues(proto: u32, f: u32): void {
  const upvalues = load<u32>(f, F_UPVALUES);
  if (!upvalues) return;
  const count = load<u32>(f, F_UPVALUE_COUNT);
  memory.copy(newUpvalueDescriptions(proto, count), upvalues, count * UPVALUE_DESC_SIZE);
  store<u32>(f, 0, F_UPVALUES);
  freeRaw(upvalues, load<u32>(f, F_UPVALUE_ROOM));
}

/** Positions in words become offsets in bytes. */
function finishLocals(proto: u32, f: u32, moved: u32): void {
  const size = bufferSize(RECORDS) - load<u32>(f, F_FIRST_RECORD);
  const locals = newLocalDescriptions(proto, size / LOCAL_DESC_SIZE);
  memory.copy(locals, bufferAddress(RECORDS) + load<u32>(f, F_FIRST_RECORD), size);
  for (let local = locals; local < locals + size; local += LOCAL_DESC_SIZE) {
    store<u32>(local, placeOf(load<i32>(local, LOCAL_DESC_START), moved) * WORD, LOCAL_DESC_START);
    store<u32>(local, placeOf(load<i32>(local, LOCAL_DESC_END), moved) * WORD, LOCAL_DESC_END);
  }
}

// ---- Code

// @ts-ignore: decorator
@inline function placeOf(at: i32, moved: u32): i32 { return moved ? load<i32>(moved + 4 * at) : at; }

/** Code is gone over word by word. */
// @ts-ignore: decorator
@inline function lookNowAndThen(at: i32): void { if ((at & (WORDS_AT_ONCE - 1)) == WORDS_AT_ONCE - 1) work(WORDS_AT_ONCE); }

function threadJumps(size: i32): void {
  // From the end, so that the jump a jump goes to has its final target. JMPs only go forward. (A target is always an instruction, never a cache
  // word that looks like one; cache words have no target.)
  for (let at = size - 1; at >= 0; at--) {
    lookNowAndThen(at);
    const target = targetOf(at);
    if (target <= at || target == size) continue;
    const op = opAt(at);
    if (op != OP_JMP && op != OP_TEST && !(traitsOf(op) & JUMPS_SHORT)) continue;
    if (opAt(target) == OP_JMP) setTarget(at, targetOf(target));
  }
}

/** Words an out-of-reach short jump grows by. TESTSET becomes TEST, MOVE, JMP. */
// @ts-ignore: decorator
@inline function growthOf(op: u32): i32 { return op == OP_TESTSET ? 2 : 1; }

/** Finds a place for each word of long code. @returns u32[size + 1], the new position of each old one; a word that grows has more than one place */
function placeWords(size: i32): u32 {
  cutBuffer(TEXT, 0);
  const moved = pushBytes(TEXT, 4 * (size + 1));
  for (let at = 0; at <= size; at++) store<i32>(moved + 4 * at, at);
  // Growing one jump can put another out of reach; growth only adds, so this ends.
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    let added = 0;
    for (let at = 0; at < size; at++) {
      lookNowAndThen(at);
      const target = targetOf(at);
      const place = load<i32>(moved + 4 * at);
      const grown = load<i32>(moved + 4 * at + 4) - place - 1;
      store<i32>(moved + 4 * at, place + added);
      if (target == NO_JUMP || grown || !(traitsOf(opAt(at)) & JUMPS_SHORT)) continue;
      if (load<i32>(moved + 4 * target) - (place + 1) <= MAX_SHORT_JUMP) continue;
      added += growthOf(opAt(at));
      isChanged = true;
    }
    store<i32>(moved + 4 * size, load<i32>(moved + 4 * size) + added);
  }
  return moved;
}

function writeCode(code: u32, lines: u32, size: i32, moved: u32): void {
  for (let at = 0; at < size; at++) {
    lookNowAndThen(at);
    const word = wordAt(at);
    const place = placeOf(at, moved);
    const grown = moved ? placeOf(at + 1, moved) - place - 1 : 0;
    const target = targetOf(at);
    const out = code + place * WORD;
    store<u32>(out, load<u32>(word));
    store<u32>(out, load<u32>(word, W_HIGH), 4);
    for (let i = place; i <= place + grown; i++) store<u32>(lines + 4 * i, load<u32>(word, W_LINE));
    if (target == NO_JUMP) continue;
    const op = opAt(at);
    const traits = traitsOf(op);
    const destination = placeOf(target, moved);
    if (grown) {
      writeFarJump(out, op, grown);
      store<u32>(out + grown * WORD, OP_JMP);
      store<i32>(out + grown * WORD, (destination - (place + grown + 1)) * WORD, 4);
    } else if (traits & JUMPS_SHORT) store<u16>(out, destination - (place + 1), 6);
    else store<i32>(out, (destination - (place + (traits & HAS_CACHE ? 2 : 1))) * WORD, 4);
  }
}

/** The condition of a short jump, inverted: over the `grown` words behind it. */
function writeFarJump(out: u32, op: u32, grown: i32): void {
  store<u8>(out, load<u8>(out, 1) ^ 1, 1);
  if (op != OP_TESTSET) {
    store<u16>(out, grown, 6);
    return;
  }
  const destination = <u32>load<u16>(out, 2);
  const source = <u32>load<u16>(out, 4);
  store<u8>(out, OP_TEST);
  store<u16>(out, source, 2);
  store<i32>(out, grown * WORD, 4);
  store<u64>(out, OP_MOVE | (destination << 16) | (<u64>source << 32), WORD);
}

/**
 * Lets values whose lives do not overlap share a local. Lowering gives each value a local of its own; V8 carries the state of all locals to every
 * branch, and a trace is nearly all branches: its first tier takes half the time with a tenth of the locals, its second two thirds.
 *
 * Liveness by blocks, interference where something is set, and colours in the order of the locals (Chaitin et al., "Register allocation via coloring"). A copy
 * does not make its sides interfere, and goes if they come to be the same.
 */
import { BitRows } from '../base/bit-rows';
import { Type } from '../generated/ir-tables';
import { Immediate, immediatesOf, Wasm } from '../generated/wasm-tables';
import { CodeBlocks, NOWHERE, readBlocks, wordsOf } from './code-blocks';
import { FunctionCode } from './function-code';

const NO_COLOUR: i32 = -1;
const TYPES: i32 = 3;

export function coalesceLocals(code: FunctionCode): void {
  const blocks = readBlocks(code.body);
  const locals = code.parameterCount + code.locals.length;
  const live = liveAtEntries(blocks, locals);
  const colours = colour(code, interference(code, blocks, live), blocks);
  rename(code, colours);
}

/** By block: the locals that are read behind its beginning before they are set. */
function liveAtEntries(blocks: CodeBlocks, locals: i32): BitRows {
  const count = blocks.count;
  const live = new BitRows(count + 1, locals);
  // The last row is scratch.
  for (let hasChanged: bool = true; hasChanged; ) {
    hasChanged = false;
    for (let block = count - 1; block >= 0; block--) {
      liveAtEnd(blocks, block, live, count);
      for (let at = blocks.accessesEnd(block) - 1; at >= blocks.accessesBegin(block); at--) {
        if (blocks.sets[at] != 0) live.remove(count, blocks.accessed[at]);
        else live.add(count, blocks.accessed[at]);
      }
      // Blocks in front of a loop's end have been seen already; only what jumps back can bring something new to them.
      if (live.copy(count, block) && blocks.isLoop[block] != 0) hasChanged = true;
    }
  }
  return live;
}

/** Makes a row of what is live at the end of a block. */
function liveAtEnd(blocks: CodeBlocks, block: i32, live: BitRows, row: i32): void {
  live.clear(row);
  if (blocks.fallsThrough[block] != 0) live.merge(row, live, block + 1);
  const target = blocks.targetOf(block);
  if (target != NOWHERE) live.merge(row, live, target);
}

/** By local: those that hold another value at a time when it holds one. */
function interference(code: FunctionCode, blocks: CodeBlocks, live: BitRows): BitRows {
  const parameters = code.parameterCount;
  const locals = parameters + code.locals.length;
  const result = new BitRows(locals, locals);
  const now = blocks.count;
  for (let block = 0; block < now; block++) {
    liveAtEnd(blocks, block, live, now);
    for (let at = blocks.accessesEnd(block) - 1; at >= blocks.accessesBegin(block); at--) {
      const local = blocks.accessed[at];
      if (blocks.sets[at] == 0) {
        live.add(now, local);
        continue;
      }
      live.remove(now, local);
      const source = blocks.copied[at];
      const isSourceLive = source >= 0 && live.has(now, source);
      if (isSourceLive) live.remove(now, source);
      result.merge(local, live, now);
      if (isSourceLive) live.add(now, source);
    }
  }
  // What is live at the beginning are parameters, and locals that are zero there.
  for (let local = 0; local < locals; local++) {
    if (local >= parameters && !live.has(0, local)) continue;
    result.merge(local, live, 0);
    for (let parameter = 0; parameter < parameters; parameter++) result.add(local, parameter);
  }
  result.mirror();
  return result;
}

/** The new number of each local. */
function colour(code: FunctionCode, interferes: BitRows, blocks: CodeBlocks): StaticArray<i32> {
  const parameters = code.parameterCount;
  const locals = parameters + code.locals.length;
  const partners = new StaticArray<i32>(locals).fill(NO_COLOUR);
  for (let at = 0; at < blocks.copied.length; at++) {
    const source = blocks.copied[at];
    if (source < 0) continue;
    partners[source] = blocks.accessed[at];
    partners[blocks.accessed[at]] = source;
  }
  const colours = new StaticArray<i32>(locals).fill(NO_COLOUR);
  const types = new Array<i32>();
  for (let local = 0; local < locals; local++) {
    const type = local < parameters ? Type.I32 : code.locals[local - parameters];
    colours[local] = local < parameters ? local : choose(local, type, colours, types, interferes, partners[local]);
    if (colours[local] == types.length) types.push(type);
  }
  return sortByType(code, colours, types);
}

/** A colour of the type that nothing has with which the local interferes: its partner's if it may be. */
function choose(local: i32, type: i32, colours: StaticArray<i32>, types: Array<i32>, interferes: BitRows, partner: i32): i32 {
  const taken = new StaticArray<u8>(types.length);
  for (let other = interferes.next(local, 0); other >= 0; other = interferes.next(local, other + 1)) {
    if (colours[other] != NO_COLOUR) taken[colours[other]] = 1;
  }
  const preferred = partner == NO_COLOUR ? NO_COLOUR : colours[partner];
  if (preferred != NO_COLOUR && taken[preferred] == 0 && types[preferred] == type) return preferred;
  for (let colour = 0; colour < types.length; colour++) {
    if (taken[colour] == 0 && types[colour] == type) return colour;
  }
  return types.length;
}

/** Numbers the colours so that those of a type stand together, and makes locals of them. */
function sortByType(code: FunctionCode, colours: StaticArray<i32>, types: Array<i32>): StaticArray<i32> {
  const parameters = code.parameterCount;
  const numbers = new StaticArray<i32>(types.length);
  for (let colour = 0; colour < parameters; colour++) numbers[colour] = colour;
  code.locals = [];
  for (let type = 0; type < TYPES; type++) {
    for (let colour = parameters; colour < types.length; colour++) {
      if (types[colour] == type) numbers[colour] = parameters + code.locals.push(type) - 1;
    }
  }
  for (let local = 0; local < colours.length; local++) colours[local] = numbers[colours[local]];
  return colours;
}

/** Gives all locals their new numbers, and drops copies of a local to itself. */
function rename(code: FunctionCode, numbers: StaticArray<i32>): void {
  const body = code.body;
  let to = 0;
  /** The local that the instruction in front of this one has read. */
  let read = NOWHERE;
  for (let at = 0; at < body.length; ) {
    const op = body[at];
    const kind = immediatesOf(op);
    if (kind == Immediate.LOCAL) {
      const number = numbers[body[at + 1]];
      at += 2;
      if (op == Wasm.local_set && read == number) {
        to -= 2;
        read = NOWHERE;
        continue;
      }
      read = op == Wasm.local_get ? number : NOWHERE;
      body[to++] = op;
      body[to++] = number;
      continue;
    }
    read = NOWHERE;
    for (let words = wordsOf(kind); words > 0; words--) body[to++] = body[at++];
  }
  body.length = to;
}

/**
 * A trace as words: what passes between the core and its host (jit/ir/flat-trace.ts), and from recordings to compilations.
 *
 *     words (all of them), number, startPc, parent, parentExit, functionProto, link, linkPc, linkTrace, endSnapshot, resultSnapshot, stackSlots,
 *     instructions, constants, snapshots, dead slots (their numbers), calls of library functions in place (CALLB), those of a round, frames at the end above the root's
 *     each instruction: op, type, a, b, c, immediate, immediate2, snapshot, arguments, ...
 *     each constant: op, low, high
 *     each snapshot: pc, length, entries, frames, in stack; slot, ref, tag of each; base, callerPc, results, kind of each; ...
 *     dead slots
 */
import { Op } from '../generated/ir-tables';
import { Constant, Instruction, Snapshot, SnapshotEntry, SnapshotFrame, Trace } from './trace';

export class WordWriter {
  words: Array<i32> = [];

  put(word: i32): void {
    this.words.push(word);
  }
}

export class WordReader {
  constructor(public at: usize) {}

  next(): i32 {
    const word = load<i32>(this.at);
    this.at += 4;
    return word;
  }
}

export function writeTrace(trace: Trace, out: WordWriter): void {
  const start = out.words.length;
  const instructions = trace.instructions;
  const constants = trace.constants;
  const snapshots = trace.snapshots;
  out.put(0);
  out.put(trace.number);
  out.put(trace.startPc);
  out.put(trace.parent);
  out.put(trace.parentExit);
  out.put(trace.functionProto);
  out.put(trace.link);
  out.put(trace.linkPc);
  out.put(trace.linkTrace);
  out.put(trace.endSnapshot);
  out.put(trace.resultSnapshot);
  out.put(trace.stackSlots);
  out.put(instructions.length);
  out.put(constants.length);
  out.put(snapshots.length);
  out.put(trace.deadSlots.length);
  putCalls(instructions, out);
  out.put(trace.endSnapshot < 0 ? 0 : snapshots[trace.endSnapshot].frames.length);
  for (let i = 0; i < instructions.length; i++) {
    const instruction = instructions[i];
    out.put(instruction.op);
    out.put(instruction.type);
    out.put(instruction.a);
    out.put(instruction.b);
    out.put(instruction.c);
    out.put(instruction.immediate);
    out.put(instruction.immediate2);
    out.put(instruction.snapshot);
    const args = instruction.args;
    out.put(args.length);
    for (let n = 0; n < args.length; n++) out.put(args[n]);
  }
  for (let i = 0; i < constants.length; i++) {
    const constant = constants[i];
    out.put(constant.op);
    out.put(<i32>constant.bits);
    out.put(<i32>(constant.bits >> 32));
  }
  for (let i = 0; i < snapshots.length; i++) writeSnapshot(snapshots[i], out);
  for (let i = 0; i < trace.deadSlots.length; i++) out.put(trace.deadSlots[i]);
  out.words[start] = out.words.length - start;
}

/** Calls in all, and behind the pre-roll, if there is one. */
function putCalls(instructions: Array<Instruction>, out: WordWriter): void {
  let calls = 0;
  let before = 0;
  for (let i = 0; i < instructions.length; i++) {
    const op = instructions[i].op;
    if (op == Op.CALLB) calls++;
    else if (op == Op.LOOP) before = calls;
  }
  out.put(calls);
  out.put(calls - before);
}

/** Without their number. */
export function writeFrames(frames: Array<SnapshotFrame>, out: WordWriter): void {
  for (let i = 0; i < frames.length; i++) {
    const frame = frames[i];
    out.put(frame.base);
    out.put(frame.callerPc);
    out.put(frame.results);
    out.put(frame.kind);
  }
}

function writeSnapshot(snapshot: Snapshot, out: WordWriter): void {
  const entries = snapshot.entries;
  const frames = snapshot.frames;
  const inStack = snapshot.inStack;
  out.put(snapshot.pc);
  out.put(snapshot.length);
  out.put(entries.length);
  out.put(frames.length);
  out.put(inStack.length);
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i];
    out.put(entry.slot);
    out.put(entry.ref);
    out.put(entry.tag);
  }
  writeFrames(frames, out);
  for (let i = 0; i < inStack.length; i++) out.put(inStack[i]);
}

export function readTrace(words: WordReader): Trace {
  words.next();
  const number = words.next();
  const startPc = words.next();
  const parent = words.next();
  const parentExit = words.next();
  const trace = new Trace(number, startPc, parent, parentExit, words.next());
  trace.link = words.next();
  trace.linkPc = words.next();
  trace.linkTrace = words.next();
  trace.endSnapshot = words.next();
  trace.resultSnapshot = words.next();
  trace.stackSlots = words.next();
  const instructionCount = words.next();
  const constantCount = words.next();
  const snapshotCount = words.next();
  const deadCount = words.next();
  words.at += 3 * 4;
  for (let i = 0; i < instructionCount; i++) {
    const instruction = new Instruction(words.next(), words.next());
    instruction.a = words.next();
    instruction.b = words.next();
    instruction.c = words.next();
    instruction.immediate = words.next();
    instruction.immediate2 = words.next();
    instruction.snapshot = words.next();
    const argumentCount = words.next();
    if (argumentCount > 0) instruction.args = readWords(words, argumentCount);
    trace.instructions.push(instruction);
  }
  for (let i = 0; i < constantCount; i++) {
    const op = words.next();
    const low = <u32>words.next();
    trace.constants.push(new Constant(op, (<i64>words.next() << 32) | <i64>low));
  }
  for (let i = 0; i < snapshotCount; i++) trace.snapshots.push(readSnapshot(words));
  trace.deadSlots = readWords(words, deadCount);
  return trace;
}

function readSnapshot(words: WordReader): Snapshot {
  const pc = words.next();
  const snapshot = new Snapshot(pc, words.next());
  const entryCount = words.next();
  const frameCount = words.next();
  const inStackCount = words.next();
  for (let i = 0; i < entryCount; i++) {
    const slot = words.next();
    const ref = words.next();
    snapshot.entries.push(new SnapshotEntry(slot, ref, words.next()));
  }
  for (let i = 0; i < frameCount; i++) {
    const base = words.next();
    const callerPc = words.next();
    const results = words.next();
    snapshot.frames.push(new SnapshotFrame(base, callerPc, results, words.next()));
  }
  snapshot.inStack = readWords(words, inStackCount);
  return snapshot;
}

export function readWords(words: WordReader, count: i32): StaticArray<i32> {
  const result = new StaticArray<i32>(count);
  for (let i = 0; i < count; i++) result[i] = words.next();
  return result;
}

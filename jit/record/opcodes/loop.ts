/**
 * Recording of loops: where a trace closes, what happens at loops inside it, and the arithmetic of `for`.
 *
 * At the head of a loop (its LOOP, FORLOOP or TFORLOOP) the trace
 * - closes, if it is the loop the trace started at, in the root's frame;
 * - ends with a link, if that loop is compiled: the trace of an outer loop runs into that of the inner one, a side trace into its root;
 * - goes on through the loop (unrolls it) while it is a short one. A long one is worth a trace of its own: the recording is given up,
 *   or, if it is a side trace, ends here with a link that takes effect once the loop is compiled.
 */
import { LOOP_TRACE, TAG_FLOAT, TAG_INT, TAG_NIL, TRACE_NUMBER } from '../../../src/bytecode/layout.ts';
import type { OpName } from '../../../src/bytecode/opcode-table.ts';
import type { IRRef } from '../../ir/trace.ts';
import { toFloat } from '../access/convert.ts';
import { WORD } from '../../../src/bytecode/instruction.ts';
import { isCompilable } from './function-call.ts';
import { type InstructionView, readInstruction } from '../core/instruction-view.ts';
import type { HeapReader } from '../core/heap-reader.ts';
import type { AfterStep, RecordFunction, Recording } from '../core/recording.ts';
import type { Value } from '../core/value.ts';

export const LOOPS: ReadonlySet<OpName> = new Set(['LOOP', 'FORLOOP', 'TFORLOOP']);

/** Decides at a loop's head whether the trace ends here. */
export function atLoopHead(r: Recording, i: InstructionView): 'finished' | 'goes on' {
  if (!LOOPS.has(i.baseName)) return 'goes on';
  if (i.pc === r.trace.startPc && !r.isSide && r.depth === 0) {
    if (r.length === 0) return 'goes on';
    r.trace.link = { kind: 'loop' };
    return 'finished';
  }
  // A side trace makes at least one step before it links, or it could run in circles with its root.
  if (r.length === 0 || isLeavingLoop(r.heap, i, r.address(i.a))) return 'goes on';
  if (r.depth > 0 && isInFunction(r) && isCompilable(r.heap.memory, r.frame.proto) && mayTakeLong(r, i) && r.context.wantFunction(r.frame.proto)) r.abort('inner-loop', 'the function is compiled by itself first');
  if (i.name.endsWith('_JIT')) {
    const descriptor = r.heap.u32(i.pc + LOOP_TRACE);
    r.trace.link = { kind: 'root', pc: i.pc, trace: r.heap.u32(descriptor + TRACE_NUMBER) };
    return 'finished';
  }
  const passes = (r.passes.get(i.pc) ?? 0) + 1;
  r.passes.set(i.pc, passes);
  // A side trace that left an inner loop runs through the outer one's head, and back to its root: the nest becomes one tree.
  if (r.isSide && passes === 1) return 'goes on';
  const { loopunroll } = r.context.parameters;
  if (passes <= loopunroll && remainingIterations(r.heap, i, r.address(i.a)) <= loopunroll) return 'goes on';
  if (!r.isSide) r.abort(i.name.endsWith('_PLAIN') ? 'blacklisted-callee' : passes > loopunroll ? 'loop-unroll-limit' : 'inner-loop');
  r.trace.link = { kind: 'root', pc: i.pc, trace: 0 };
  return 'finished';
}

/**
 * Is this code that is going to be part of a whole function's? A link to a loop in an inlined frame would leave that. Elsewhere such a link costs less than to record
 * all again once the function is compiled.
 */
const isInFunction = (r: Recording): boolean => r.trace.functionProto !== 0 || r.context.isCompiled(r.frames.all[0]!.proto);

/** Is it a loop that is not unrolled? */
function mayTakeLong(r: Recording, i: InstructionView): boolean {
  const { loopunroll } = r.context.parameters;
  return i.name.endsWith('_JIT') || (r.passes.get(i.pc) ?? 0) >= loopunroll || remainingIterations(r.heap, i, r.address(i.a)) > loopunroll;
}

/** Is the loop certainly left by this execution of its instruction? @param slot address of its first register */
export function isLeavingLoop(heap: HeapReader, { baseName }: InstructionView, slot: number): boolean {
  if (baseName === 'TFORLOOP') return heap.tag(slot + 64) === TAG_NIL;
  return baseName === 'FORLOOP' && heap.tag(slot + 32) === TAG_INT && heap.int(slot + 16) === 0n;
}

/** As far as it can be told. @param slot address of its first register */
export function remainingIterations(heap: HeapReader, { baseName }: InstructionView, slot: number): number {
  if (baseName !== 'FORLOOP') return 0;
  if (heap.tag(slot + 32) === TAG_INT) return Number(BigInt.asUintN(64, heap.int(slot + 16)));
  return (heap.float(slot + 16) - heap.float(slot)) / heap.float(slot + 32);
}

/** One step of a numeric for. */
const recordForLoop: RecordFunction = (r, i) => {
  const { ir } = r;
  const prep = i.next + i.d - WORD;
  const step = literalStep(r, i, prep) ?? r.read(i.a + 32);
  const [index, limit] = [r.read(i.a), r.read(i.a + 16)];
  if (step.tag === TAG_INT) {
    const goesOn = r.heap.int(r.address(i.a + 16)) !== 0n;
    ir.guard(ir.emit('EQ', 'i32', limit.ref, ir.int(0n)), !goesOn);
    if (!goesOn) return;
    const next: Value = { ref: ir.emit('ADD', 'i64', index.ref, step.ref), tag: TAG_INT };
    r.write(i.a, next);
    r.write(i.a + 16, { ref: ir.emit('SUB', 'i64', limit.ref, ir.int(1n)), tag: TAG_INT });
    r.write(i.a + 48, next);
    return;
  }
  const isUpward = guardDirection(r, step, r.heap.float(r.address(i.a + 32)) > 0);
  const next: Value = { ref: ir.emit('ADD', 'f64', index.ref, step.ref), tag: TAG_FLOAT };
  const condition = isUpward ? ir.emit('LE', 'i32', next.ref, limit.ref) : ir.emit('LE', 'i32', limit.ref, next.ref);
  return () => {
    const goesOn = r.heap.frame.pc !== i.next;
    ir.guard(condition, goesOn);
    if (!goesOn) return;
    r.write(i.a, next);
    r.write(i.a + 48, next);
  };
};

/** The step, if the program has a number in its place: then it needs no look at the slot. Float loops have turned an integer into a float. */
function literalStep(r: Recording, { a }: InstructionView, prep: number): Value | undefined {
  const before = r.frame.liveness.predecessor(prep);
  if (before === 0) return undefined;
  const load = readInstruction(r.heap.memory, before);
  if ((load.name !== 'LOADI' && load.name !== 'LOADF' && load.name !== 'LOADK') || load.a !== a + 32) return undefined;
  return r.valueAt(r.address(a + 32));
}

/** Is the loop going up? Guards the sign of a step that is not constant. */
function guardDirection(r: Recording, { ref, tag }: Value, isUpward: boolean): boolean {
  const { ir } = r;
  ir.guard(tag === TAG_INT ? ir.emit('LT', 'i32', ir.int(0n), ref) : ir.emit('LT', 'i32', ir.float(0), ref), isUpward);
  return isUpward;
}

const recordForPrep: RecordFunction = (r, i) => {
  const [init, limit, step] = [r.read(i.a), r.read(i.a + 16), r.read(i.a + 32)];
  if (init.tag === TAG_INT && step.tag === TAG_INT) return recordIntegerPrep(r, i, init, limit, step);
  const { ir } = r;
  const [start, end, by] = [toFloat(r, init), toFloat(r, limit), toFloat(r, step)];
  const stepAddress = r.address(i.a + 32);
  const stepNumber = step.tag === TAG_INT ? Number(r.heap.int(stepAddress)) : r.heap.float(stepAddress);
  if (stepNumber === 0) r.abort('error');
  const isUpward = guardDirection(r, { ref: by, tag: TAG_FLOAT }, stepNumber > 0);
  if (!isUpward) ir.guard(ir.emit('LT', 'i32', by, ir.float(0)), true);
  const isPast = isUpward ? ir.emit('LT', 'i32', end, start) : ir.emit('LT', 'i32', start, end);
  return () => {
    const runs = r.heap.frame.pc === i.next;
    ir.guard(isPast, !runs);
    if (!runs) return;
    r.write(i.a, { ref: start, tag: TAG_FLOAT });
    r.write(i.a + 16, { ref: end, tag: TAG_FLOAT });
    r.write(i.a + 32, { ref: by, tag: TAG_FLOAT });
    r.write(i.a + 48, { ref: start, tag: TAG_FLOAT });
  };
};

/** Counts the iterations beforehand: (limit - init) // step. */
function recordIntegerPrep(r: Recording, i: InstructionView, init: Value, limit: Value, step: Value): AfterStep {
  const { ir } = r;
  const stepNumber = r.heap.int(r.address(i.a + 32));
  if (stepNumber === 0n) r.abort('error');
  const isUpward = guardDirection(r, step, stepNumber > 0n);
  if (!isUpward) r.guardNotEqual(step.ref, ir.int(0n));
  const end = integerLimit(r, limit, r.address(i.a + 16), isUpward);
  const [low, high] = isUpward ? [init.ref, end] : [end, init.ref];
  const isPast = ir.emit('LT', 'i32', high, low);
  return () => {
    const runs = r.heap.frame.pc === i.next;
    ir.guard(isPast, !runs);
    if (!runs) return;
    let count = ir.emit('SUB', 'i64', high, low);
    const size = isUpward ? step.ref : ir.emit('NEG', 'i64', step.ref);
    if (size !== ir.int(1n)) {
      // Distance and step are unsigned; where they fit signed numbers, the signed division is right.
      ir.guard(ir.emit('LT', 'i32', count, ir.int(0n)), false);
      ir.guard(ir.emit('LT', 'i32', ir.int(0n), size), true);
      count = ir.emit('IDIV', 'i64', count, size);
    }
    r.write(i.a + 16, { ref: count, tag: TAG_INT });
    r.write(i.a + 48, init);
  };
}

/** The limit of an integer loop: floats are clipped to the next integer inside. */
function integerLimit(r: Recording, limit: Value, address: number, isUpward: boolean): IRRef {
  const { ir } = r;
  if (limit.tag === TAG_INT) return limit.ref;
  if (limit.tag !== TAG_FLOAT) r.abort('unsupported-instruction', 'the limit of a for loop is no number');
  const value = r.heap.float(address);
  const rounded = isUpward ? Math.floor(value) : Math.ceil(value);
  if (!(rounded >= -(2 ** 63) && rounded < 2 ** 63)) r.abort('unsupported-instruction', 'the limit of a for loop is out of range');
  const clipped = ir.emit(isUpward ? 'FLOOR' : 'CEIL', 'f64', limit.ref);
  ir.guard(ir.emit('ISINT', 'i32', clipped), true);
  return ir.emit('F2I', 'i64', clipped);
}

/** R[A+4] is nil or not: its tag is guarded by reading it. */
const recordGenericForLoop: RecordFunction = (r, { a }) => {
  const first = r.read(a + 64);
  if (first.tag !== TAG_NIL) r.write(a + 32, first);
};

export const LOOP_RECORDERS: { readonly [name in OpName]?: RecordFunction } = {
  LOOP: () => undefined,
  FORLOOP: recordForLoop,
  FORPREP: recordForPrep,
  TFORLOOP: recordGenericForLoop,
  TFORPREP: (r, { a }) => {
    if (r.read(a + 48).tag !== TAG_NIL) r.abort('unsupported-instruction', 'a closing value');
  },
};

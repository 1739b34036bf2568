/**
 * Recording of loops: where a trace closes, what happens at loops inside it, and the arithmetic of `for`.
 *
 * At the head of a loop (its LOOP, FORLOOP or TFORLOOP) the trace
 * - closes, if it is the loop the trace started at, in the root's frame;
 * - ends with a link, if that loop is compiled: the trace of an outer loop runs into that of the inner one, a side trace into its root;
 * - goes on through the loop (unrolls it) while it is a short one. A long one is worth a trace of its own: the recording is given up,
 *   or, if it is a side trace, ends here with a link that takes effect once the loop is compiled.
 */
import { LOOP_TRACE, TAG_FLOAT, TAG_INT, TAG_NIL, TRACE_NUMBER } from '../../../../src/bytecode/layout';
import {
  OP_FORLOOP, OP_FORLOOP_JIT, OP_FORLOOP_PLAIN, OP_LOADF, OP_LOADI, OP_LOADK, OP_LOOP, OP_LOOP_JIT, OP_LOOP_PLAIN, OP_TFORLOOP, OP_TFORLOOP_JIT, OP_TFORLOOP_PLAIN,
} from '../../../../src/core/generated/opcodes';
import { isCompiled, wantFunction } from '../../base/host';
import { Abort, Op, Type } from '../../generated/ir-tables';
import { Link, Ref } from '../../ir/trace';
import { toFloat } from '../access/convert';
import * as heap from '../core/heap';
import { InstructionView, WORD } from '../core/instruction-view';
import { loopunroll } from '../core/parameters';
import { AfterStep, Recording } from '../core/recording';
import { Value } from '../core/value';
import { isCompilable } from './function-call';

const isLoop = (baseOp: u32): bool => baseOp == OP_LOOP || baseOp == OP_FORLOOP || baseOp == OP_TFORLOOP;
const isCompiledLoop = (op: u32): bool => op == OP_LOOP_JIT || op == OP_FORLOOP_JIT || op == OP_TFORLOOP_JIT;
const isPlainLoop = (op: u32): bool => op == OP_LOOP_PLAIN || op == OP_FORLOOP_PLAIN || op == OP_TFORLOOP_PLAIN;

/** Decides at a loop's head whether the trace ends here. @returns whether it is finished */
export function atLoopHead(r: Recording, i: InstructionView): bool {
  if (!isLoop(i.baseOp)) return false;
  if (i.pc == r.trace.startPc && !r.isSide && r.depth == 0) {
    if (r.length == 0) return false;
    r.trace.link = Link.LOOP;
    return true;
  }
  // A side trace makes at least one step before it links, or it could run in circles with its root.
  if (r.length == 0 || isLeavingLoop(i, r.address(i.a))) return false;
  if (r.depth > 0 && isInFunction(r) && isCompilable(r.frame.proto) && mayTakeLong(r, i) && wantFunction(r.frame.proto) != 0) {
    r.abort(Abort.INNER_LOOP, 'the function is compiled by itself first');
  }
  if (isCompiledLoop(i.op)) {
    linkToRoot(r, i.pc, heap.u32(heap.u32(i.pc + LOOP_TRACE) + TRACE_NUMBER));
    return true;
  }
  const passes = passesOf(r, i.pc) + 1;
  r.passes.set(i.pc, passes);
  // A side trace that left an inner loop runs through the outer one's head, and back to its root: the nest becomes one tree.
  if (r.isSide && passes == 1) return false;
  if (passes <= loopunroll && remainingIterations(i, r.address(i.a)) <= loopunroll) return false;
  if (!r.isSide) r.abort(isPlainLoop(i.op) ? Abort.BLACKLISTED_CALLEE : passes > loopunroll ? Abort.LOOP_UNROLL_LIMIT : Abort.INNER_LOOP);
  linkToRoot(r, i.pc, 0);
  return true;
}

/** @param trace 0 if the loop is not compiled yet */
function linkToRoot(r: Recording, pc: u32, trace: i32): void {
  r.trace.link = Link.ROOT;
  r.trace.linkPc = pc;
  r.trace.linkTrace = trace;
}

const passesOf = (r: Recording, pc: u32): i32 => (r.passes.has(pc) ? r.passes.get(pc) : 0);

/**
 * Is this code that is going to be part of a whole function's? A link to a loop in an inlined frame would leave that. Elsewhere such a link costs less than to record
 * all again once the function is compiled.
 */
const isInFunction = (r: Recording): bool => r.trace.functionProto != 0 || isCompiled(r.frames.all[0].proto) != 0;

/** Is it a loop that is not unrolled? */
function mayTakeLong(r: Recording, i: InstructionView): bool {
  return isCompiledLoop(i.op) || passesOf(r, i.pc) >= loopunroll || remainingIterations(i, r.address(i.a)) > loopunroll;
}

/** Is the loop certainly left by this execution of its instruction? As in jit/record/opcodes/loop-state.ts. @param slot address of its first register */
function isLeavingLoop(i: InstructionView, slot: u32): bool {
  if (i.baseOp == OP_TFORLOOP) return heap.tag(slot + 64) == TAG_NIL;
  return i.baseOp == OP_FORLOOP && heap.tag(slot + 32) == TAG_INT && heap.int(slot + 16) == 0;
}

/** As far as it can be told; as in jit/record/opcodes/loop-state.ts. @param slot address of its first register */
function remainingIterations(i: InstructionView, slot: u32): f64 {
  if (i.baseOp != OP_FORLOOP) return 0;
  if (heap.tag(slot + 32) == TAG_INT) return <f64>(<u64>heap.int(slot + 16));
  return (heap.float(slot + 16) - heap.float(slot)) / heap.float(slot + 32);
}

/** One step of a numeric for. */
export function recordForLoop(r: Recording, i: InstructionView): AfterStep | null {
  const ir = r.ir;
  const literal = literalStep(r, i, i.next + i.d - WORD);
  const step = literal === null ? r.read(i.a + 32) : literal;
  const index = r.read(i.a);
  const limit = r.read(i.a + 16);
  if (step.tag == TAG_INT) {
    const goesOn = heap.int(r.address(i.a + 16)) != 0;
    ir.guard(ir.emit(Op.EQ, Type.I32, limit.ref, ir.int(0)), !goesOn);
    if (!goesOn) return null;
    const next = new Value(ir.emit(Op.ADD, Type.I64, index.ref, step.ref), TAG_INT);
    r.write(i.a, next);
    r.write(i.a + 16, new Value(ir.emit(Op.SUB, Type.I64, limit.ref, ir.int(1)), TAG_INT));
    r.write(i.a + 48, next);
    return null;
  }
  const isUpward = guardDirection(r, step, heap.float(r.address(i.a + 32)) > 0);
  const next = new Value(ir.emit(Op.ADD, Type.F64, index.ref, step.ref), TAG_FLOAT);
  const condition = isUpward ? ir.emit(Op.LE, Type.I32, next.ref, limit.ref) : ir.emit(Op.LE, Type.I32, limit.ref, next.ref);
  return new FloatLoopStep(i, condition, next);
}

/** Did the loop go on? */
class FloatLoopStep extends AfterStep {
  constructor(private i: InstructionView, private condition: Ref, private next: Value) {
    super();
  }

  run(r: Recording): void {
    const i = this.i;
    const goesOn = heap.frame().pc != i.next;
    r.ir.guard(this.condition, goesOn);
    if (!goesOn) return;
    r.write(i.a, this.next);
    r.write(i.a + 48, this.next);
  }
}

/** The step, if the program has a number in its place: then it needs no look at the slot. Float loops have turned an integer into a float. */
function literalStep(r: Recording, i: InstructionView, prep: u32): Value | null {
  const before = r.frame.liveness.predecessor(prep);
  if (before == 0) return null;
  const load = new InstructionView(before);
  if ((load.op != OP_LOADI && load.op != OP_LOADF && load.op != OP_LOADK) || load.a != i.a + 32) return null;
  return r.valueAt(r.address(i.a + 32));
}

/** Is the loop going up? Guards the sign of a step that is not constant. */
function guardDirection(r: Recording, step: Value, isUpward: bool): bool {
  const ir = r.ir;
  ir.guard(ir.emit(Op.LT, Type.I32, step.tag == TAG_INT ? ir.int(0) : ir.float(0), step.ref), isUpward);
  return isUpward;
}

export function recordForPrep(r: Recording, i: InstructionView): AfterStep | null {
  const init = r.read(i.a);
  const limit = r.read(i.a + 16);
  const step = r.read(i.a + 32);
  if (init.tag == TAG_INT && step.tag == TAG_INT) return recordIntegerPrep(r, i, init, limit, step);
  const ir = r.ir;
  const start = toFloat(r, init);
  const end = toFloat(r, limit);
  const by = toFloat(r, step);
  const address = r.address(i.a + 32);
  const number = step.tag == TAG_INT ? <f64>heap.int(address) : heap.float(address);
  if (number == 0) r.abort(Abort.ERROR);
  const isUpward = guardDirection(r, new Value(by, TAG_FLOAT), number > 0);
  if (!isUpward) ir.guard(ir.emit(Op.LT, Type.I32, by, ir.float(0)), true);
  const isPast = isUpward ? ir.emit(Op.LT, Type.I32, end, start) : ir.emit(Op.LT, Type.I32, start, end);
  return new FloatLoopStart(i, isPast, start, end, by);
}

/** Does a loop of floats run at all? */
class FloatLoopStart extends AfterStep {
  constructor(private i: InstructionView, private isPast: Ref, private start: Ref, private end: Ref, private by: Ref) {
    super();
  }

  run(r: Recording): void {
    const i = this.i;
    const runs = heap.frame().pc == i.next;
    r.ir.guard(this.isPast, !runs);
    if (!runs) return;
    r.write(i.a, new Value(this.start, TAG_FLOAT));
    r.write(i.a + 16, new Value(this.end, TAG_FLOAT));
    r.write(i.a + 32, new Value(this.by, TAG_FLOAT));
    r.write(i.a + 48, new Value(this.start, TAG_FLOAT));
  }
}

/** Counts the iterations beforehand: (limit - init) // step. */
function recordIntegerPrep(r: Recording, i: InstructionView, init: Value, limit: Value, step: Value): AfterStep {
  const ir = r.ir;
  const number = heap.int(r.address(i.a + 32));
  if (number == 0) r.abort(Abort.ERROR);
  const isUpward = guardDirection(r, step, number > 0);
  if (!isUpward) r.guardNotEqual(step.ref, ir.int(0));
  const end = integerLimit(r, limit, r.address(i.a + 16), isUpward);
  const low = isUpward ? init.ref : end;
  const high = isUpward ? end : init.ref;
  const isPast = ir.emit(Op.LT, Type.I32, high, low);
  return new IntegerLoopStart(i, isPast, low, high, isUpward, init, step);
}

/** Does a loop of integers run at all? */
class IntegerLoopStart extends AfterStep {
  constructor(
    private i: InstructionView, private isPast: Ref, private low: Ref, private high: Ref, private isUpward: bool, private init: Value, private step: Value,
  ) {
    super();
  }

  run(r: Recording): void {
    const i = this.i;
    const ir = r.ir;
    const runs = heap.frame().pc == i.next;
    ir.guard(this.isPast, !runs);
    if (!runs) return;
    let count = ir.emit(Op.SUB, Type.I64, this.high, this.low);
    const size = this.isUpward ? this.step.ref : ir.emit(Op.NEG, Type.I64, this.step.ref);
    if (size != ir.int(1)) {
      // Distance and step are unsigned; where they fit signed numbers, the signed division is right.
      ir.guard(ir.emit(Op.LT, Type.I32, count, ir.int(0)), false);
      ir.guard(ir.emit(Op.LT, Type.I32, ir.int(0), size), true);
      count = ir.emit(Op.IDIV, Type.I64, count, size);
    }
    r.write(i.a + 16, new Value(count, TAG_INT));
    r.write(i.a + 48, this.init);
  }
}

/** The limit of an integer loop: floats are clipped to the next integer inside. */
function integerLimit(r: Recording, limit: Value, address: u32, isUpward: bool): Ref {
  const ir = r.ir;
  if (limit.tag == TAG_INT) return limit.ref;
  if (limit.tag != TAG_FLOAT) r.abort(Abort.UNSUPPORTED_INSTRUCTION, 'the limit of a for loop is no number');
  const value = heap.float(address);
  const rounded = isUpward ? Math.floor(value) : Math.ceil(value);
  if (!(rounded >= -9223372036854775808.0 && rounded < 9223372036854775808.0)) r.abort(Abort.UNSUPPORTED_INSTRUCTION, 'the limit of a for loop is out of range');
  const clipped = ir.emit(isUpward ? Op.FLOOR : Op.CEIL, Type.F64, limit.ref);
  ir.guard(ir.emit(Op.ISINT, Type.I32, clipped), true);
  return ir.emit(Op.F2I, Type.I64, clipped);
}

/** R[A+4] is nil or not: its tag is guarded by reading it. */
export function recordGenericForLoop(r: Recording, i: InstructionView): AfterStep | null {
  const first = r.read(i.a + 64);
  if (first.tag != TAG_NIL) r.write(i.a + 32, first);
  return null;
}

export function recordGenericForPrep(r: Recording, i: InstructionView): AfterStep | null {
  if (r.read(i.a + 48).tag != TAG_NIL) r.abort(Abort.UNSUPPORTED_INSTRUCTION, 'a closing value');
  return null;
}

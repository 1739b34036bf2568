/**
 * The recorder: watches the program being single-stepped and writes down, as IR with guards, what it did. opcodes/*.ts hold one function per
 * opcode; what they work on is in recording.ts.
 *
 * Life of an instruction: `recordNext` looks at it before it is executed and emits IR; the driver (jit/manager/recordings.ts) executes it with
 * `step`; `afterStep` lets a handler look at what happened (did it jump? which shape has the table now?) and emit the rest.
 */
import { pin } from '../../base/host';
import { Abort, Op, Type } from '../../generated/ir-tables';
import { NONE, Ref, Trace } from '../../ir/trace';
import { atLoopHead, recordInstruction } from '../opcodes/index';
import { Difference, NewFrame } from './frame-stack';
import * as heap from './heap';
import { InstructionView } from './instruction-view';
import { checkSlots, maxirconst, maxrecord, maxsnap } from './parameters';
import { AfterStep, ParentExit, Recording } from './recording';
import { FRAME_KIND_MASK, VARARGS_SHIFT } from './snapshots';
import { hasPayload, payloadType, Value } from './value';

export class Recorder extends Recording {
  private after: AfterStep | null = null;
  private pinned: i32 = 0;

  /** @param rootBase address of the root frame's base; for a root trace that of the current frame */
  constructor(number: i32, rootBase: u32, parent: ParentExit | null, functionProto: u32) {
    super(number, rootBase, parent, functionProto);
    if (parent !== null) this.inherit(parent);
  }

  /** Takes over the state of the parent's exit: types are known, constants are constants, frames are there. */
  private inherit(parent: ParentExit): void {
    const entries = parent.snapshot.entries;
    for (let n = 0; n < entries.length; n++) {
      const slot = entries[n].slot;
      const ref = entries[n].ref;
      const tag = <u32>entries[n].tag;
      if (!hasPayload(tag)) this.slots.setLoaded(slot, new Value(NONE, tag));
      else if (ref < 0) this.slots.setLoaded(slot, new Value(this.copyConstant(parent.trace, ref), tag));
      else this.slots.setLoaded(slot, new Value(this.ir.emit(Op.SLOAD, payloadType(tag), NONE, NONE, NONE, slot, tag), tag));
    }
    const frames = parent.snapshot.frames;
    for (let n = 0; n < frames.length; n++) {
      const frame = frames[n];
      const varargs = <i32>(frame.kind >> VARARGS_SHIFT);
      const functionSlot = frame.base - 1 - heap.varargRoom(this.frames.inMemory(this.frames.all.length), varargs);
      this.frames.push(new NewFrame(frame.base, functionSlot, frame.callerPc, frame.results, frame.kind & FRAME_KIND_MASK, varargs, false));
    }
  }

  private copyConstant(trace: Trace, ref: Ref): Ref {
    const constant = trace.constants[~ref];
    switch (constant.op) {
      case Op.KINT: return this.ir.int(constant.bits);
      case Op.KFLT: return this.ir.float(constant.float);
      case Op.KI32: return this.ir.small(constant.small);
      default: return this.ir.pointer(constant.small);
    }
  }

  /**
   * Records the instruction in front of which the program stands.
   * @returns false when the trace is complete (its link is set); nothing is to be executed then
   */
  recordNext(): bool {
    const i = new InstructionView(heap.pc());
    this.checkFrame();
    this.beginInstruction(i.pc);
    if (atLoopHead(this, i) || this.isFinished) return this.complete();
    this.length++;
    if (this.length > maxrecord) this.abort(Abort.TRACE_TOO_LONG);
    if (this.trace.constants.length > maxirconst) this.abort(Abort.TOO_MANY_CONSTANTS);
    if (this.trace.snapshots.length > maxsnap) this.abort(Abort.TOO_MANY_SNAPSHOTS);
    this.after = recordInstruction(this, i);
    if (this.isFinished) return this.complete();
    this.pinConstants();
    return true;
  }

  /** Is a call under way that is executed as a whole? */
  isWaiting(): bool {
    if (this.endBehindCall === null) return false;
    return heap.thread() != this.frames.thread || heap.frame().address > this.frames.inMemory(this.frames.depth).address;
  }

  /** Does not wait for the call any longer: the trace is complete with it. */
  stopWaiting(): void {
    const end = this.endBehindCall;
    if (end !== null) end.run(this);
    this.complete();
  }

  /** Looks at what the instruction did. */
  afterStep(): void {
    this.endBehindCall = null;
    const after = this.after;
    if (after !== null) after.run(this);
    this.after = null;
    this.pinConstants();
    if (checkSlots) this.compareWithStack();
  }

  private complete(): bool {
    this.isFinished = true;
    this.trace.endSnapshot = this.ir.snapshot();
    if (!this.isSide) this.trace.deadSlots = this.frames.all[0].liveness.deadRegisters(this.trace.startPc);
    this.pinConstants();
    return false;
  }

  /** Objects in the constant pool must survive collections from the moment they are named. */
  private pinConstants(): void {
    const constants = this.trace.constants;
    for (; this.pinned < constants.length; this.pinned++) {
      const constant = constants[this.pinned];
      if (constant.op == Op.KPTR) pin(constant.small);
    }
  }

  /** Is the frame in memory the one the recorder believes to be in? */
  private checkFrame(): void {
    switch (this.frames.difference()) {
      case Difference.ANOTHER_THREAD: this.abort(Abort.COROUTINE_SWITCH); break;
      case Difference.OTHER_FRAMES: this.abort(Abort.UNSUPPORTED_CALL, 'the frames are not as expected'); break;
      case Difference.ANOTHER_PLACE: this.abort(Abort.COMPILE_ERROR, 'the recorder lost its frame'); break;
    }
  }

  /** House rule: what the recorder believes is what is. Dead slots of the frames may differ. */
  private compareWithStack(): void {
    const pc = heap.pc();
    const known = this.slots.known();
    const frames = this.frames.all;
    for (let n = 0; n < known.length; n++) {
      const slot = known[n];
      const value = this.slots.get(slot)!;
      const index = this.frames.indexAt(slot);
      const frame = frames[index];
      const framePc = index + 1 < frames.length ? frames[index + 1].callerPc : pc;
      if (slot >= frame.base && !frame.liveness.isLive(framePc, slot - frame.base)) continue;
      const address = this.slotAddress(slot);
      const real = heap.tag(address);
      if (real != value.tag) this.abort(Abort.COMPILE_ERROR, `slot ${slot} has tag ${real}, recorded was ${value.tag}`);
      if (value.ref < 0 && hasPayload(value.tag) && !this.isSameConstant(value.ref, this.valueAt(address).ref)) {
        this.abort(Abort.COMPILE_ERROR, `slot ${slot} is not the constant recorded`);
      }
    }
  }

  /** Have two constants one value, as far as the program can tell? */
  private isSameConstant(a: Ref, b: Ref): bool {
    if (a == b) return true;
    const one = this.trace.constants[~a];
    const other = this.trace.constants[~b];
    if (one.type != other.type) return false;
    if (one.type == Type.F64 && isNaN(one.float)) return isNaN(other.float);
    return one.type == Type.I32 ? one.small == other.small : one.bits == other.bits;
  }
}

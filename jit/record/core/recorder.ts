/**
 * The recorder: watches the program being single-stepped and writes down, as IR with guards, what it did. opcodes/*.ts hold one function per
 * opcode; what they work on is in recording.ts.
 *
 * Life of an instruction: `recordNext` looks at it before it is executed and emits IR; the driver (manager/recordings.ts) executes it with
 * `step`; `afterStep` lets a handler look at what happened (did it jump? which shape has the table now?) and emit the rest.
 */
import type { OpName } from '../../../src/bytecode/opcode-table.ts';
import { type IRRef, NONE, type Trace } from '../../ir/trace.ts';
import { type InstructionView, readInstruction } from './instruction-view.ts';
import { type AfterStep, type ParentExit, type RecordFunction, Recording, type RecordingContext } from './recording.ts';
import { FRAME_KIND_MASK, VARARGS_SHIFT } from './snapshots.ts';
import { hasPayload, payloadType } from './value.ts';

/** What knows how instructions are recorded (opcodes/index.ts). */
export interface OpcodeRecorders {
  /** Looks whether the trace closes, or ends, in front of an instruction. */
  atLoopHead(recording: Recording, i: InstructionView): 'finished' | 'goes on';
  /** The function for an opcode, if it can be recorded. */
  recorderOf(name: OpName): RecordFunction | undefined;
}

export class Recorder extends Recording {
  private readonly opcodes: OpcodeRecorders;
  private after: AfterStep | undefined;
  private pinned = 0;

  /** @param rootBase address of the root frame's base; for a root trace that of the current frame */
  constructor(opcodes: OpcodeRecorders, context: RecordingContext, number: number, rootBase: number, parent?: ParentExit, functionProto?: number) {
    super(context, number, rootBase, parent, functionProto);
    this.opcodes = opcodes;
    if (parent !== undefined) this.inherit(parent);
  }

  /** Takes over the state of the parent's exit: types are known, constants are constants, frames are there. */
  private inherit({ trace, snapshot }: ParentExit): void {
    for (const { slot, ref, tag } of snapshot.entries) {
      if (!hasPayload(tag)) this.slots.setLoaded(slot, { ref: NONE, tag });
      else if (ref < 0) this.slots.setLoaded(slot, { ref: this.copyConstant(trace, ref), tag });
      else this.slots.setLoaded(slot, { ref: this.ir.emit('SLOAD', payloadType(tag), NONE, NONE, NONE, slot, tag), tag });
    }
    for (const { base, callerPc, results, kind } of snapshot.frames) {
      const varargs = kind >>> VARARGS_SHIFT;
      const functionSlot = base - 1 - this.heap.varargRoom(this.frames.inMemory(this.frames.all.length), varargs);
      this.frames.push({ base, functionSlot, callerPc, results, kind: kind & FRAME_KIND_MASK, varargs, isOwn: false, closureRef: undefined });
    }
  }

  private copyConstant(trace: Trace, ref: IRRef): IRRef {
    const { op, value } = trace.constants[~ref]!;
    if (op === 'KINT') return this.ir.int(value as bigint);
    if (op === 'KFLT') return this.ir.float(value as number);
    return op === 'KI32' ? this.ir.i32(value as number) : this.ir.pointer(value as number);
  }

  /**
   * Records the instruction in front of which the program stands.
   * @returns false when the trace is complete (its link is set); nothing is to be executed then
   * @throws RecordingAborted
   */
  recordNext(): boolean {
    const { parameters } = this.context;
    const { opcodes } = this;
    const i = readInstruction(this.heap.memory, this.heap.frame.pc);
    this.checkFrame();
    this.beginInstruction(i.pc);
    if (opcodes.atLoopHead(this, i) === 'finished' || this.isFinished) return this.complete();
    this.length++;
    if (this.length > parameters.maxrecord) this.abort('trace-too-long');
    if (this.trace.constants.length > parameters.maxirconst) this.abort('too-many-constants');
    if (this.trace.snapshots.length > parameters.maxsnap) this.abort('too-many-snapshots');
    const record = opcodes.recorderOf(i.baseName);
    if (record === undefined) this.abort('unsupported-instruction', i.name);
    this.after = record(this, i) ?? undefined;
    if (this.isFinished) return this.complete();
    this.pinConstants();
    return true;
  }

  /** Is a call under way that is executed as a whole? */
  isWaiting(): boolean {
    if (this.endBehindCall === undefined) return false;
    return this.heap.thread !== this.frames.thread || this.heap.frame.address > this.frames.inMemory(this.frames.depth).address;
  }

  /** Does not wait for the call any longer: the trace is complete with it. */
  stopWaiting(): void {
    this.endBehindCall?.();
    this.complete();
  }

  /** Looks at what the instruction did. @throws RecordingAborted */
  afterStep(): void {
    this.endBehindCall = undefined;
    this.after?.();
    this.after = undefined;
    this.pinConstants();
    if (this.context.checkSlots) this.compareWithStack();
  }

  private complete(): false {
    this.isFinished = true;
    this.trace.endSnapshot = this.ir.snapshot();
    if (!this.isSide) this.trace.deadSlots = this.frames.all[0]!.liveness.deadRegisters(this.trace.startPc);
    this.pinConstants();
    return false;
  }

  /** Objects in the constant pool must survive collections from the moment they are named. */
  private pinConstants(): void {
    const { constants } = this.trace;
    for (; this.pinned < constants.length; this.pinned++) {
      const { op, value } = constants[this.pinned]!;
      if (op === 'KPTR') this.context.pin(value as number);
    }
  }

  /** Is the frame in memory the one the recorder believes to be in? */
  private checkFrame(): void {
    switch (this.frames.difference()) {
      case 'another thread': return this.abort('coroutine-switch');
      case 'other frames': return this.abort('unsupported-call', 'the frames are not as expected');
      case 'another place': return this.abort('compile-error', 'the recorder lost its frame');
    }
  }

  /** House rule: what the recorder believes is what is. Dead slots of the frames may differ. */
  private compareWithStack(): void {
    const { pc } = this.heap.frame;
    for (const [slot, { tag, ref }] of this.slots.entries()) {
      const index = this.frames.indexAt(slot);
      const frame = this.frames.all[index]!;
      const framePc = this.frames.all[index + 1]?.callerPc ?? pc;
      if (slot >= frame.base && !frame.liveness.isLive(framePc, slot - frame.base)) continue;
      const address = this.slotAddress(slot);
      const real = this.heap.tag(address);
      if (real !== tag) this.abort('compile-error', `slot ${slot} has tag ${real}, recorded was ${tag}`);
      if (ref >= 0 || !hasPayload(tag)) continue;
      const value = this.valueAt(address);
      if (value.ref !== ref && !Object.is(this.ir.valueOf(ref), this.ir.valueOf(value.ref))) this.abort('compile-error', `slot ${slot} is not the constant recorded`);
    }
  }
}

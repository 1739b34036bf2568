/**
 * Decides, before any code is emitted, how each value of a trace is kept: in a Wasm local of its own, or inlined as an expression at its only use.
 *
 * A value is inlined if it has one use, in the same region (pre-roll or loop), by an instruction that evaluates its operands once,
 * and if nothing in between can change what it loads. Values in snapshots and PHIs always get a local: exits are out of line, and the
 * copies at the loop's end happen at once.
 *
 * Why bother, when V8 builds SSA itself: fewer locals and bytes mean less to encode, to validate and for Liftoff to shuffle.
 */
import { refuse } from '../base/host';
import { Effect, effectOf, Helper, helperAllocates, HelperEffect, helperEffectOf, helperWorks, Op, operandCount } from '../generated/ir-tables';
import { Instruction, Link, NONE, Ref, Trace } from '../ir/trace';

/** Deeper trees overflow nothing yet, but Binaryen's passes recurse. */
const MAX_DEPTH: i32 = 20;

/** IR instructions that take as long as a unit of the budget should, and how many of them a call is worth. */
export const INSTRUCTIONS_PER_UNIT: i32 = 64;
const CALL_WEIGHT: i32 = 8;

/** Does the lowering of this operation name an operand more than once? */
function repeatsOperands(op: i32): bool {
  switch (op) {
    case Op.IDIV: case Op.MOD: case Op.MIN: case Op.MAX: case Op.ABS: case Op.ISINT: case Op.SHL: case Op.SHR: case Op.POW:
    case Op.APPEND_ROOM: case Op.SLOT_ROOM: case Op.BARRIER: case Op.HSTORE: case Op.USTORE: case Op.DSTORE:
      return true;
    default:
      return false;
  }
}

/** Is it lowered as statements that leave the result in a local? */
function needsLocal(op: i32): bool {
  return op == Op.IDIV || op == Op.MOD || op == Op.SLOAD || op == Op.CALL;
}

/** What some instructions in a row do that has to be paid for, and looked at, where they lead to. */
export class Work {
  private weight: i32 = 0;
  /** Something in it may make a collection due. */
  allocates: bool = false;
  /** Something in it may be paid for by the length of an operand. */
  works: bool = false;

  /** What passing through it costs, in units of the budget. */
  get units(): i32 { return 1 + this.weight / INSTRUCTIONS_PER_UNIT; }

  add(instruction: Instruction): void {
    if (allocates(instruction)) this.allocates = true;
    if (callsInStack(instruction) || works(instruction)) this.works = true;
    this.weight += instruction.op == Op.CALL || callsInStack(instruction) ? CALL_WEIGHT : 1;
  }

  /** All of `other`, too, be it another way here. */
  include(other: Work): void {
    this.weight = max(this.weight, other.weight);
    this.allocates = this.allocates || other.allocates;
    this.works = this.works || other.works;
  }

  /** It is paid for, and what `looked` does was looked at. */
  settle(looked: Work): void {
    this.weight = 0;
    this.allocates = this.allocates && !looked.allocates;
    this.works = this.works && !looked.works;
  }
}

export class ValuePlan {
  /** The PHIs, in their order. */
  phis: Array<Instruction> = [];
  /** By reference: 1 if it is the left side of a PHI: its local changes at the loop's end. */
  isPhiLeft: StaticArray<u8>;
  /** By reference: 1 if the value is emitted where it is used. */
  inlined: StaticArray<u8>;
  /** By reference: number of uses; 2 stands for any use that needs a local. */
  uses: StaticArray<i32>;
  /** What passing through it does. */
  work: Work = new Work();

  constructor(trace: Trace) {
    const instructions = trace.instructions;
    const uses = countUses(trace);
    this.uses = uses;
    this.inlined = planInlining(instructions, uses);
    this.isPhiLeft = new StaticArray<u8>(instructions.length);
    for (let i = 0; i < instructions.length; i++) {
      const instruction = instructions[i];
      if (instruction.op == Op.PHI) this.addPhi(instruction);
      this.work.add(instruction);
    }
  }

  private addPhi(phi: Instruction): void {
    if (phi.a < 0) refuse('the left side of a PHI is a constant');
    if (this.isPhiLeft[phi.a] != 0) refuse('two PHIs share their left side');
    this.isPhiLeft[phi.a] = 1;
    this.phis.push(phi);
  }
}

/** Whether something in the trace looks at the real stack: builtins, and the closing of upvalues. */
export function seesStack(trace: Trace): bool {
  const instructions = trace.instructions;
  for (let i = 0; i < instructions.length; i++) {
    if (callsInStack(instructions[i]) || closesUpvalues(instructions[i])) return true;
  }
  return false;
}

/** Whether the trace must start with the real stack up to date: what reads it comes more than once, or behind stores the recorder made. */
export function needsStackAtStart(trace: Trace): bool {
  const instructions = trace.instructions;
  let loops = false;
  let calls = false;
  for (let i = 0; i < instructions.length; i++) {
    const instruction = instructions[i];
    if (closesUpvalues(instruction)) return true;
    if (instruction.op == Op.LOOP) loops = true;
    if (callsInStack(instruction)) calls = true;
  }
  return calls && loops;
}

/** Does it call something in the real stack? */
export function callsInStack(instruction: Instruction): bool {
  return instruction.op == Op.CALLB || instruction.op == Op.CALLF;
}

function closesUpvalues(instruction: Instruction): bool {
  return instruction.op == Op.CALL && instruction.immediate == Helper.traceCloseUpvalues;
}

/** Number of operands of an instruction that are references to instructions or constants. */
function countOperands(instruction: Instruction): i32 {
  return instruction.op == Op.CALL ? instruction.args.length : operandCount(instruction.op);
}

function operandAt(instruction: Instruction, index: i32): Ref {
  if (instruction.op == Op.CALL) return instruction.args[index];
  return index == 0 ? instruction.a : index == 1 ? instruction.b : instruction.c;
}

function allocates(instruction: Instruction): bool {
  const op = instruction.op;
  return op == Op.APPEND_ROOM || op == Op.SLOT_ROOM || callsInStack(instruction) || (op == Op.CALL && helperAllocates(instruction.immediate) != 0);
}

/** Is it a helper's call that is paid for by the length of an operand? */
function works(instruction: Instruction): bool {
  return instruction.op == Op.CALL && helperWorks(instruction.immediate) != 0;
}

/** Whether it may make a collection due, or be paid for by the length of an operand. */
export function needsLook(instruction: Instruction): bool {
  return allocates(instruction) || works(instruction);
}

/** Is it a call of this compiled function? */
export function callsFunction(trace: Trace, instruction: Instruction, functionProto: u32): bool {
  return instruction.op == Op.CALLF && instruction.a < 0 && <u32>trace.constants[~instruction.a].small == functionProto;
}

/** Whether loads must not be moved behind this instruction. */
function writesMemory(instruction: Instruction): bool {
  const op = instruction.op;
  if (op == Op.CALL) return helperEffectOf(instruction.immediate) == HelperEffect.WRITE;
  const effect = effectOf(op);
  return (effect == Effect.STORE && op != Op.BARRIER) || effect == Effect.CALL;
}

function use(uses: StaticArray<i32>, ref: Ref, count: i32): void {
  if (ref >= 0 && ref != NONE) uses[ref] += count;
}

function countUses(trace: Trace): StaticArray<i32> {
  const instructions = trace.instructions;
  const snapshots = trace.snapshots;
  const uses = new StaticArray<i32>(instructions.length);
  const needed = new StaticArray<u8>(snapshots.length);
  let loops = false;
  for (let i = 0; i < instructions.length; i++) {
    const instruction = instructions[i];
    if (instruction.op == Op.LOOP) loops = true;
    if (instruction.snapshot >= 0) needed[instruction.snapshot] = 1;
    const count = instruction.op == Op.PHI || repeatsOperands(instruction.op) ? 2 : 1;
    const operands = countOperands(instruction);
    for (let n = 0; n < operands; n++) use(uses, operandAt(instruction, n), count);
  }
  const runsOn = trace.link == Link.LOOP && loops;
  if (trace.endSnapshot >= 0 && !runsOn) needed[trace.endSnapshot] = 1;
  if (trace.resultSnapshot >= 0) needed[trace.resultSnapshot] = 1;
  for (let i = 0; i < snapshots.length; i++) {
    if (needed[i] == 0) continue;
    const entries = snapshots[i].entries;
    for (let n = 0; n < entries.length; n++) use(uses, entries[n].ref, 2);
  }
  return uses;
}

function planInlining(instructions: Array<Instruction>, uses: StaticArray<i32>): StaticArray<u8> {
  const count = instructions.length;
  const inlined = new StaticArray<u8>(count);
  /** May be inlined if its use permits. */
  const candidate = new StaticArray<u8>(count);
  const region = new StaticArray<u8>(count);
  /** Number of writes before the first load the expression contains, -1 if it contains none. */
  const loadedAt = new StaticArray<i32>(count);
  const depth = new StaticArray<u8>(count);
  let writes = 0;
  let inLoop: u8 = 0;
  for (let i = 0; i < count; i++) {
    const instruction = instructions[i];
    const op = instruction.op;
    const effect = effectOf(op);
    if (op == Op.LOOP) inLoop = 1;
    region[i] = inLoop;
    loadedAt[i] = effect == Effect.LOAD ? writes : -1;
    const operands = countOperands(instruction);
    for (let n = 0; n < operands; n++) {
      const ref = operandAt(instruction, n);
      if (ref < 0 || ref == NONE || candidate[ref] == 0 || region[ref] != inLoop || <i32>depth[ref] >= MAX_DEPTH) continue;
      const at = loadedAt[ref];
      if (at >= 0 && at != writes) continue;
      inlined[ref] = 1;
      if (at >= 0) loadedAt[i] = at;
      depth[i] = max(depth[i], depth[ref] + 1);
    }
    candidate[i] = uses[i] == 1 && (effect == Effect.PURE || effect == Effect.LOAD) && !needsLocal(op) ? 1 : 0;
    if (writesMemory(instruction)) writes++;
  }
  return inlined;
}

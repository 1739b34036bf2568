/**
 * Decides, before any code is emitted, how each value of a trace is kept: in a Wasm local of its own, or inlined as an expression at its only use.
 *
 * A value is inlined if it has one use, in the same region (pre-roll or loop), by an instruction that evaluates its operands once,
 * and if nothing in between can change what it loads. Values in snapshots and PHIs always get a local: exits are out of line, and the
 * copies at the loop's end happen at once.
 *
 * Why bother, when V8 builds SSA itself: fewer locals and bytes mean less to encode, to validate and for Liftoff to shuffle.
 */
import { Helper } from '../ir/helper-table.ts';
import type { IROpName } from '../ir/ir-table.ts';
import { helperAt, OPERATIONS } from '../ir/operations.ts';
import { type Instruction, type IRRef, NONE, type Trace } from '../ir/trace.ts';
import { LoweringError } from './lowering-error.ts';

/** Deeper trees overflow nothing yet, but Binaryen's passes recurse. */
const MAX_DEPTH = 20;

/** IR instructions that take as long as a unit of the budget should, and how many of them a call is worth. */
export const INSTRUCTIONS_PER_UNIT = 64;
const CALL_WEIGHT = 8;

/** Operations whose lowering names an operand more than once. */
const REPEATS_OPERANDS: ReadonlySet<IROpName> = new Set(['IDIV', 'MOD', 'MIN', 'MAX', 'ABS', 'ISINT', 'SHL', 'SHR', 'POW', 'APPEND_ROOM', 'SLOT_ROOM', 'BARRIER', 'HSTORE', 'USTORE', 'DSTORE']);
/** Operations lowered as statements that leave their result in a local. */
const NEEDS_LOCAL: ReadonlySet<IROpName> = new Set(['IDIV', 'MOD', 'SLOAD', 'CALL']);

export interface Phi {
  readonly left: IRRef;
  readonly right: IRRef;
}

export interface ValuePlan {
  /** Index of LOOP, -1 if there is none. */
  readonly loopIndex: number;
  readonly phis: readonly Phi[];
  /** Left sides of PHIs: their locals change at the loop's end. */
  readonly phiLefts: ReadonlySet<IRRef>;
  /** By reference: 1 if the value is emitted where it is used. */
  readonly inlined: Uint8Array;
  /** By reference: 1 if something needs the value. */
  readonly used: Uint8Array;
  /** Something in it may make a collection due. */
  readonly allocates: boolean;
  /** Something in it may be paid for by the length of an operand. */
  readonly works: boolean;
  /** What passing through it costs, in units of the budget. */
  readonly units: number;
}

/** Whether something in the trace looks at the real stack: builtins, and the closing of upvalues. */
export function seesStack({ instructions }: Trace): boolean {
  return instructions.some((instruction) => callsInStack(instruction) || closesUpvalues(instruction));
}

/** Whether the trace must start with the real stack up to date: what reads it comes more than once, or behind stores the recorder made. */
export function needsStackAtStart({ instructions }: Trace): boolean {
  const loops = instructions.some(({ op }) => op === 'LOOP');
  return instructions.some((instruction) => (callsInStack(instruction) && loops) || closesUpvalues(instruction));
}

/** Does it call something in the real stack? */
export const callsInStack = ({ op }: Instruction): boolean => op === 'CALLB' || op === 'CALLF';

const closesUpvalues = ({ op, immediate }: Instruction): boolean => op === 'CALL' && immediate === Helper.traceCloseUpvalues;

/** The operands of an instruction that are references to instructions or constants. */
function operandsOf(instruction: Instruction): readonly IRRef[] {
  if (instruction.op === 'CALL') return instruction.args;
  const count = OPERATIONS[instruction.op].operands.length;
  if (count === 0) return [];
  if (count === 1) return [instruction.a];
  return count === 2 ? [instruction.a, instruction.b] : [instruction.a, instruction.b, instruction.c];
}

function allocates(instruction: Instruction): boolean {
  const { op } = instruction;
  return op === 'APPEND_ROOM' || op === 'SLOT_ROOM' || callsInStack(instruction) || (op === 'CALL' && helperAt(instruction.immediate).allocates === true);
}

/** Whether it may make a collection due, or be paid for by the length of an operand. */
export const needsLook = (instruction: Instruction): boolean =>
  allocates(instruction) || (instruction.op === 'CALL' && helperAt(instruction.immediate).works === true);

/** Is it a call of this compiled function? */
export function callsFunction({ constants }: Trace, { op, a }: Instruction, functionProto: number): boolean {
  return op === 'CALLF' && a < 0 && (constants[~a]!.value as number) >>> 0 === functionProto;
}

/** Whether loads must not be moved behind this instruction. */
function writesMemory(instruction: Instruction): boolean {
  const { op } = instruction;
  if (op === 'CALL') return helperAt(instruction.immediate).effect === 'write';
  const { effect } = OPERATIONS[op];
  return (effect === 'store' && op !== 'BARRIER') || effect === 'call';
}

export function planValues(trace: Trace): ValuePlan {
  const { instructions } = trace;
  const loopIndex = instructions.findIndex(({ op }) => op === 'LOOP');
  const phis = instructions.filter(({ op }) => op === 'PHI').map(({ a, b }) => ({ left: a, right: b }));
  if (phis.some(({ left }) => left < 0)) throw new LoweringError('the left side of a PHI is a constant');
  if (new Set(phis.map(({ left }) => left)).size < phis.length) throw new LoweringError('two PHIs share their left side');
  const uses = countUses(trace, loopIndex);
  return {
    loopIndex,
    phis,
    phiLefts: new Set(phis.map(({ left }) => left)),
    inlined: planInlining(instructions, uses),
    used: Uint8Array.from(uses, (count) => (count > 0 ? 1 : 0)),
    allocates: instructions.some(allocates),
    works: instructions.some((instruction) => callsInStack(instruction) || (instruction.op === 'CALL' && helperAt(instruction.immediate).works === true)),
    units: 1 + Math.floor(instructions.reduce((sum, { op }) => sum + (op === 'CALL' || op === 'CALLB' || op === 'CALLF' ? CALL_WEIGHT : 1), 0) / INSTRUCTIONS_PER_UNIT),
  };
}

/** Number of uses of each value; 2 stands for any use that needs a local. */
function countUses(trace: Trace, loopIndex: number): Uint32Array {
  const { instructions, snapshots } = trace;
  const uses = new Uint32Array(instructions.length);
  const needed = new Uint8Array(snapshots.length);
  const use = (ref: IRRef, count: number): void => {
    if (ref >= 0 && ref !== NONE) uses[ref]! += count;
  };
  for (const instruction of instructions) {
    const { op, snapshot } = instruction;
    if (snapshot >= 0) needed[snapshot] = 1;
    const count = op === 'PHI' || REPEATS_OPERANDS.has(op) ? 2 : 1;
    for (const ref of operandsOf(instruction)) use(ref, count);
  }
  const runsOn = trace.link.kind === 'loop' && loopIndex >= 0;
  if (trace.endSnapshot >= 0 && !runsOn) needed[trace.endSnapshot] = 1;
  if (trace.resultSnapshot >= 0) needed[trace.resultSnapshot] = 1;
  for (const [index, { entries }] of snapshots.entries()) {
    if (needed[index]) for (const { ref } of entries) use(ref, 2);
  }
  return uses;
}

function planInlining(instructions: readonly Instruction[], uses: Uint32Array): Uint8Array {
  const count = instructions.length;
  const inlined = new Uint8Array(count);
  /** May be inlined if its use permits. */
  const candidate = new Uint8Array(count);
  const region = new Uint8Array(count);
  /** Number of writes before the first load the expression contains, -1 if it contains none. */
  const loadedAt = new Int32Array(count).fill(-1);
  const depth = new Uint8Array(count);
  let writes = 0;
  let inLoop = 0;
  for (let i = 0; i < count; i++) {
    const instruction = instructions[i]!;
    const { op } = instruction;
    const { effect } = OPERATIONS[op];
    if (op === 'LOOP') inLoop = 1;
    region[i] = inLoop;
    if (effect === 'load') loadedAt[i] = writes;
    for (const ref of operandsOf(instruction)) {
      if (ref < 0 || ref === NONE || !candidate[ref] || region[ref] !== inLoop || depth[ref]! >= MAX_DEPTH) continue;
      const at = loadedAt[ref]!;
      if (at >= 0 && at !== writes) continue;
      inlined[ref] = 1;
      if (at >= 0) loadedAt[i] = at;
      depth[i] = Math.max(depth[i]!, depth[ref]! + 1);
    }
    candidate[i] = uses[i] === 1 && (effect === 'pure' || effect === 'load') && !NEEDS_LOCAL.has(op) ? 1 : 0;
    if (writesMemory(instruction)) writes++;
  }
  return inlined;
}

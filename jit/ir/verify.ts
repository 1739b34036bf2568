/**
 * The verifier: whatever a pass or the recorder could break that the types of TypeScript do not show. Driven by the operation and helper
 * tables. Runs behind each pass in debug builds and tests; the first fault throws, with the instruction as text.
 */
import type { IRType, OperandMode } from './ir-table.ts';
import { helperAt, OPERATIONS, typeOfTag } from './operations.ts';
import { printInstruction } from './print.ts';
import { type Instruction, type IRRef, NONE, type Snapshot, type Trace } from './trace.ts';
import { findBarrierFault } from './verify-barriers.ts';

/** A trace breaks an invariant of the IR: a bug in the recorder or in a pass. */
export class MalformedTrace extends Error {
  override readonly name = 'MalformedTrace';
  constructor(pass: string, what: string, where: string) {
    super(`after ${pass}: ${what}: ${where}`);
  }
}

/** @param pass what ran before, for the message @throws MalformedTrace */
export function verifyTrace(trace: Trace, pass: string): void {
  new Verifier(trace, pass).run();
}

class Verifier {
  private loop = -1;
  private readonly carried = new Set<IRRef>();
  private current: IRRef = 0;
  /** Snapshots looked at: those who use one later see all that the first sees. */
  private readonly seen = new Set<Snapshot>();
  private readonly slots = new Set<number>();

  constructor(
    private readonly trace: Trace,
    private readonly pass: string,
  ) {}

  run(): void {
    const { instructions, snapshots, endSnapshot, link } = this.trace;
    instructions.forEach((instruction, ref) => {
      this.current = ref;
      this.verifyInstruction(instruction);
    });
    if (instructions.length === 0) return;
    this.check(endSnapshot >= -1 && endSnapshot < snapshots.length, 'the end snapshot does not exist');
    this.check(link.kind === 'interpreter' || endSnapshot >= 0, 'a linked trace needs an end snapshot');
    if (endSnapshot >= 0) this.verifySnapshot(snapshots[endSnapshot]!, instructions.length);
    if (link.kind === 'return') {
      const results = snapshots[this.trace.resultSnapshot];
      this.check(results !== undefined, 'a trace that returns has values');
      this.verifySnapshot(results, instructions.length);
    }
    this.check(this.loop < 0 || link.kind === 'loop', 'LOOP in a trace that does not loop');
  }

  private check(condition: boolean, what: string): asserts condition {
    if (condition) return;
    throw new MalformedTrace(this.pass, what, printInstruction(this.trace, this.current, this.trace.instructions[this.current]!));
  }

  private verifyInstruction(instruction: Instruction): void {
    const { op, type } = instruction;
    const description = OPERATIONS[op];
    this.check(description !== undefined && !op.startsWith('K'), 'not an operation of the trace');
    this.check(description.types.includes(type), `type ${type} is not allowed`);
    this.check(this.carried.size === 0 || op === 'PHI' || op === 'NOP', 'PHIs must be at the end');
    if (op === 'CALL') this.verifyCall(instruction);
    else this.verifyOperands(instruction);
    this.verifyImmediates(instruction);
    const fault = findBarrierFault(this.trace, this.current);
    this.check(fault === undefined, fault ?? '');
    if (op === 'LOOP') {
      this.check(this.loop < 0, 'a second LOOP');
      this.loop = this.current;
    } else if (op === 'PHI') this.verifyPhi(instruction);
    this.verifyExit(instruction);
  }

  private verifyCall({ immediate, args, type }: Instruction): void {
    const helper = helperAt(immediate);
    this.check(helper !== undefined, 'no such helper');
    this.check(type === helper.result, 'not the type of the helper');
    this.check(args.length === helper.parameters.length, 'wrong number of arguments');
    for (const [index, arg] of args.entries()) this.verifyUse(arg, helper.parameters[index]!);
  }

  private verifyOperands({ op, type, a, b, c, args }: Instruction): void {
    const { operands } = OPERATIONS[op];
    this.check(args.length === 0, 'only CALL has arguments');
    this.verifyOperand(a, operands[0], type);
    this.verifyOperand(b, operands[1], type);
    this.verifyOperand(c, operands[2], type);
    if (operands[0] === 'any') {
      const compared = this.trace.typeOf(a);
      this.check(compared === this.trace.typeOf(b), 'operands of different types');
      this.check(compared !== 'f64' || (op !== 'ULT' && op !== 'UGE'), 'floats are not unsigned');
    }
  }

  private verifyOperand(operand: IRRef, mode: OperandMode | undefined, type: IRType): void {
    if (mode === undefined) this.check(operand === NONE, 'an operand too many');
    else if (mode !== '?' || operand !== NONE) this.verifyUse(operand, mode === '=' ? type : mode === 'any' || mode === '?' ? undefined : mode);
  }

  private verifyUse(operand: IRRef, type: string | undefined): void {
    const { instructions, constants } = this.trace;
    this.check(operand !== NONE, 'an operand is missing');
    this.check(operand < 0 ? ~operand < constants.length : operand < this.current || this.isPhi(), 'an operand does not exist yet');
    this.check(operand < instructions.length, 'an operand does not exist');
    const actual = this.trace.typeOf(operand);
    this.check(actual !== 'void', 'an operand has no value');
    this.check(type === undefined || actual === type, `an operand is ${actual}, not ${type}`);
  }

  private isPhi(): boolean {
    return this.trace.instructions[this.current]!.op === 'PHI';
  }

  private verifyImmediates({ op, type, a, b, immediate, immediate2 }: Instruction): void {
    const description = OPERATIONS[op];
    this.check(description.immediate !== undefined || immediate === 0, 'an immediate without meaning');
    this.check(description.immediate2 !== undefined || immediate2 === 0, 'a second immediate without meaning');
    if (description.immediate2 !== 'tag' || op === 'ATAGSTORE') return;
    const expected = typeOfTag(immediate2);
    if (op === 'SLOAD') {
      this.check(type === expected, 'type and tag do not fit');
      return;
    }
    const value = op === 'RSTORE' ? a : b;
    this.check((value === NONE ? 'void' : this.trace.typeOf(value)) === expected, 'value and tag do not fit');
  }

  private verifyPhi({ a, b }: Instruction): void {
    this.check(this.loop >= 0, 'PHI without LOOP');
    this.check(a >= 0 && a < this.loop, 'the left operand of a PHI is a value of the pre-roll');
    this.check(!this.carried.has(a), 'two PHIs for one value');
    this.check(a !== b, 'a PHI that changes nothing');
    this.carried.add(a);
  }

  private verifyExit({ op, snapshot }: Instruction): void {
    const { exits } = OPERATIONS[op];
    this.check(snapshot < this.trace.snapshots.length, 'its snapshot does not exist');
    this.check(snapshot >= 0 ? exits !== undefined : exits !== 'yes', 'an exit needs a snapshot, and only exits have one');
    if (snapshot >= 0) this.verifySnapshot(this.trace.snapshots[snapshot]!, this.current);
  }

  private verifySnapshot(snapshot: Snapshot, before: IRRef): void {
    if (this.seen.has(snapshot)) return;
    this.seen.add(snapshot);
    const { entries, frames } = snapshot;
    const { slots } = this;
    slots.clear();
    for (const { slot, ref, tag } of entries) {
      this.check(!slots.has(slot), `slot ${slot} is twice in the snapshot`);
      slots.add(slot);
      const expected = typeOfTag(tag);
      if (expected === 'void') {
        this.check(ref === NONE, `slot ${slot} has a tag without a payload, and a value`);
        continue;
      }
      this.check(ref !== NONE && ref < before, `slot ${slot} has a value that does not exist yet`);
      this.check(this.trace.typeOf(ref) === expected, `slot ${slot} has a value that does not fit its tag`);
    }
    for (const [index, { base }] of frames.entries()) this.check(base > (frames[index - 1]?.base ?? 0), 'frames are not in order');
  }
}

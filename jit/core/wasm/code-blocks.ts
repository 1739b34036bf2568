/** The basic blocks of a code stream, and what each does with locals. */
import { Immediate, immediatesOf, Wasm } from '../generated/wasm-tables';

export const NOWHERE: i32 = -1;

/** Words that an instruction takes with its immediates. */
export function wordsOf(immediates: i32): i32 {
  return immediates == Immediate.NONE ? 1 : immediates == Immediate.I64 || immediates == Immediate.F64 ? 3 : 2;
}

export class CodeBlocks {
  /** By access: the local, whether it is set, and the local that it is set to a copy of, or NOWHERE. */
  accessed: Array<i32> = [];
  sets: Array<u8> = [];
  copied: Array<i32> = [];
  /** By block: its first access, the label it may branch to or NOWHERE, whether it goes on in the next, whether it is a loop's head. */
  first: Array<i32> = [];
  branch: Array<i32> = [];
  fallsThrough: Array<u8> = [];
  isLoop: Array<u8> = [];
  /** By label: its block. */
  labels: Array<i32> = [];

  get count(): i32 {
    return this.first.length;
  }

  accessesBegin(block: i32): i32 {
    return this.first[block];
  }

  accessesEnd(block: i32): i32 {
    return block + 1 < this.first.length ? this.first[block + 1] : this.accessed.length;
  }

  /** The block that one may branch to, or NOWHERE. */
  targetOf(block: i32): i32 {
    const label = this.branch[block];
    return label == NOWHERE ? NOWHERE : this.labels[label];
  }

  access(local: i32, isSet: bool, copied: i32): void {
    this.accessed.push(local);
    this.sets.push(isSet ? 1 : 0);
    this.copied.push(copied);
  }

  /** Ends the block under way and begins the next. @param label that it may branch to */
  next(label: i32, fallsThrough: bool): void {
    const block = this.count - 1;
    this.branch[block] = label;
    this.fallsThrough[block] = fallsThrough ? 1 : 0;
    this.begin();
  }

  begin(): void {
    this.first.push(this.accessed.length);
    this.branch.push(NOWHERE);
    this.fallsThrough.push(0);
    this.isLoop.push(0);
  }

  newLabel(): i32 {
    return this.labels.push(NOWHERE) - 1;
  }

  /** The block under way is what a label names. */
  place(label: i32): void {
    this.labels[label] = this.count - 1;
  }
}

export function readBlocks(body: Array<i32>): CodeBlocks {
  const blocks = new CodeBlocks();
  /** Of the open blocks: what a branch to one names, and where an `if` goes whose condition fails. */
  const targets: Array<i32> = [];
  const alternatives: Array<i32> = [];
  let copied = NOWHERE;
  blocks.begin();
  for (let at = 0; at < body.length; ) {
    const op = body[at];
    const source = copied;
    copied = NOWHERE;
    switch (op) {
      case Wasm.local_get:
        copied = body[at + 1];
        blocks.access(copied, false, NOWHERE);
        break;
      case Wasm.local_set:
      case Wasm.local_tee:
        blocks.access(body[at + 1], true, source);
        break;
      case Wasm.block_:
        targets.push(blocks.newLabel());
        alternatives.push(NOWHERE);
        break;
      case Wasm.loop_: {
        const label = blocks.newLabel();
        blocks.next(NOWHERE, true);
        blocks.isLoop[blocks.count - 1] = 1;
        blocks.place(label);
        targets.push(label);
        alternatives.push(NOWHERE);
        break;
      }
      case Wasm.if_: {
        const alternative = blocks.newLabel();
        targets.push(blocks.newLabel());
        alternatives.push(alternative);
        blocks.next(alternative, true);
        break;
      }
      case Wasm.else_:
        blocks.next(targets[targets.length - 1], false);
        blocks.place(alternatives.pop());
        alternatives.push(NOWHERE);
        break;
      case Wasm.end_:
        if (targets.length == 0) break;
        blocks.next(NOWHERE, true);
        const label = targets.pop();
        if (blocks.labels[label] == NOWHERE) blocks.place(label);
        const alternative = alternatives.pop();
        if (alternative != NOWHERE) blocks.place(alternative);
        break;
      case Wasm.br_:
        blocks.next(targets[targets.length - 1 - body[at + 1]], false);
        break;
      case Wasm.br_if:
        blocks.next(targets[targets.length - 1 - body[at + 1]], true);
        break;
      case Wasm.return_:
      case Wasm.unreachable_:
        blocks.next(NOWHERE, false);
        break;
      default:
    }
    at += wordsOf(immediatesOf(op));
  }
  return blocks;
}

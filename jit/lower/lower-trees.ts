/** Trees of traces as one function: the JIT's core lowers and encodes, this takes apart what it gives back (jit/core/lower/index.ts). */
import { compilingCore, isFault, type JitCore } from '../core-module.ts';
import type { RecordedTrace } from '../ir/recorded-trace.ts';
import type { SnapshotFrame } from '../ir/trace.ts';
import { WordReader } from '../ir/word-reader.ts';
import type { FunctionCode } from '../wasm/function-code.ts';
import { EncodedCode } from './encoded-code.ts';
import { EXIT_KINDS, type ExitDescription } from './exits.ts';
import { LoweringError } from './lowering-error.ts';

/** A root trace, entered at a loop's head, with its side traces; `parent.exit` of a side is the index of a snapshot of its parent. */
export interface TraceTree {
  readonly root: RecordedTrace;
  readonly sides: readonly RecordedTrace[];
}

/** A trace or tree as a function, ready for a backend, with what the core must know about it. */
export interface LoweredFunction {
  readonly code: FunctionCode;
  /** Does the code import the address of its exits' descriptors? */
  readonly needsExits: boolean;
  /** By exit number. */
  readonly exits: readonly ExitDescription[];
  /** Stack slots above the root base it may write. */
  readonly stackSlots: number;
  /** Frames an exit may push. */
  readonly maxFrames: number;
  /** The code of a whole function. */
  readonly isFunction: boolean;
}

interface LowerExports {
  lowerTrees(words: number, treeCount: number, withBody: boolean): number;
}

/**
 * @param trees the function gets an entry for the root of each; all roots belong to the same frame
 * @param withBody the code's instructions are wanted besides the encoded module
 * @throws LoweringError if a trace is malformed
 */
export function lowerTrees(trees: readonly TraceTree[], withBody: boolean): LoweredFunction {
  const core = compilingCore();
  core.exports.reset();
  try {
    const address = core.write(...wordsOf(trees));
    return readFunction(core.readWords((core.exports as JitCore['exports'] & LowerExports).lowerTrees(address, trees.length, withBody)));
  } catch (error) {
    if (isFault(error)) throw new LoweringError(error.message);
    throw error;
  }
}

const wordsOf = (trees: readonly TraceTree[]): Int32Array[] => trees.flatMap(({ root, sides }) => [Int32Array.of(sides.length), root.words, ...sides.map(({ words }) => words)]);

function readFunction(list: Int32Array<ArrayBuffer>): LoweredFunction {
  const words = new WordReader(list, 1);
  const [stackSlots, maxFrames, isFunction] = [words.next(), words.next(), words.next() !== 0];
  const exits: ExitDescription[] = [];
  for (let rest = words.next(); rest > 0; rest--) exits.push(readExit(words));
  const code = new EncodedCode(words);
  return { code, needsExits: code.needsExits, exits, stackSlots, maxFrames, isFunction };
}

function readExit(words: WordReader): ExitDescription {
  const [kind, trace, snapshot, pc, length] = [EXIT_KINDS[words.next()]!, words.next(), words.next(), words.address(), words.next()];
  const frames: SnapshotFrame[] = [];
  for (let rest = words.next(); rest > 0; rest--) frames.push({ base: words.next(), callerPc: words.address(), results: words.next(), kind: words.address() });
  return { kind, trace, snapshot, pc, frames, length };
}

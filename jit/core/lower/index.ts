/** Lowering for the host: trees of traces as words in, the function as words out. */
import { readTrace, WordReader, WordWriter, writeFrames } from '../ir/flat';
import { coalesceLocals } from '../wasm/coalesce-locals';
import { writeCode } from '../wasm/index';
import { ExitDescription } from './exits';
import { lowerTrees as lower, TraceTree } from './function-lowering';

/**
 * @param words of each tree: number of sides, flat trace of the root, flat traces of the sides (ir/flat.ts)
 * @param withBody besides the encoded module
 * @returns address of words:
 *
 *     words (all of them), stack slots, frames, is it a function
 *     number of exits; of each: kind, trace, snapshot, pc, length, number of frames; base, caller's pc, results, kind of each frame
 *     the function code (wasm/index.ts)
 */
export function lowerTrees(words: usize, treeCount: i32, withBody: bool): usize {
  const reader = new WordReader(words);
  const trees: Array<TraceTree> = [];
  for (let i = 0; i < treeCount; i++) trees.push(readTree(reader));
  const lowered = lower(trees);
  coalesceLocals(lowered.code);
  const out = new WordWriter();
  out.put(0);
  out.put(lowered.stackSlots);
  out.put(lowered.maxFrames);
  out.put(lowered.isFunction ? 1 : 0);
  writeExits(lowered.exits, out);
  writeCode(lowered.code, out, withBody);
  out.words[0] = out.words.length;
  return out.words.dataStart;
}

function readTree(words: WordReader): TraceTree {
  const sideCount = words.next();
  const tree = new TraceTree(readTrace(words));
  for (let i = 0; i < sideCount; i++) tree.traces.push(readTrace(words));
  return tree;
}

function writeExits(exits: Array<ExitDescription>, out: WordWriter): void {
  out.put(exits.length);
  for (let i = 0; i < exits.length; i++) {
    const exit = exits[i];
    const frames = exit.frames;
    out.put(exit.kind);
    out.put(exit.trace);
    out.put(exit.snapshot);
    out.put(exit.pc);
    out.put(exit.length);
    out.put(frames.length);
    writeFrames(frames, out);
  }
}

/** The recorder as the host drives it (jit/record/recorder.ts): one recording at a time. */
import { optimise } from '../passes/optimise';
import { readTrace, WordReader, WordWriter, writeTrace } from '../ir/flat';
import { options } from './core/parameters';
import { Recorder } from './core/recorder';
import { ParentExit } from './core/recording';

export { setParameters } from './core/parameters';

/** The recording under way. */
let recorder: Recorder | null = null;

/** Records a root trace from where the program stands. @param functionProto of a root that is a function, else 0 */
export function beginRecording(number: i32, rootBase: u32, functionProto: u32): void {
  recorder = new Recorder(number, rootBase, null, functionProto);
}

/** Records a side trace from where the program stands. @param parentWords the parent, flat @param exit index of the snapshot of its exit */
export function beginSide(number: i32, rootBase: u32, parentWords: usize, exit: i32): void {
  recorder = new Recorder(number, rootBase, new ParentExit(readTrace(new WordReader(parentWords)), exit), 0);
}

/** @returns 0 when the trace is complete; nothing is to be executed then */
export function recordNext(): i32 {
  return recorder!.recordNext() ? 1 : 0;
}

/** Behind the execution of the instruction. */
export function afterStep(): void {
  recorder!.afterStep();
}

/** Is a call under way that is executed as a whole? 0 or 1 */
export function isWaiting(): i32 {
  return recorder!.isWaiting() ? 1 : 0;
}

/** Does not wait for the call any longer: the trace is complete with it. */
export function stopWaiting(): void {
  recorder!.stopWaiting();
}

/** Instructions recorded. */
export function recordedLength(): i32 {
  return recorder!.length;
}

/** Inlined frames above the root's. */
export function recordedDepth(): i32 {
  return recorder!.depth;
}

/** The trace as it is now. @returns address of its words */
export function recordedTrace(): usize {
  const out = new WordWriter();
  writeTrace(recorder!.trace, out);
  return changetype<usize>(out.words.dataStart);
}

/** Optimises the trace. @returns address of its words */
export function finishRecording(): usize {
  optimise(recorder!.trace, options, recorder!.ir);
  return recordedTrace();
}

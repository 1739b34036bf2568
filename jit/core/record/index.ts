/** The recorder as the host drives it (jit/record/recorder.ts): one recording at a time. */
import { RUN_STEPPED, VM_DEAD_OWNERS } from '../../../src/bytecode/layout';
import { abortRecording, load32, step } from '../base/host';
import { Abort } from '../generated/ir-tables';
import { optimise } from '../passes/optimise';
import { readTrace, WordReader, WordWriter, writeTrace } from '../ir/flat';
import { isHooked } from './core/heap';
import { options } from './core/parameters';
import { Recorder } from './core/recorder';
import { ParentExit } from './core/recording';

export { setParameters } from './core/parameters';

/** The recording under way. */
let recorder: Recorder | null = null;

/** Records a root trace from where the program stands. @param functionProto of a root that is a function, else 0 */
export function beginRecording(number: i32, rootBase: u32, functionProto: u32): void {
  stepStatus = RUN_STEPPED;
  recorder = new Recorder(number, rootBase, null, functionProto);
}

/** Records a side trace from where the program stands. @param parentWords the parent, flat @param exit index of the snapshot of its exit */
export function beginSide(number: i32, rootBase: u32, parentWords: usize, exit: i32): void {
  stepStatus = RUN_STEPPED;
  recorder = new Recorder(number, rootBase, new ParentExit(readTrace(new WordReader(parentWords)), exit), 0);
}

/** Instructions of a call that is executed as a whole while a recording waits for it. */
const MAX_CALL_STEPS: i32 = 200;

/** How the last step ended (RUN_*), STEPPING while the program is executed: what is thrown then is the program's. */
let stepStatus: u32 = RUN_STEPPED;
const STEPPING: u32 = 0xffffffff;

/** Records and executes up to so many instructions. @returns 0 once the trace is complete; what was recorded last is not executed then, or is a call that took too long */
export function recordSome(most: i32): i32 {
  const current = recorder!;
  for (let n = 0; n < most; n++) {
    if (!current.recordNext()) return 0;
    // A collection in an emergency: what is known by address may be of prototypes that are gone.
    if (load32(VM_DEAD_OWNERS) != 0) abortRecording(Abort.INTERRUPTED);
    executeNext();
    for (let steps = 0; steps < MAX_CALL_STEPS && current.isWaiting(); steps++) executeNext();
    if (current.isWaiting()) {
      current.stopWaiting();
      return 0;
    }
    current.afterStep();
  }
  return 1;
}

function executeNext(): void {
  stepStatus = STEPPING;
  stepStatus = step();
  if (stepStatus != RUN_STEPPED || isHooked()) abortRecording(Abort.INTERRUPTED);
}

/** RUN_*; -1 if the program has thrown something. */
export function lastStatus(): i32 {
  return stepStatus;
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

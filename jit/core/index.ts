/** The JIT's core: recording, optimising and lowering of traces, in WebAssembly, which is fast from its first use. */
import './base/host';
import { readTrace, WordReader, WordWriter, writeTrace } from './ir/flat';

/** Room for `words` words that the host writes. @returns its address */
export function reserve(words: u32): usize {
  return heap.alloc(words << 2);
}

/** Everything made so far is garbage. */
export function reset(): void {
  // @ts-ignore: of the runtime
  __reset();
}

/** Tests: reads a trace and writes it again. @returns address of its words */
export function copyTrace(words: usize): usize {
  const out = new WordWriter();
  writeTrace(readTrace(new WordReader(words)), out);
  return changetype<usize>(out.words.dataStart);
}

export { eliminateDead, optimiseTrace, rebuildTrace } from './passes/index';
export { howBuiltinIsRecorded } from './record/builtins/call';
export { isRecordedOpcode } from './record/opcodes/index';
export {
  beginRecording, beginSide, finishRecording, lastStatus, recordedDepth, recordedLength, recordedTrace, recordSome, setParameters,
} from './record/index';
export { lowerTrees } from './lower/index';
export { encodeCode } from './wasm/index';

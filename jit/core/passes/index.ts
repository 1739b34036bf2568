/** Optimising of traces for the host: words in, words out (ir/flat.ts). */
import { readTrace, WordReader, WordWriter, writeTrace } from '../ir/flat';
import { Trace } from '../ir/trace';
import { eliminate, optimise } from './optimise';
import { rebuild } from './rebuild';

/** @param words a trace as it was recorded @param options bits of build/options.ts @returns address of the optimised trace's words */
export function optimiseTrace(words: usize, options: i32): usize {
  const trace = readTrace(new WordReader(words));
  optimise(trace, options, null);
  return written(trace);
}

/** Tests: the last passes alone, on a trace that may have its loop already. */
export function eliminateDead(words: usize, options: i32): usize {
  const trace = readTrace(new WordReader(words));
  eliminate(trace, options);
  return written(trace);
}

/**
 * Tests: emits a trace once more, as recording it with these options would have done.
 * @param optimised 1: optimises the result with the builder that has built it
 */
export function rebuildTrace(words: usize, options: i32, optimised: i32): usize {
  const builder = rebuild(readTrace(new WordReader(words)), options);
  if (optimised != 0) optimise(builder.trace, options, builder);
  return written(builder.trace);
}

function written(trace: Trace): usize {
  const out = new WordWriter();
  writeTrace(trace, out);
  return changetype<usize>(out.words.dataStart);
}

/** The JIT's core as tests of the builder and the passes use it: traces in, traces out, verified if the options say so. What it gives up is thrown as RecordingAborted. */
import { type OptimiserOptions, optionBits } from '../../../jit/build/options.ts';
import { JitCore } from '../../../jit/core-module.ts';
import { flattenTrace, unflattenTrace } from '../../../jit/ir/flat-trace.ts';
import type { Trace } from '../../../jit/ir/trace.ts';
import { verifyTrace } from '../../../jit/ir/verify.ts';

type Work = 'rebuildTrace' | 'optimiseTrace' | 'eliminateDead';

let core: JitCore | undefined;

function worked(work: Work, trace: Trace, options: OptimiserOptions, ...rest: number[]): Trace {
  core ??= new JitCore();
  core.exports.reset();
  const run = core.exports[work] as (words: number, ...options: number[]) => number;
  const result = unflattenTrace(core.readWords(run(core.write(flattenTrace(trace)), optionBits(options), ...rest)));
  if (options.verify) verifyTrace(result, work);
  return result;
}

/** What recording this trace, which has no loop yet, with these options would have given. So fold, forwarding and CSE are tested on text, without a recorder. */
export const rebuilt = (trace: Trace, options: OptimiserOptions): Trace => worked('rebuildTrace', trace, options, 0);

/** The same, optimised by the builder that has built it. */
export const rebuiltAndOptimised = (trace: Trace, options: OptimiserOptions): Trace => worked('rebuildTrace', trace, options, 1);

/** A recording optimised by a builder that has not built it. */
export const optimised = (trace: Trace, options: OptimiserOptions): Trace => worked('optimiseTrace', trace, options);

/** Without dead stores and dead code, as the options say; nothing else is done. */
export const withoutDead = (trace: Trace, options: OptimiserOptions): Trace => worked('eliminateDead', trace, options);

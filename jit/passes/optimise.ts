/**
 * The passes in their order, on a recorded trace. Fold, forwarding and CSE have run while it was recorded, and run again, as part of the
 * loop optimisation, on the second copy of the body.
 */
import { IRBuilder } from '../build/builder.ts';
import type { Trace } from '../ir/trace.ts';
import { verifyTrace } from '../ir/verify.ts';
import { eliminateDeadCode } from './dead-code.ts';
import { eliminateDeadStores } from './dead-stores.ts';
import { optimiseLoop } from './loop.ts';
import type { OptimiserOptions } from '../build/options.ts';

/**
 * Optimises a complete recording in place. A trace with link 'loop' has no LOOP instruction yet; without the loop pass it links to itself
 * as to any root trace.
 * @param builder the one the trace was recorded with, if at hand; it knows what would have to be found out again
 * @throws RecordingAborted if the loop is not stable in its types
 * @throws MalformedTrace (options.verify) if a pass, or the recorder, broke an invariant
 */
export function optimise(trace: Trace, options: OptimiserOptions, builder?: IRBuilder): void {
  const verify = options.verify ? (pass: string) => verifyTrace(trace, pass) : () => undefined;
  verify('recording');
  if (trace.link.kind === 'loop') {
    if (options.loop) {
      optimiseLoop(builder ?? new IRBuilder(trace, options));
      verify('loop');
    } else {
      trace.link = { kind: 'root', pc: trace.startPc, trace: trace.number };
    }
  }
  if (options.dse) {
    eliminateDeadStores(trace);
    verify('dead stores');
  }
  if (options.dce) {
    eliminateDeadCode(trace);
    verify('dead code');
  }
}

/**
 * The passes in their order, on a recorded trace. Fold, forwarding and CSE have run while it was recorded, and run again, as part of the
 * loop optimisation, on the second copy of the body.
 */
import { IRBuilder } from '../build/builder';
import { DCE, DSE, LOOP } from '../build/options';
import { Link, Trace } from '../ir/trace';
import { eliminateDeadCode } from './dead-code';
import { eliminateDeadStores } from './dead-stores';
import { optimiseLoop } from './loop';

/**
 * Optimises a complete recording in place. A trace with link LOOP has no LOOP instruction yet; without the loop pass it links to itself
 * as to any root trace. Aborts if the loop is not stable in its types.
 * @param builder the one the trace was recorded with, if at hand; it knows what would have to be found out again
 */
export function optimise(trace: Trace, options: i32, builder: IRBuilder | null = null): void {
  if (trace.link == Link.LOOP) {
    if ((options & LOOP) != 0) {
      optimiseLoop(builder !== null ? builder : new IRBuilder(trace, options));
    } else {
      trace.link = Link.ROOT;
      trace.linkPc = trace.startPc;
      trace.linkTrace = trace.number;
    }
  }
  eliminate(trace, options);
}

/** The passes that only take away. */
export function eliminate(trace: Trace, options: i32): void {
  if ((options & DSE) != 0) eliminateDeadStores(trace);
  if ((options & DCE) != 0) eliminateDeadCode(trace);
}

/** `-j dump`: of each trace its bytecode, its IR before and after the optimiser, and its Wasm text if the backend has a printer. */
import { ABORT_REASONS } from '../abort-reasons.ts';
import type { JitListener } from '../events.ts';
import { printTrace } from '../ir/print.ts';
import { placeText } from '../places.ts';

export function createDumpListener(write: (text: string) => void): JitListener {
  let bytecode: string[] = [];
  return (event) => {
    switch (event.kind) {
      case 'recording':
        bytecode = [];
        write(`---- TRACE ${event.number} start ${placeText(event.place)}${event.parent === undefined ? '' : ` from ${event.parent.trace}/${event.parent.exit}`}`);
        break;
      case 'instruction':
        bytecode.push(`${'. '.repeat(event.depth)}${event.describe()}`);
        break;
      case 'aborted':
        write(`${bytecode.join('\n')}\n---- TRACE ${event.number} abort ${placeText(event.at)} -- ${ABORT_REASONS[event.reason]} ${event.detail}`);
        break;
      case 'recorded':
        write(`${bytecode.join('\n')}\n---- TRACE ${event.trace.number} IR as recorded\n${printTrace(event.trace.contents)}`);
        break;
      case 'optimised':
        write(`---- TRACE ${event.trace.number} IR optimised\n${printTrace(event.trace.contents)}`);
        break;
      case 'code':
        write(event.text);
        break;
      case 'compiled':
        write(`---- TRACE ${event.number} stop -> ${event.trace.link.kind}`);
        break;
      case 'tree':
        write(`---- TRACE ${event.root} tree of ${event.traces}`);
        break;
      default:
    }
  };
}

/** `-j v`: a line per trace, as LuaJIT's -jv gives it. */
import { ABORT_REASONS } from '../abort-reasons.ts';
import type { JitListener, ParentPlace } from '../events.ts';
import type { RecordedTrace } from '../ir/recorded-trace.ts';
import { placeText } from '../places.ts';

const numbered = (number: number): string => String(number).padStart(3);
const from = (parent: ParentPlace | undefined): string => (parent === undefined ? '' : ` (${parent.trace}/${parent.exit})`);

/** What a trace ends with. */
function linkText({ link }: RecordedTrace): string {
  if (link.kind !== 'root') return link.kind;
  return link.trace === 0 ? '-> loop not compiled yet' : `-> ${link.trace}`;
}

/** @param write gets lines without their end */
export function createVerboseListener(write: (line: string) => void): JitListener {
  return (event) => {
    switch (event.kind) {
      case 'compiled':
      case 'adopted':
        write(`[TRACE ${numbered(event.number)}${from(event.parent)} ${placeText(event.place)} ${linkText(event.trace)}${event.kind === 'adopted' ? ', restored' : ''}]`);
        break;
      case 'aborted': {
        const detail = event.detail === '' ? '' : `: ${event.detail}`;
        const where = placeText(event.at) === placeText(event.place) ? '' : ` at ${placeText(event.at)}`;
        write(`[TRACE ---${from(event.parent)} ${placeText(event.place)} -- ${ABORT_REASONS[event.reason]}${detail}${where}]`);
        break;
      }
      case 'tree':
        write(`[TRACE ${numbered(event.root)} ${placeText(event.place)} tree of ${event.traces}]`);
        break;
      case 'blacklisted':
        write(`[TRACE --- ${placeText(event.place)} blacklisted]`);
        break;
      case 'discarded':
        write(`[TRACE ${numbered(event.number)} ${placeText(event.place)} discarded: ${ABORT_REASONS[event.reason]}]`);
        break;
      case 'flushed':
        write(`[TRACE --- flush of ${event.traces} traces]`);
        break;
      case 'available':
        write(`[JIT   backend ${event.backend} is ready]`);
        break;
      case 'unavailable':
        write(`[JIT   backend ${event.backend} is not available: ${event.message}]`);
        break;
      default:
    }
  };
}

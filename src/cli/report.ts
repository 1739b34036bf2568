/** Errors as `lua` prints them; on a terminal in colour. */
import { isTerminal } from '../hosts/node/builtins.ts';
import { LuaError } from '../api/index.ts';

/** Runs a part of the program. @returns false after an error, which was handed to `report` */
export function runReporting(part: () => void, report: (message: string) => void): boolean {
  try {
    part();
    return true;
  } catch (error) {
    if (!(error instanceof LuaError)) throw error;
    report(error.message);
    return false;
  }
}

const RED = '\x1b[31m';
const DIM = '\x1b[2m';
const PLAIN = '\x1b[0m';

/** Whether a stream shows colours: a terminal, unless the user wants none (no-color.org). */
export function showsColour(fd: number, environment: Readonly<NodeJS.ProcessEnv>): boolean {
  return isTerminal(fd) && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb';
}

/** A message in red, its traceback dimmed. */
export function paintError(message: string): string {
  const end = message.indexOf('\nstack traceback:');
  if (end < 0) return `${RED}${message}${PLAIN}`;
  return `${RED}${message.slice(0, end)}${PLAIN}\n${DIM}${message.slice(end + 1)}${PLAIN}`;
}

/** The reference implementation, when it is installed. */
import { execFileSync } from 'node:child_process';

/** Kilobytes of address space: a runaway program gets Lua's "not enough memory" rather than the machine's. */
const MEMORY = 2_000_000;

/** Runs lua5.4 on a file. @param input standard input @returns what it printed, a character per byte each @throws if it fails or takes too long */
export function runLua54(path: string, timeout = 20_000, input = ''): string {
  return execFileSync('sh', ['-c', `ulimit -v ${MEMORY} 2>/dev/null; exec lua5.4 "$0"`, path], { encoding: 'latin1', input: Buffer.from(input, 'latin1'), timeout, maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'pipe'] });
}

/** Whether a lua5.4 is installed. */
export function hasLua54(): boolean {
  try {
    execFileSync('lua5.4', ['-v'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The reference implementation, when it is installed. */
import { execFileSync } from 'node:child_process';

/** Runs lua5.4 on a file with an empty standard input. @returns what it printed, a character per byte @throws if it fails or takes too long */
export function runLua54(path: string, timeout = 20_000): string {
  return execFileSync('lua5.4', [path], { encoding: 'latin1', input: '', timeout, maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'pipe'] });
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

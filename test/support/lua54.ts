/** Runs the reference implementation (needs.ts tells whether it is installed). */
import { execFileSync } from 'node:child_process';

/** Kilobytes of address space: a runaway program gets Lua's "not enough memory" rather than the machine's. */
const MEMORY = 2_000_000;

/** Runs lua5.4 on a file. @param input standard input @returns what it printed, a character per byte each @throws if it fails or takes too long */
export function runLua54(path: string, timeout = 20_000, input = ''): string {
  return execFileSync('sh', ['-c', `ulimit -v ${MEMORY} 2>/dev/null; exec lua5.4 "$0"`, path], { encoding: 'latin1', input: Buffer.from(input, 'latin1'), timeout, maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'pipe'] });
}

/**
 * The lines typed in earlier sessions, in a file: $MOONTRACE_HISTORY (empty for none), else moontrace/history in the user's state folder
 * ($XDG_STATE_HOME, by default ~/.local/state). Lines are appended as they are typed, so sessions that run at once do not lose each other's.
 */
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** Lines kept. */
export const HISTORY_SIZE = 1000;
/** The file may be that many times as long before it is cut. */
const SLACK = 2;

export class History {
  readonly #path: string | undefined;
  #last = '';

  constructor(environment: Readonly<NodeJS.ProcessEnv>) {
    this.#path = pathOf(environment);
  }

  /** Earlier lines, newest first. A file that cannot be read has none. */
  load(): string[] {
    if (this.#path === undefined) return [];
    try {
      const lines = readFileSync(this.#path, 'utf8').split('\n').filter((line) => line !== '');
      if (lines.length > HISTORY_SIZE * SLACK) this.#cut(lines.slice(-HISTORY_SIZE));
      this.#last = lines.at(-1) ?? '';
      return lines.slice(-HISTORY_SIZE).reverse();
    } catch {
      return [];
    }
  }

  /** Keeps a line, unless it is blank or the one before. History that cannot be written is no reason to stop. */
  add(line: string): void {
    if (this.#path === undefined || line.trim() === '' || line === this.#last) return;
    this.#last = line;
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      appendFileSync(this.#path, `${line}\n`, { mode: 0o600 });
    } catch {}
  }

  #cut(lines: readonly string[]): void {
    const path = this.#path as string;
    const temporary = `${path}.${process.pid}`;
    writeFileSync(temporary, `${lines.join('\n')}\n`, { mode: 0o600 });
    renameSync(temporary, path);
  }
}

function pathOf(environment: Readonly<NodeJS.ProcessEnv>): string | undefined {
  const given = environment['MOONTRACE_HISTORY'];
  if (given !== undefined) return given === '' ? undefined : given;
  const state = environment['XDG_STATE_HOME'];
  return join(state === undefined || state === '' ? join(homedir(), '.local', 'state') : state, 'moontrace', 'history');
}

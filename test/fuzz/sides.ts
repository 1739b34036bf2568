/**
 * Runs generated programs on the engines to compare. The outcome of a program is its output and, if it failed, the error message.
 *
 * The reference runs many programs in one process, because starting it costs more than running them.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Mode, runLua } from '../support/engine.ts';
import { runLua54 } from '../support/lua54.ts';
import { PRELUDE } from './prelude.ts';

/** Name of the chunk that a generated program is, in its messages. */
const chunkName = '=fuzz';
const separator = '\u0001program';
const tooLong = '\u0001too long';
/** Error of a program that fills the memory; it may have caught it. */
const tooLarge = 'not enough memory';

/** Output, or what happened instead of it. */
export type Outcome = string;

/** Seconds of processor time that a program may take in the reference. */
const patience = 5;

/** Runs the programs under lua5.4, in one process. @returns outcomes; undefined where a program takes too long, or too much memory, or the reference crashes */
export function runReference(programs: readonly string[]): (Outcome | undefined)[] {
  const folder = mkdtempSync(join(tmpdir(), 'moontrace-fuzz-'));
  try {
    const file = join(folder, 'batch.lua');
    const literals = programs.map((source) => `[===[\n${source}]===],\n`).join('');
    writeFileSync(
      file,
      `load([===[
${PRELUDE}]===], "=prelude")()
local clock, fail, hook = os.clock, error, debug.sethook
for _, source in ipairs({\n${literals}}) do
  restart()
  print("${separator}")
  local chunk, message = load(source, "${chunkName}")
  if not chunk then print("error", message) else
    local limit, isLate = clock() + ${patience}, false
    hook(function()
      isLate = clock() > limit
      if isLate then fail("${tooLong}", 0) end
    end, "", 1000000)
    local ok, e = pcall(chunk)
    hook()
    restart()
    if isLate then print("${tooLong}") elseif not ok then print("error", e) end
  end
end
`,
      'latin1',
    );
    let output: string;
    try {
      output = runLua54(file, 600_000);
    } catch (error) {
      // Some versions of the reference crash at programs that others run.
      if ((error as { readonly signal?: string | null }).signal !== 'SIGSEGV') throw error;
      return programs.length === 1 ? [undefined] : programs.flatMap((program) => runReference([program]));
    }
    const parts = output.split(`${separator}\n`).slice(1);
    if (parts.length !== programs.length) throw new Error('the reference printed another number of programs');
    return parts.map((part) => (part.endsWith(`${tooLong}\n`) || part.includes(tooLarge) ? undefined : part));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a program on the engine, in a VM of its own. */
export function runEngine(program: string, mode: Mode): Outcome {
  try {
    const { stdout, error } = runLua(
      [
        [PRELUDE, '=prelude'],
        [program, chunkName],
      ],
      mode,
    );
    return error === undefined ? stdout : `${stdout}error\t${error}\n`;
  } catch (failure) {
    return `the engine crashed: ${failure instanceof Error ? (failure.stack ?? failure.message) : String(failure)}`;
  }
}

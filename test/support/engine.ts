/** The engine as the conformance and fuzz tests see it: source in, output and error message out, in one of several modes. */
import { createVm } from '../../src/vm/index-node.ts';
import { LuaError } from '../../src/vm/errors.ts';

/** How a script is run. */
export interface Mode {
  readonly name: string;
}

export interface RunResult {
  /** Bytes written to standard output, one character each. */
  readonly stdout: string;
  /** Message of the error that ended the script. */
  readonly error: string | undefined;
}

export const INTERPRETED: Mode = { name: 'interpreted' };

/** What the conformance tests run. */
export const ALL_MODES: readonly Mode[] = [INTERPRETED];

/** What the fuzzer compares with lua5.4. */
export const FUZZ_MODES: readonly Mode[] = [INTERPRETED];

/**
 * Runs chunks one after the other in a fresh VM; stops at the first error.
 * @param chunks source (a byte per character) and chunk name of each
 */
export function runLua(chunks: readonly (readonly [source: string, name: string])[], _mode: Mode): RunResult {
  const output: string[] = [];
  const vm = createVm({ libraries: 'all', stdout: (bytes) => output.push(Buffer.from(bytes).toString('latin1')) });
  let error: string | undefined;
  try {
    for (const [source, name] of chunks) vm.doString(Buffer.from(source, 'latin1'), name);
  } catch (failure) {
    if (!(failure instanceof LuaError)) throw failure;
    error = failure.message;
  } finally {
    vm.close();
  }
  return { stdout: output.join(''), error };
}

/** Loads the JIT when the command line wants one. It is a script of its own: `src` does not import it. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { createLateJit } from '../api/engine-port.ts';
import type { CreateJit, JitOptions, JitPort } from '../api/index.ts';
import type { LoadScript } from './load-script.ts';
import type { JitChoice } from './options.ts';

/** A writer of lines to a file (emptied first) or stderr. */
function writerTo(file: string | undefined): (text: string) => void {
  const line = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);
  if (file === undefined) return (text) => process.stderr.write(line(text));
  writeFileSync(file, '');
  return (text) => appendFileSync(file, line(text));
}

/**
 * The JIT as chosen; undefined if it is off or cannot be loaded (which `-j v` tells). Where nothing but that it is on was chosen it is loaded late.
 * @param observe whether it is to take notes
 * @throws what createJit does for bad parameters
 */
export function loadJit(choice: JitChoice, observe: boolean, loadScript: LoadScript): JitPort | undefined {
  if (!choice.isOn) return undefined;
  const isUsual = choice.verbose === undefined && choice.dump === undefined && !observe && Object.keys(choice.parameters).length === 0;
  return isUsual ? createLateJit(() => createNow(choice, observe, loadScript)) : createNow(choice, observe, loadScript);
}

function createNow(choice: JitChoice, observe: boolean, loadScript: LoadScript): JitPort | undefined {
  const verbose = choice.verbose === undefined ? undefined : writerTo(choice.verbose.file);
  const dump = choice.dump === undefined ? undefined : writerTo(choice.dump.file);
  let createJit: CreateJit;
  try {
    ({ createJit } = loadScript('command-jit.cjs') as { createJit: CreateJit });
  } catch (error) {
    verbose?.(`[JIT   not available: ${(error as Error).message}]`);
    return undefined;
  }
  const options: JitOptions = {
    parameters: choice.parameters,
    observe,
    ...(verbose === undefined ? {} : { verbose }),
    ...(dump === undefined ? {} : { dump }),
  };
  return createJit(options);
}

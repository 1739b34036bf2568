/** The command `moontrace`: as `lua` (lua.c, pmain), with `-j` for the JIT. */
import { encodeText, machineOf } from '../api/engine-port.ts';
import { createVm, type HostEnvironment, HostFailure, VERSION } from '../api/index.ts';
import { isTerminal } from '../hosts/node/builtins.ts';
import { createNodeEnvironment } from '../hosts/node/environment.ts';
import { parseExplain } from './explain-command.ts';
import type { Laboratory, PrintWasm, Watch } from './insight/index.ts';
import { loadJit } from './jit.ts';
import type { LoadScript } from './load-script.ts';
import { type Action, type Options, parseOptions, usage } from './options.ts';
import { readImage } from './read-image.ts';
import { programName } from './program-name.ts';
import { runInteractive } from './repl/interactive.ts';
import { runTerminal } from './repl/terminal.ts';
import { Session } from './session.ts';
import { compileCore } from './tier-up.ts';

const VERSION_TEXT = `moontrace ${VERSION}, Lua 5.4  Copyright (C) 2026 The moontrace authors; the language is by Lua.org, PUC-Rio\n`;

/** Writes what the command itself has to say. That it cannot be written does not matter, as in C. */
function say(stream: HostEnvironment['stdout' | 'stderr'], text: string): void {
  try {
    stream.write?.(encodeText(text));
  } catch (error) {
    if (!(error instanceof HostFailure)) throw error;
  }
}

function runAction(session: Session, action: Action): boolean {
  switch (action.kind) {
    case 'execute':
      return session.runString(action.code, '=(command line)');
    case 'require':
      return session.require(action.module, action.global);
    case 'warnings':
      session.turnWarningsOn();
      return true;
  }
}

/** LUA_INIT: code, or a file behind `@`. */
function runInit(session: Session, environment: HostEnvironment): boolean {
  const name = environment.getenv('LUA_INIT_5_4') === undefined ? 'LUA_INIT' : 'LUA_INIT_5_4';
  const init = environment.getenv(name);
  if (init === undefined) return true;
  return init.startsWith('@') ? session.runFile(init.slice(1)) : session.runString(init, `=${name}`);
}

/** Reads and runs lines: with editing and history on a terminal, else as `lua` reads a file. */
async function runLines(session: Session): Promise<void> {
  session.beInteractive();
  if (isTerminal(0) && isTerminal(1)) await runTerminal(session);
  else runInteractive(session);
}

/** Everything the command line asks for. @param hasImage whether the script is an image, of which the session's VM is made @returns whether all went well */
async function runAll(session: Session, environment: HostEnvironment, options: Options, args: readonly string[], hasImage: boolean): Promise<boolean> {
  const { actions, scriptIndex, isInteractive, showsVersion } = options;
  if (!options.ignoresEnvironment && !runInit(session, environment)) return false;
  if (!actions.every((action) => runAction(session, action))) return false;
  if (scriptIndex !== undefined) {
    const path = args[scriptIndex] as string;
    if (!(hasImage ? session.runImage(path, args.slice(scriptIndex + 1)) : session.runScript(options.isScriptStdin ? undefined : path))) return false;
  }
  if (isInteractive) {
    await runLines(session);
  } else if (scriptIndex === undefined && !showsVersion && !actions.some(({ kind }) => kind === 'execute')) {
    if (!isTerminal(0)) {
      session.runFile(undefined);
    } else {
      say(environment.stdout, VERSION_TEXT);
      await runLines(session);
    }
  }
  return true;
}

/** Watches the program as `-j p`, `-j stats` and `explain` ask for it, until the process ends, in whatever way. @throws Error */
async function watchProgram({ vm }: Session, { jit, scriptIndex }: Options, args: readonly string[], page: string | undefined, loadScript: LoadScript): Promise<void> {
  if (jit.profile === undefined && jit.stats === undefined && page === undefined) return;
  const { watch } = loadScript('insight.cjs') as { watch: Watch };
  const { loadWasmPrinter } = (page === undefined || !jit.isOn ? {} : loadScript('command-jit.cjs')) as { loadWasmPrinter?: () => Promise<PrintWasm> };
  process.once('exit', watch(machineOf(vm), jit, {
    script: scriptIndex === undefined ? undefined : args[scriptIndex], createLaboratory,
    page: page === undefined ? undefined : { file: page, print: await loadWasmPrinter?.() },
  }));
}

/** A VM to measure in. */
function createLaboratory(): Laboratory {
  const vm = createVm({ libraries: ['base'] });
  return {
    machine: machineOf(vm),
    load(program) {
      const chunk = vm.load(program);
      return (rounds) => void chunk.call(rounds);
    },
  };
}

/** @param script what Node runs @param words those behind it @returns the process's status */
export async function main(script: string, words: readonly string[], loadScript: LoadScript): Promise<number> {
  let session: Session | undefined;
  const environment = createNodeEnvironment(() => session?.lookForInterrupt());
  const program = programName(script, environment.getenv('PATH') ?? '');
  const explain = parseExplain(words);
  const isRun = explain !== undefined && 'page' in explain;
  const args = isRun ? explain.words : words;
  const options = isRun ? explain.options : (explain ?? parseOptions(words));
  if ('problem' in options) {
    say(environment.stderr, `${program}: ${options.problem}\n${usage(program)}`);
    return 1;
  }
  if ('asksFor' in options) {
    say(environment.stdout, options.asksFor === 'help' ? usage(program) : VERSION_TEXT);
    return 0;
  }
  if (options.showsVersion) say(environment.stdout, VERSION_TEXT);
  const { scriptIndex } = options;
  const path = scriptIndex === undefined || options.isScriptStdin ? undefined : args[scriptIndex];
  const image = path === undefined ? undefined : readImage(path);
  try {
    compileCore();
    const jit = loadJit(options.jit, options.jit.stats !== undefined || isRun, loadScript);
    session = new Session({ program, environment, jit, ignoresEnvironment: options.ignoresEnvironment, image });
    // Reproducible runs compile the same traces at the same points: from the start, with the backend that was asked for.
    if (options.jit.parameters['mode'] === 'synchronous') await jit?.settle();
    await watchProgram(session, options, args, isRun ? explain.page : undefined, loadScript);
  } catch (error) {
    say(environment.stderr, `${program}: ${image === undefined ? '' : `${path}: `}${(error as Error).message}\n`);
    return 1;
  }
  session.setArguments([program, ...args], scriptIndex === undefined ? 0 : scriptIndex + 1);
  const isGood = (await runAll(session, environment, options, args, image !== undefined)) && (options.snapshotFile === undefined || session.writeImage(options.snapshotFile));
  session.vm.close();
  return isGood ? 0 : 1;
}

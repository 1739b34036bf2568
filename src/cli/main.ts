/** The command `moontrace`: as `lua`, with `-j` for the JIT. */
import { isatty } from 'node:tty';
import { createVm, type HostEnvironment, type LuaFunction, MoontraceError, VERSION, type Vm } from '../vm/index.ts';
import { createNodeEnvironment } from '../vm/node-environment.ts';
import { runInteractive } from './interactive.ts';
import { loadJit } from './jit.ts';
import { type Action, type Options, parseOptions, USAGE } from './options.ts';
import { runReporting } from './report.ts';

const PROGRAM = 'moontrace';
const VERSION_TEXT = `moontrace ${VERSION}, Lua 5.4  Copyright (C) 2026 The moontrace authors\n`;

/** Variables `-E` hides. */
const LUA_VARIABLES = ['LUA_INIT', 'LUA_INIT_5_4', 'LUA_PATH', 'LUA_PATH_5_4', 'LUA_CPATH', 'LUA_CPATH_5_4'];

function withoutVariables(environment: HostEnvironment): HostEnvironment {
  return { ...environment, getenv: (name) => (LUA_VARIABLES.includes(name) ? undefined : environment.getenv(name)) };
}

const printError = (message: string): void => void process.stderr.write(`${PROGRAM}: ${message}\n`);

/** The table `arg`: the script at 0, its arguments behind, options before. */
function setArguments(vm: Vm, args: readonly string[], scriptIndex: number): void {
  const hasScript = scriptIndex < args.length;
  const all = [PROGRAM, ...args];
  const zero = hasScript ? scriptIndex + 1 : 0;
  const table = vm.newTable();
  all.forEach((text, i) => {
    table.set(i - zero, text);
  });
  vm.setGlobal('arg', table);
}

function runAction(vm: Vm, action: Action): void {
  switch (action.kind) {
    case 'execute':
      vm.doString(action.code, '=(command line)');
      break;
    case 'require':
      vm.setGlobal(action.global, (vm.getGlobal('require') as LuaFunction).call1(action.module));
      break;
    case 'warnings':
      (vm.getGlobal('warn') as LuaFunction).call('@on');
  }
}

/** LUA_INIT: code, or a file behind `@`. */
function runInit(vm: Vm, environment: HostEnvironment): void {
  const name = environment.getenv('LUA_INIT_5_4') === undefined ? 'LUA_INIT' : 'LUA_INIT_5_4';
  const init = environment.getenv(name);
  if (init === undefined) return;
  if (init.startsWith('@')) vm.doFile(init.slice(1));
  else vm.doString(init, `=${name}`);
}

/** Runs a file, or standard input for undefined, with the script's arguments. */
function runScript(vm: Vm, path: string | undefined, args: readonly string[]): void {
  const loadfile = vm.getGlobal('loadfile') as LuaFunction;
  const [chunk, message] = path === undefined ? loadfile.call() : loadfile.call(path);
  if (chunk === undefined) throw new ScriptError(String(message));
  (chunk as LuaFunction).call(...args);
}

/** A script that cannot be loaded. */
class ScriptError extends Error {
  override readonly name = 'ScriptError';
}

/** Everything the command line asks for. @returns whether all went well */
function runAll(vm: Vm, environment: HostEnvironment, options: Options, args: readonly string[]): boolean {
  const { scriptIndex, actions } = options;
  const run = (part: () => void): boolean => {
    try {
      return runReporting(part, printError);
    } catch (error) {
      if (!(error instanceof ScriptError) && !(error instanceof MoontraceError && error.code === 'no-such-file')) throw error;
      printError(error.message);
      return false;
    }
  };
  if (!options.ignoresEnvironment && !run(() => runInit(vm, environment))) return false;
  for (const action of actions) if (!run(() => runAction(vm, action))) return false;
  const hasScript = scriptIndex < args.length;
  if (hasScript && !run(() => runScript(vm, options.isScriptStdin ? undefined : args[scriptIndex], args.slice(scriptIndex + 1)))) return false;
  if (options.isInteractive) runInteractive(vm);
  else if (!hasScript && !options.showsVersion && !actions.some(({ kind }) => kind === 'execute')) {
    if (!isatty(0)) return run(() => runScript(vm, undefined, []));
    process.stdout.write(VERSION_TEXT);
    runInteractive(vm);
  }
  return true;
}

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if ('problem' in options) {
    process.stderr.write(`${PROGRAM}: ${options.problem}\n${USAGE}`);
    return 1;
  }
  if (options.showsVersion) process.stdout.write(VERSION_TEXT);
  const environment = options.ignoresEnvironment ? withoutVariables(createNodeEnvironment()) : createNodeEnvironment();
  let vm: Vm;
  try {
    const jit = await loadJit(options.jit);
    vm = createVm({ environment, ...(jit === undefined ? {} : { jit }) });
    // Reproducible runs compile the same traces at the same points: from the start, with the backend that was asked for.
    if (options.jit.parameters.mode === 'synchronous') await jit?.settle();
  } catch (error) {
    printError((error as Error).message);
    return 1;
  }
  setArguments(vm, args, options.scriptIndex);
  const isGood = runAll(vm, environment, options, args);
  vm.close();
  return isGood ? 0 : 1;
}

process.exit(await main(process.argv.slice(2)));

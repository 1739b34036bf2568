/**
 * The VM of a command line: what is run in it can be stopped by Ctrl-C, its errors are reported as `lua` reports them, and the library
 * functions the command line itself needs are those of the start, whatever the program does to its globals.
 */
import { writeFileSync } from 'node:fs';
import { encodeText, machineOf, SLOT_SIZE, streamsOf, toByteString } from '../api/engine-port.ts';
import { createVm, type HostEnvironment, HostFailure, type JitPort, LuaError, LuaFunction, type LuaInput, LuaTable, type LuaValue, restoreVm, type Vm, type VmOptions } from '../api/index.ts';
import { isUnseen } from '../hosts/node/builtins.ts';
import { InterruptWatcher } from './interrupt-watcher.ts';
import { createMessageHandler } from './message-handler.ts';
import { paintError, runReporting, showsColour } from './report.ts';
import { countingRuns } from './tier-up.ts';

/** Variables `-E` hides from the libraries; the program itself may still read them. */
const LUA_VARIABLES = ['LUA_PATH', 'LUA_PATH_5_4', 'LUA_CPATH', 'LUA_CPATH_5_4'];

const NEWLINE = 10;
/** EPIPE, and the status of what SIGPIPE ends as a shell tells it. */
const BROKEN_PIPE = { errorNumber: 32, status: 128 + 13 };

/** What shows results in place of `print`: called with these arguments and the results behind. */
export interface Show {
  readonly function: LuaFunction;
  readonly arguments: readonly LuaInput[];
}

export interface SessionOptions {
  readonly program: string;
  readonly environment: HostEnvironment;
  readonly jit: JitPort | undefined;
  readonly ignoresEnvironment: boolean;
  /** What the VM is made of, if it is not to be new. */
  readonly image: Uint8Array | undefined;
}

export class Session {
  readonly vm: Vm;
  readonly #watcher = new InterruptWatcher();
  readonly #loadfile: LuaFunction;
  readonly #warn: LuaFunction;
  readonly #tostring: LuaFunction;
  readonly #print: LuaValue;
  readonly #messageHandler: LuaFunction;
  #program: string;
  /** What was written last to a terminal ended its line. */
  #isInteractive = false;
  #isLineEnded = true;

  constructor({ program, environment, jit, ignoresEnvironment, image }: SessionOptions) {
    // Somebody sits there: the worker starts while the VM is made.
    if (environment.stdout.isTerminal) this.#watcher.start();
    this.#program = `${program}: `;
    let hidesVariables = ignoresEnvironment;
    const options: VmOptions = {
      exitsProcess: true,
      environment: {
        ...environment,
        getenv: (name) => (hidesVariables && LUA_VARIABLES.includes(name) ? undefined : environment.getenv(name)),
        stdout: { ...environment.stdout, write: this.#watchingLines(environment.stdout, 1) },
        stderr: { ...environment.stderr, write: this.#watchingLines(environment.stderr, 2) },
      },
      ...(jit === undefined ? {} : { jit }),
    };
    this.vm = image === undefined ? createVm(options) : restoreVm(image, options);
    machineOf(this.vm).onSlice = () => {
      // Whoever sees output may stop the program, so the first has to wait for the worker: what a short program prints is shown at its end.
      if (this.#watcher.isDue) streamsOf(this.vm).flushOutput();
      this.lookForInterrupt();
    };
    hidesVariables = false;
    this.#loadfile = this.vm.getGlobal('loadfile') as LuaFunction;
    this.#warn = this.vm.getGlobal('warn') as LuaFunction;
    this.#tostring = this.vm.getGlobal('tostring') as LuaFunction;
    this.#print = this.vm.getGlobal('print');
    this.#messageHandler = createMessageHandler(machineOf(this.vm));
    if (image !== undefined) return;
    // As lua starts: the mode is only reported.
    (this.vm.getGlobal('collectgarbage') as LuaFunction).call('generational');
    countingRuns(() => this.vm.load('').call());
  }

  /** Errors are reported without the program's name from now on, and Ctrl-C never ends the session. */
  beInteractive(): void {
    this.#program = '';
    this.#isInteractive = true;
  }

  /** Prints a message behind what the program has printed. */
  printError = (message: string): void => {
    const text = this.#program + message;
    streamsOf(this.vm).flush();
    streamsOf(this.vm).writeError(toByteString(encodeText(`${showsColour(2, process.env) ? paintError(text) : text}\n`)));
  };

  /** Runs a part of the program that Ctrl-C stops. @returns false after an error, which has been reported */
  run(part: () => void): boolean {
    this.#watcher.arm();
    // Somebody sits there who may press Ctrl-C as soon as something is shown.
    if (this.#isInteractive) this.#watcher.awaitReady();
    return runReporting(part, this.printError);
  }

  runString(code: string, name: string): boolean {
    return this.run(() => this.#call(this.vm.load(code, name), []));
  }

  /** Runs a file, or standard input for undefined. */
  runFile(path: string | undefined): boolean {
    const chunk = this.#load(path);
    return chunk !== undefined && this.run(() => this.#call(chunk, []));
  }

  /** Runs the script with the arguments that the global `arg` holds by now. */
  runScript(path: string | undefined): boolean {
    const chunk = this.#load(path);
    if (chunk === undefined) return false;
    const args = this.vm.getGlobal('arg');
    if (!(args instanceof LuaTable)) {
      this.printError("'arg' is not a table");
      return false;
    }
    return this.run(() => this.#call(chunk, Array.from({ length: args.length }, (_, i): LuaValue => args.get(i + 1))));
  }

  /** Runs what an image has left to do: `main` of its globals, with the arguments. */
  runImage(path: string, args: readonly string[]): boolean {
    const main = this.vm.getGlobal('main');
    if (main instanceof LuaFunction) return this.run(() => this.#call(main, args));
    this.printError(`${path}: the image has no function 'main'`);
    return false;
  }

  /** Writes an image of the VM, in which nothing runs any more. @returns false if that cannot be, which has been reported */
  writeImage(path: string): boolean {
    try {
      streamsOf(this.vm).flush();
      // It is the command's, not the program's.
      this.#messageHandler.release();
      writeFileSync(path, this.vm.snapshot({ code: true }));
      return true;
    } catch (error) {
      this.printError(`cannot write ${path}: ${(error as Error).message}`);
      return false;
    }
  }

  /** global = require(module) */
  require(module: string, global: string): boolean {
    const machine = machineOf(this.vm);
    return this.run(() =>
      this.#call(this.vm.getGlobal('require'), [module], (count) => {
        this.vm.setGlobal(global, count === 0 ? undefined : machine.values.toHost(machine.top - count * SLOT_SIZE));
      }),
    );
  }

  /**
   * Runs what `next` gives, and shows the results: by `print`, or by `show` if the program has left `print` alone.
   * Errors, also those that `next` throws, are reported.
   */
  evaluate(next: () => LuaFunction | undefined, show?: Show): void {
    this.#isLineEnded = true;
    this.run(() => {
      const chunk = next();
      if (chunk !== undefined) this.#call(chunk, [], (count) => this.#showResults(count, show));
    });
    streamsOf(this.vm).flush();
  }

  /**
   * Calls a function with the message handler (lua.c, docall).
   * @param use gets the number of results, which are at the top of the stack meanwhile
   * @throws LuaError with the text to be reported
   */
  #call(func: LuaValue, args: readonly LuaInput[], use: (count: number) => void = () => {}): void {
    const machine = machineOf(this.vm);
    machine.guard(() => {
      const bottom = machine.stackOffset(machine.top);
      for (const value of [undefined, this.#messageHandler, func, ...args]) machine.pushValue(value);
      const count = machine.callHandled(args.length);
      use(count);
      machine.top = machine.stackAddress(bottom);
    });
  }

  /** Shows the values at the top of the stack. They stay where they are, since not every value can leave Lua and come back as it was. */
  #showResults(count: number, show: Show | undefined): void {
    if (count === 0) return;
    const machine = machineOf(this.vm);
    const { globals } = this.vm;
    const first = machine.stackOffset(machine.top - count * SLOT_SIZE);
    const print = globals.get('print');
    const isOurs = show !== undefined && print === this.#print;
    const leading = isOurs ? show.arguments : [];
    machine.pushValue(isOurs ? show.function : print);
    for (const value of leading) machine.pushValue(value);
    for (let i = 0; i < count; i++) machine.slots.copy(machine.pushSlot(), machine.stackAddress(first) + i * SLOT_SIZE);
    try {
      machine.pop(machine.call(leading.length + count));
    } catch (error) {
      if (!(error instanceof LuaError)) throw error;
      this.printError(`error calling 'print' (${error.message})`);
    }
  }

  /** The prompt for a first or a further line, as the program may have set it. */
  prompt(isFirst: boolean): string {
    const given = this.vm.getGlobal(isFirst ? '_PROMPT' : '_PROMPT2');
    if (given === undefined) return isFirst ? '> ' : '>> ';
    return String(this.#tostring.call1(given));
  }

  /** After a statement on a terminal: the prompt must not overwrite what the program has printed. */
  endLine(): void {
    if (!this.#isLineEnded) streamsOf(this.vm).writeOutput('\n');
    streamsOf(this.vm).flush();
  }

  turnWarningsOn(): void {
    this.#warn.call('@on');
  }

  /** The table `arg`: what stands at `zero` of the words of the command line gets index 0. */
  setArguments(words: readonly string[], zero: number): void {
    const table = this.vm.newTable();
    words.forEach((text, i) => {
      table.set(i - zero, text);
    });
    this.vm.setGlobal('arg', table);
  }

  #watchingLines(stream: HostEnvironment['stdout' | 'stderr'], fd: number): (bytes: Uint8Array) => void {
    const isSeen = !isUnseen(fd);
    return (bytes) => {
      // Who sees that the program runs may stop it.
      if (isSeen && machineOf(this.vm).isRunning) this.#watcher.awaitReady();
      if (bytes.length > 0) this.#isLineEnded = bytes.at(-1) === NEWLINE;
      try {
        stream.write?.(bytes);
      } catch (error) {
        // Nobody reads any more: that ends a command, silently. (Node ignores the signal by which the system says so.)
        if (error instanceof HostFailure && error.errorNumber === BROKEN_PIPE.errorNumber) process.exit(BROKEN_PIPE.status);
        throw error;
      }
    };
  }

  #load(path: string | undefined): LuaFunction | undefined {
    const [chunk, message] = countingRuns(() => (path === undefined ? this.#loadfile.call() : this.#loadfile.call(path)));
    if (chunk !== undefined) return chunk as LuaFunction;
    this.printError(String(message));
    return undefined;
  }

  /** Between two slices, and while the program waits for input. @throws LuaError after Ctrl-C */
  lookForInterrupt(): void {
    this.#watcher.startLater();
    this.#throwIfInterrupted();
  }

  #throwIfInterrupted(): void {
    if (!this.#watcher.take()) return;
    // The position is that of the caller of what was running: lua.c raises the error from a hook.
    const { frames } = machineOf(this.vm);
    const message = `${frames.position(frames.levelAt(1)?.frame ?? 0)}interrupted!`;
    throw new LuaError(message, { code: 'runtime', value: message, traceback: '' });
  }
}

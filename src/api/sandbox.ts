/**
 * Many scripts of others in one VM: each has an environment of its own, and nothing leads from one to another. What they share cannot be changed
 * (src/stdlib/lua/sandbox.lua); there is nothing of the host's but what it hands over; each call has limits.
 */
import { SLOT_SIZE, TAG_TABLE } from '../bytecode/layout.ts';
import { decodeBase64 } from '../engine/base64.ts';
import { LUA_LIBRARIES } from '../engine/generated/lua-libraries.ts';
import type { Machine } from '../engine/machine.ts';
import { type LibraryName, SANDBOX_LIBRARIES } from '../stdlib/library.ts';
import { perform } from './boundary.ts';
import type { CallOptions } from './calls/options.ts';
import { checkOptions, isArrayOf, isObject, type OptionChecks } from './check-options.ts';
import { buildContent, planContent } from './values/content.ts';
import type { LuaFunction } from './handles/function.ts';
import { allResults, callPushed, firstResult } from './handles/operations.ts';
import type { LuaTable } from './handles/table.ts';
import { VM_CHECKS, type VmOptions } from './options.ts';
import type { LuaInput, LuaValue } from './types.ts';
import { pushCompiled } from './load/compile.ts';
import { machineOf, valuesOf, type Vm, type VmStats } from './vm.ts';

/** Limits that hold where the options of a sandbox say nothing. */
export const SANDBOX_LIMITS = { memoryLimit: 64 << 20, timeout: 1000, outputLimit: 1 << 20, stackLimit: 200_000 } as const satisfies VmOptions;

export interface SandboxOptions extends Omit<VmOptions, 'libraries' | 'binaryChunks'> {
  /** Libraries of the scripts; all that reach nothing outside by default (SANDBOX_LIBRARIES), of which the basic one is always there. */
  readonly libraries?: readonly LibraryName[];
  /** What scripts find besides: functions of the host, and data. Arrays, plain objects and Maps are tables, made anew for each script. */
  readonly globals?: Readonly<Record<string, LuaInput>>;
}

const { binaryChunks: _, ...VM_OPTION_CHECKS } = VM_CHECKS;
const CHECKS: OptionChecks<SandboxOptions> = {
  ...VM_OPTION_CHECKS,
  libraries: isArrayOf(SANDBOX_LIBRARIES, 'names of libraries that reach nothing outside'),
  globals: (value) => (isObject(value) ? undefined : 'an object expected'),
};

/** A script with its environment. */
export interface SandboxScript {
  /** The chunk. */
  readonly main: LuaFunction;
  /** Its globals, which no other script has. */
  readonly globals: LuaTable;
}

/** All methods @throw MoontraceError closed, busy, bad-argument, core-failure. */
export class Sandbox {
  readonly #vm: Vm;
  readonly #machine: Machine;
  readonly #globals: Readonly<Record<string, LuaInput>>;
  readonly #newEnvironment: LuaFunction;

  /** Use `createSandbox`. */
  constructor(given: SandboxOptions | undefined, createVm: (options: VmOptions) => Vm) {
    const { libraries = SANDBOX_LIBRARIES, globals = {}, ...options } = checkOptions(given, CHECKS);
    const vm = createVm({ ...SANDBOX_LIMITS, ...options, libraries: 'sandbox', binaryChunks: false });
    this.#vm = vm;
    this.#machine = machineOf(vm);
    this.#globals = globals;
    // The same array may go to two scripts, but not as the same table.
    valuesOf(vm).sharesContent = false;
    for (const name of SANDBOX_LIBRARIES) if (name !== 'base' && !libraries.includes(name)) vm.globals.set(name, undefined);
    this.#newEnvironment = this.#loadLibrary(vm.globals);
    try {
      // What cannot enter is refused here, not when the first script comes.
      vm.newTable(globals);
    } catch (error) {
      vm.close();
      throw error;
    }
  }

  #loadLibrary(globals: LuaTable): LuaFunction {
    const machine = this.#machine;
    return perform(machine, () => {
      machine.pushChunk(machine.chunks.loadLibrary(decodeBase64(LUA_LIBRARIES['sandbox']!)));
      return firstResult(machine, callPushed(machine, [globals])) as LuaFunction;
    }).keep();
  }

  /** Pushes an environment, and a script's function that has it. */
  #push(source: string | Uint8Array, chunkName: string | undefined): void {
    const machine = this.#machine;
    machine.pushValue(this.#newEnvironment);
    machine.pushObject(TAG_TABLE, buildContent(machine, planContent(this.#globals)));
    machine.call(1);
    pushCompiled(machine, source, chunkName, machine.top - SLOT_SIZE);
  }

  /**
   * Compiles a script into an environment of its own. Its functions are called as all are: `script.main.call()`.
   * @param source text
   * @param chunkName as `Vm.load` has it
   * @throws LuaError with code 'syntax'
   */
  load(source: string | Uint8Array, chunkName?: string): SandboxScript {
    const machine = this.#machine;
    return perform(machine, () => {
      this.#push(source, chunkName);
      const [globals, main] = [2, 1].map((place) => machine.values.toHost(machine.top - place * SLOT_SIZE));
      machine.pop(2);
      return { main: main as LuaFunction, globals: globals as LuaTable };
    });
  }

  /**
   * Compiles and runs a script in an environment that is gone afterwards.
   * @param limits of this call, where they are others than the sandbox's
   * @returns its results @throws LuaError @throws MoontraceError bad-option
   */
  run(source: string | Uint8Array, chunkName?: string, limits?: CallOptions): LuaValue[] {
    if (limits !== undefined) return this.#withScript(source, chunkName, ({ main }) => main.with(limits).call());
    const machine = this.#machine;
    return perform(machine, () => {
      this.#push(source, chunkName);
      const results = allResults(machine, callPushed(machine, []));
      machine.pop(1);
      return results;
    });
  }

  /** The same for a script that may wait for functions of the host. Any number of scripts may. */
  async runAsync(source: string | Uint8Array, chunkName?: string, limits?: CallOptions): Promise<LuaValue[]> {
    const script = this.load(source, chunkName);
    try {
      return await script.main.with(limits).callAsync();
    } finally {
      release(script);
    }
  }

  #withScript<Result>(source: string | Uint8Array, chunkName: string | undefined, action: (script: SandboxScript) => Result): Result {
    const script = this.load(source, chunkName);
    try {
      return action(script);
    } finally {
      release(script);
    }
  }

  /** As `Vm.fuel`: that of all scripts together. */
  get fuel(): number {
    return this.#vm.fuel;
  }

  set fuel(units: number) {
    this.#vm.fuel = units;
  }

  /** As `Vm.stats`. */
  stats(): VmStats {
    return this.#vm.stats();
  }

  /** As `Vm.collect`. */
  collect(): void {
    this.#vm.collect();
  }

  /** As `Vm.close`; no script can be used any more. */
  close(): void {
    this.#vm.close();
  }
}

function release({ main, globals }: SandboxScript): void {
  main.release();
  globals.release();
}

/** @returns what makes sandboxes. @param createVm of the entry point */
export const sandboxMaker = (createVm: (options: VmOptions) => Vm) =>
  /**
   * A sandbox: a VM for scripts of many authors, none of whom is trusted, by the host or by another. A JIT may be given, and stays on.
   * @throws MoontraceError bad-option, bad-value
   */
  (options?: SandboxOptions): Sandbox => new Sandbox(options, createVm);

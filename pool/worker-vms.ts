/** The VMs of a worker: one that is prepared, those of tasks that are forks of it, and those that go on from a checkpoint. */
import { createVm, type HostFunction, type LuaFunction, type LuaValue, restoreVm, type Vm, type VmOptions } from '../src/api/index-node.ts';
import { plain, type WorkerSetup } from './protocol.ts';

/** What `pool` has in Lua. */
const LIBRARY = 'pool';
/** Functions of sources that a VM keeps, so that those that come again find their compiled code. */
const MAX_LOADED = 100;

export interface Hooks {
  readonly progress: (value: unknown) => void;
  /** Called every few milliseconds while Lua runs. */
  readonly onSlice: () => void;
  /** Called when what the worker was given, its module, image and setup, is about to be used. */
  readonly onPrepare: () => void;
}

type Functions = Readonly<Record<string, HostFunction>>;

const isClass = (value: unknown): boolean => typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
const isFunction = (value: unknown): value is HostFunction => typeof value === 'function' && !isClass(value);

/** The functions of a module, by name; those in objects one level below. */
function functionsOf(module: Readonly<Record<string, unknown>>): { readonly globals: Functions; readonly tables: Readonly<Record<string, Functions>> } {
  const pick = (from: object): Functions => Object.fromEntries(Object.entries(from).filter(([name, value]) => name !== 'default' && isFunction(value))) as Functions;
  const objects = Object.entries(module).filter(([name, value]) => name !== 'default' && typeof value === 'object' && value !== null);
  const tables = objects.map(([name, value]) => [name, pick(value as object)] as const).filter(([, functions]) => Object.keys(functions).length > 0);
  return { globals: pick(module), tables: Object.fromEntries(tables) };
}

export class WorkerVms {
  readonly #setup: WorkerSetup;
  readonly #hooks: Hooks;
  /** The module is imported and the setup has run, or has failed, once. */
  readonly #prepared: Promise<{ readonly vm: Vm; readonly functions: Readonly<Record<string, unknown>> }>;
  readonly #loaded = new Map<string, LuaFunction>();

  constructor(setup: WorkerSetup, hooks: Hooks) {
    this.#setup = setup;
    this.#hooks = hooks;
    this.#prepared = this.#prepare();
    // Tasks are told.
    this.#prepared.catch(() => {});
  }

  async #prepare(): Promise<{ readonly vm: Vm; readonly functions: Readonly<Record<string, unknown>> }> {
    const { image, setup, modules, limits } = this.#setup;
    const options = await this.#options();
    this.#hooks.onPrepare();
    const module = modules === undefined ? {} : ((await import(modules)) as Readonly<Record<string, unknown>>);
    const { globals, tables } = functionsOf(module);
    const { progress } = this.#hooks;
    const own = { ...tables[LIBRARY], progress: (value: LuaValue) => progress(plain(value, 'progress')) };
    const functions = { ...globals, ...tables, [LIBRARY]: own };
    const vm = image === undefined ? createVm(options) : restoreVm(image, { ...options, modules: functions });
    vm.register(globals);
    for (const [name, table] of Object.entries(tables)) vm.register(table, name);
    vm.register(own, LIBRARY);
    if (setup !== undefined) await vm.doStringAsync(setup, '=setup', limits);
    return { vm, functions };
  }

  /** When it has come to its end, whatever that is. @throws what went wrong, by the promise */
  async prepared(): Promise<void> {
    await this.#prepared;
  }

  async #options(): Promise<VmOptions> {
    const { vm, jit } = this.#setup;
    const { onSlice } = this.#hooks;
    if (jit === undefined) return { ...vm, onSlice };
    const { createJit } = await import('../jit/index.ts');
    return { ...vm, onSlice, jit: createJit(jit) };
  }

  /** A function of a chunk in the VM of a task. @returns what ends the VM */
  async load(source: string): Promise<{ readonly vm: Vm; readonly func: LuaFunction; readonly close: () => void }> {
    const { vm: prepared } = await this.#prepared;
    if (!this.#setup.reuse) {
      const vm = prepared.fork(await this.#options());
      const close = (): void => vm.close();
      try {
        return { vm, func: vm.load(source, '=task'), close };
      } catch (error) {
        close();
        throw error;
      }
    }
    const func = this.#loaded.get(source) ?? prepared.load(source, '=task');
    if (this.#loaded.size >= MAX_LOADED) this.#loaded.clear();
    this.#loaded.set(source, func);
    return { vm: prepared, func, close: () => {} };
  }

  /** A VM as it was at a checkpoint. */
  async restore(image: Uint8Array): Promise<Vm> {
    const { functions } = await this.#prepared;
    const { libraries: _, without: __, ...options } = (await this.#options()) as VmOptions;
    return restoreVm(image, { ...options, modules: functions });
  }
}

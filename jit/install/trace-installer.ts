/**
 * Makes a binary from a backend callable by the core: instantiates it, puts its function into the core's table and writes its descriptors.
 *
 * Everything that can fail on the way (the engine refuses the module, memory runs out) is a result, not an exception: the program then
 * goes on in the interpreter.
 */
import { EXIT_HITS, EXIT_SIDE_TRACE, EXIT_SIZE, EXIT_THRESHOLD, TRACE_ENTERED, TRACE_FUNCTION, TRACE_PARTS, TRACE_ROUNDS, TRACE_SIZE } from '../../src/bytecode/layout.ts';
import type { CodeSharing } from '../../src/engine/jit-port.ts';
import { exportName, instantiateTrace } from '../../src/engine/trace-module.ts';
import type { ExitDescription } from '../lower/exits.ts';
import type { LoweredFunction } from '../lower/lower-trees.ts';
import { allocateTrace, type RawBlock, type RawHeap, type WordMemory, writeExits, writeTrace } from './descriptors.ts';
import { FunctionTable } from './function-table.ts';

/** What installation needs of a VM; `VmInternals` has it. */
export interface InstallTarget {
  readonly codeSharing?: CodeSharing | undefined;
  readonly memory: WordMemory & { readonly wasm: WebAssembly.Memory };
  readonly core: RawHeap & WebAssembly.Exports & { readonly table: WebAssembly.Table };
}

/** Why something could not be installed; undefined if it was. */
export type InstallFailure = string | undefined;

/** What is asked of an exit once its descriptor is written. */
export type InstalledExit = Omit<ExitDescription, 'frames' | 'length'>;

/** The code of a function, which other VMs may run over copies of the memory. */
export interface FunctionModule {
  readonly binary: Uint8Array<ArrayBuffer>;
  readonly module: WebAssembly.Module;
  /** By exit number. */
  readonly exits: readonly InstalledExit[];
  readonly exitBlock: RawBlock;
}

/** A function in the core: what the traces it consists of share. */
interface InstalledFunction extends FunctionModule {
  /** Where threads share the VM: under what the others find it. */
  readonly published: number;
  /** Number of traces entered through it. */
  entries: number;
}

/** A trace the core can enter: an entry of a function. */
export class InstalledTrace {
  #function: InstalledFunction | undefined;
  #entry = 0;
  #tableSlot = -1;

  constructor(
    readonly number: number,
    /** Address of the trace descriptor: what a loop instruction or an exit of another trace links to. */
    readonly descriptor: number,
  ) {}

  /** The function it enters, by which of its entries, and where that is in the core's table. */
  become(installed: InstalledFunction, entry: number, tableSlot: number): void {
    this.#function = installed;
    this.#entry = entry;
    this.#tableSlot = tableSlot;
  }

  get function(): InstalledFunction {
    if (this.#function === undefined) throw new TypeError('the trace is not installed');
    return this.#function;
  }

  get entry(): number {
    return this.#entry;
  }

  get tableSlot(): number {
    return this.#tableSlot;
  }

  /** The function's exits by number. */
  get exits(): readonly InstalledExit[] {
    return this.function.exits;
  }

  /** The exit descriptors, EXIT_SIZE each. */
  get exitBlock(): RawBlock {
    return this.function.exitBlock;
  }

  /** Address of an exit's descriptor. */
  exitAddress(exit: number): number {
    return this.exitBlock.address + exit * EXIT_SIZE;
  }

  /** Number of the exit with this descriptor, undefined if it is not one of this function. */
  exitAt(address: number): number | undefined {
    const number = (address - this.exitAddress(0)) / EXIT_SIZE;
    return Number.isInteger(number) && number >= 0 && number < this.exits.length ? number : undefined;
  }

  /** Number of the exit a guard of a trace takes with this snapshot (as in `ExitDescription`). */
  findExit(trace: number, snapshot: number): number | undefined {
    const number = this.exits.findIndex((exit) => exit.kind === 'guard' && exit.trace === trace && exit.snapshot === snapshot);
    return number < 0 ? undefined : number;
  }
}

/** A function as it is found in a copy of the memory. */
export interface SavedFunction extends FunctionModule {
  /** The traces that enter it. */
  readonly entries: readonly { readonly entry: number; readonly number: number; readonly descriptor: number }[];
}

/** The functions of these traces. */
export function functionsOf(traces: readonly InstalledTrace[]): SavedFunction[] {
  const functions = new Map<InstalledFunction, InstalledTrace[]>();
  for (const trace of traces) functions.set(trace.function, [...(functions.get(trace.function) ?? []), trace]);
  return [...functions].map(([{ binary, module, exits, exitBlock }, entered]) => ({
    binary, module, exits, exitBlock, entries: entered.map(({ entry, number, descriptor }) => ({ entry, number, descriptor })),
  }));
}

/** Exits of whole functions are dear, as all calls under way are left with them: they get side traces so many times sooner. */
const FUNCTION_URGENCY = 8;

export const hotExitOf = (hotexit: number, isFunction: boolean): number => (isFunction ? Math.ceil(hotexit / FUNCTION_URGENCY) : hotexit);

export class TraceInstaller {
  readonly #target: InstallTarget;
  readonly #table: FunctionTable;
  readonly #hotexit: number;

  /** @param hotexit hits after which a guard's exit asks for a side trace */
  constructor(target: InstallTarget, hotexit: number) {
    this.#target = target;
    this.#table = new FunctionTable(target.core.table, target.codeSharing);
    this.#hotexit = hotexit;
  }

  /** A new trace, which enters the first entry of a function. @param number for the descriptor @returns the trace, or why not */
  install(number: number, lowered: LoweredFunction, binary: Uint8Array<ArrayBuffer>): InstalledTrace | string {
    const { memory, core } = this.#target;
    let descriptor: RawBlock;
    try {
      descriptor = allocateTrace(memory, core, number);
    } catch {
      return 'no memory for the trace descriptor';
    }
    const installed = new InstalledTrace(number, descriptor.address);
    const failure = this.#enter([installed], lowered, binary);
    if (failure === undefined) return installed;
    core.freeRaw(descriptor.address, descriptor.size);
    return failure;
  }

  /** Lets installed traces enter another function, each its own entry, instead of what they entered. On failure nothing changes. */
  replace(traces: readonly InstalledTrace[], lowered: LoweredFunction, binary: Uint8Array<ArrayBuffer>): InstallFailure {
    const old = traces.map((trace) => ({ tableSlot: trace.tableSlot, function: trace.function }));
    const failure = this.#enter(traces, lowered, binary);
    if (failure === undefined) for (const entry of old) this.#leave(entry.tableSlot, entry.function);
    return failure;
  }

  /**
   * Functions that another installer made, in the memory that this one's is a copy of: all that they need is there but for a place in the core's table.
   * @returns the traces, by number @throws what the engine does that refuses one
   */
  adopt(functions: readonly SavedFunction[]): Map<number, InstalledTrace> {
    const { memory, core } = this.#target;
    const adopted = new Map<number, InstalledTrace>();
    for (const { entries, ...shared } of functions) {
      const exports = instantiateTrace(shared.module, memory.wasm, core, shared.exitBlock.address);
      const installed: InstalledFunction = { ...shared, published: 0, entries: entries.length };
      for (const { entry, number, descriptor } of entries) {
        const trace = new InstalledTrace(number, descriptor);
        trace.become(installed, entry, this.#table.add(exports[exportName(entry)] as CallableFunction));
        memory.store(descriptor + TRACE_FUNCTION, trace.tableSlot);
        memory.store(descriptor + TRACE_ENTERED, 0);
        memory.store(descriptor + TRACE_ROUNDS, 0);
        memory.store(descriptor + TRACE_PARTS, 0);
        adopted.set(number, trace);
      }
    }
    return adopted;
  }

  /** Frees a trace. Nothing may link to it any more. */
  uninstall({ tableSlot, function: installed, descriptor }: InstalledTrace): void {
    this.#leave(tableSlot, installed);
    this.#target.core.freeRaw(descriptor, TRACE_SIZE);
  }

  /** Lets an exit go on in a side trace. @param exit address of the exit descriptor @param descriptor the side's, 0 to unlink */
  linkSide(exit: number, descriptor: number): void {
    this.#target.memory.store(exit + EXIT_SIDE_TRACE, descriptor);
  }

  /** Times an exit was taken since it was installed or its threshold was set. */
  hits(exit: number): number {
    return this.#target.memory.load(exit + EXIT_HITS);
  }

  /** Starts counting an exit's hits again. @param threshold hits after which it asks for a side trace; 0 = never */
  setThreshold(exit: number, threshold: number): void {
    this.#target.memory.store(exit + EXIT_HITS, 0);
    this.#target.memory.store(exit + EXIT_THRESHOLD, threshold);
  }

  /** Makes each trace enter its entry of a new function. */
  #enter(traces: readonly InstalledTrace[], lowered: LoweredFunction, binary: Uint8Array<ArrayBuffer>): InstallFailure {
    const { memory, core, codeSharing } = this.#target;
    const slots: number[] = [];
    let exitBlock: RawBlock | undefined;
    let module: WebAssembly.Module;
    let published = 0;
    try {
      exitBlock = writeExits(memory, core, lowered.exits, hotExitOf(this.#hotexit, lowered.isFunction));
      const adapted = codeSharing === undefined ? binary : codeSharing.adapt(binary);
      const exits = lowered.needsExits ? exitBlock.address : undefined;
      module = new WebAssembly.Module(adapted);
      const exports = instantiateTrace(module, memory.wasm, core, exits);
      for (const entry of traces.keys()) slots.push(this.#table.add(exports[exportName(entry)] as CallableFunction));
      published = codeSharing?.publish(adapted, exits, traces.map(({ descriptor }, entry) => [slots[entry]!, descriptor])) ?? 0;
    } catch (error) {
      for (const slot of slots) this.#table.remove(slot);
      if (exitBlock) core.freeRaw(exitBlock.address, exitBlock.size);
      return error instanceof Error ? error.message : String(error);
    }
    const installed: InstalledFunction = { binary, module, exits: lowered.exits, exitBlock, published, entries: traces.length };
    for (const [entry, trace] of traces.entries()) {
      trace.become(installed, entry, slots[entry]!);
      writeTrace(memory, trace.descriptor, slots[entry]!, exitBlock.address, lowered);
    }
    return undefined;
  }

  /** A trace does not enter this function any more. */
  #leave(tableSlot: number, installed: InstalledFunction): void {
    this.#table.remove(tableSlot);
    if (--installed.entries > 0) return;
    this.#target.codeSharing?.withdraw(installed.published);
    this.#target.core.freeRaw(installed.exitBlock.address, installed.exitBlock.size);
  }
}

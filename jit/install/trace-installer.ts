/**
 * Makes a binary from a backend callable by the core: instantiates it, puts its function into the core's table and writes its descriptors.
 *
 * A module gets memory, the core's functions it imports and nothing else: importing the shared table would cost half a megabyte a trace.
 * Everything that can fail on the way (the engine refuses the module, memory runs out) is a result, not an exception: the program then
 * goes on in the interpreter.
 */
import { EXIT_HITS, EXIT_SIDE_TRACE, EXIT_SIZE, EXIT_THRESHOLD, TRACE_SIZE } from '../../src/bytecode/layout.ts';
import { EXPORT_NAME, IMPORT_MODULE } from '../backend/function-code.ts';
import { EXITS_GLOBAL } from '../lower/calls.ts';
import type { ExitDescription } from '../lower/exits.ts';
import type { LoweredFunction } from '../lower/function-lowering.ts';
import { allocateTrace, type RawBlock, type RawHeap, type WordMemory, writeExits, writeTrace } from './descriptors.ts';
import { FunctionTable } from './function-table.ts';

/** What installation needs of a VM; `VmInternals` has it. */
export interface InstallTarget {
  readonly memory: WordMemory & { readonly wasm: WebAssembly.Memory };
  readonly core: RawHeap & WebAssembly.Exports & { readonly table: WebAssembly.Table };
}

export type InstallResult = { readonly ok: true; readonly installed: InstalledTrace } | { readonly ok: false; readonly message: string };

/** A trace (or tree) the core can enter. */
export class InstalledTrace {
  /** By exit number. */
  exits: readonly ExitDescription[] = [];
  exitBlock: RawBlock = { address: 0, size: 0 };
  tableSlot = -1;

  constructor(
    readonly number: number,
    /** Address of the trace descriptor: what a loop instruction or an exit of another trace links to. */
    readonly descriptor: number,
  ) {}

  /** Address of an exit's descriptor. */
  exitAddress(exit: number): number {
    return this.exitBlock.address + exit * EXIT_SIZE;
  }

  /** Number of the exit with this descriptor, undefined if it is not one of this function. */
  exitAt(address: number): number | undefined {
    const number = (address - this.exitBlock.address) / EXIT_SIZE;
    return Number.isInteger(number) && number >= 0 && number < this.exits.length ? number : undefined;
  }

  /** Number of the exit a guard of a trace takes with this snapshot (as in `ExitDescription`). */
  findExit(trace: number, snapshot: number): number | undefined {
    const number = this.exits.findIndex((exit) => exit.kind === 'guard' && exit.trace === trace && exit.snapshot === snapshot);
    return number < 0 ? undefined : number;
  }
}

export class TraceInstaller {
  readonly #target: InstallTarget;
  readonly #table: FunctionTable;
  readonly #hotexit: number;

  /** @param hotexit hits after which a guard's exit asks for a side trace */
  constructor(target: InstallTarget, hotexit: number) {
    this.#target = target;
    this.#table = new FunctionTable(target.core.table);
    this.#hotexit = hotexit;
  }

  /** @param number the trace's number, for the descriptor */
  install(number: number, lowered: LoweredFunction, binary: Uint8Array<ArrayBuffer>): InstallResult {
    const { memory, core } = this.#target;
    let descriptor: RawBlock;
    try {
      descriptor = allocateTrace(memory, core, number);
    } catch {
      return { ok: false, message: 'no memory for the trace descriptor' };
    }
    const installed = new InstalledTrace(number, descriptor.address);
    const message = this.#fill(installed, lowered, binary);
    if (message === undefined) return { ok: true, installed };
    core.freeRaw(descriptor.address, descriptor.size);
    return { ok: false, message };
  }

  /** Puts another function in the place of an installed one. On failure the old one stays. */
  replace(installed: InstalledTrace, lowered: LoweredFunction, binary: Uint8Array<ArrayBuffer>): InstallResult {
    const { tableSlot, exitBlock } = installed;
    const message = this.#fill(installed, lowered, binary);
    if (message !== undefined) return { ok: false, message };
    this.#table.remove(tableSlot);
    this.#target.core.freeRaw(exitBlock.address, exitBlock.size);
    return { ok: true, installed };
  }

  /** Frees everything. Nothing may link to the trace any more. */
  uninstall({ tableSlot, exitBlock, descriptor }: InstalledTrace): void {
    const { core } = this.#target;
    this.#table.remove(tableSlot);
    core.freeRaw(exitBlock.address, exitBlock.size);
    core.freeRaw(descriptor, TRACE_SIZE);
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

  /** @returns why it failed; then nothing has changed */
  #fill(installed: InstalledTrace, lowered: LoweredFunction, binary: Uint8Array<ArrayBuffer>): string | undefined {
    const { memory, core } = this.#target;
    let exits: RawBlock | undefined;
    try {
      exits = writeExits(memory, core, lowered.exits, this.#hotexit);
      const tableSlot = this.#table.add(this.#instantiate(binary, exits.address, lowered.code.globals.length > 0));
      writeTrace(memory, installed.descriptor, tableSlot, exits.address, lowered);
      installed.tableSlot = tableSlot;
      installed.exits = lowered.exits;
      installed.exitBlock = exits;
      return undefined;
    } catch (error) {
      if (exits) core.freeRaw(exits.address, exits.size);
      return error instanceof Error ? error.message : String(error);
    }
  }

  #instantiate(binary: Uint8Array<ArrayBuffer>, exits: number, needsExits: boolean): CallableFunction {
    const { memory, core } = this.#target;
    const env: WebAssembly.ModuleImports = { memory: memory.wasm };
    if (needsExits) env[EXITS_GLOBAL] = new WebAssembly.Global({ value: 'i32' }, exits);
    const instance = new WebAssembly.Instance(new WebAssembly.Module(binary), { env, [IMPORT_MODULE]: core });
    return instance.exports[EXPORT_NAME] as CallableFunction;
  }
}

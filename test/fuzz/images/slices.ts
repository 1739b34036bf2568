/** Runs a program in slices, each in a VM of its own: between two of them it is an image. */
import { readFileSync } from 'node:fs';
import { createVm, LuaError, type LuaExecution, restoreVm, type Vm, type VmOptions } from '../../../src/api/index-node.ts';
import { machineOf } from '../../../src/api/engine-port.ts';
import { createJit } from '../../../jit/index.ts';
import { PRELUDE } from '../prelude.ts';

/** How a VM is made. */
export interface Kind {
  readonly name: string;
  readonly isChecked?: boolean;
  readonly isCompiled?: boolean;
  /** Functions are compiled as a whole. */
  readonly hasFunctions?: boolean;
  /** The collector works at every allocation. */
  readonly isStressed?: boolean;
}

export const KINDS: readonly Kind[] = [
  { name: 'interpreted' }, { name: 'compiled', isCompiled: true }, { name: 'functions', isCompiled: true, hasFunctions: true },
  { name: 'checked', isChecked: true }, { name: 'checked and compiled', isChecked: true, isCompiled: true }, { name: 'checked functions', isChecked: true, isCompiled: true, hasFunctions: true },
  { name: 'stressed', isChecked: true, isStressed: true }, { name: 'stressed and compiled', isChecked: true, isStressed: true, isCompiled: true },
];

/** Pieces of the collector's work. */
const STRESS = 2;

/** What a slice begins with. */
export type Start = { readonly program: string } | { readonly image: Uint8Array; readonly base?: Uint8Array | undefined };

export interface Slice {
  readonly output: string;
  /** The rest of the program; undefined when it is over. */
  readonly image?: Uint8Array | undefined;
  /** What the image is a delta of. */
  readonly base?: Uint8Array | undefined;
  readonly error?: string | undefined;
}

let checkedCore: WebAssembly.Module | undefined;

/** A switch: programs call `wait`, which the host answers later. */
const WAITING = 'local emit, wait = emit, wait _G.emit = function(...) wait() return emit(...) end';

/** @param draw a number in [0, n) */
export async function runSlice(start: Start, kind: Kind, draw: (n: number) => number): Promise<Slice> {
  let output = '';
  const stdout = (bytes: Uint8Array): void => {
    output += Buffer.from(bytes).toString('latin1');
  };
  let vm: Vm | undefined;
  let first: LuaExecution | undefined;
  const wait = (): Promise<void> | undefined => (vm !== undefined && machineOf(vm).runs.canWait ? Promise.resolve() : undefined);
  if (kind.isChecked === true) checkedCore ??= new WebAssembly.Module(readFileSync('build/core.debug.wasm'));
  const jit = kind.isCompiled === true ? { jit: createJit({ tunables: { share: 100, hotloop: 2, hotexit: 2, ...(kind.hasFunctions === true && { hotfunction: 0 }) }, checkSlots: true }) } : {};
  const options: VmOptions = { stdout, stderr: stdout, ...jit, ...(kind.isChecked === true && { core: checkedCore as WebAssembly.Module }) };
  try {
    if ('program' in start) {
      vm = createVm(options);
      vm.register({ wait });
      vm.doString(Buffer.from(PRELUDE, 'latin1'), '=prelude');
      if (draw(2) === 0) vm.doString(WAITING);
      first = vm.start(vm.load(Buffer.from(start.program, 'latin1'), '=fuzz'));
    } else vm = start.base === undefined ? restoreVm(start.image, { ...options, modules: { wait } }) : restoreVm(start.base, { ...options, modules: { wait }, deltas: [start.image] });
    if (kind.isStressed === true) machineOf(vm).core.setCollectorStress(STRESS);
    const execution = first ?? vm.executions[0];
    if (execution === undefined) throw new Error('the call is gone');
    return await goOn(vm, execution, start, kind, draw, () => output);
  } catch (error) {
    if (!(error instanceof LuaError)) throw error;
    return { output, error: error.message };
  } finally {
    if (vm !== undefined) machineOf(vm).core.setCollectorStress(0);
  }
}

async function goOn(vm: Vm, execution: LuaExecution, start: Start, kind: Kind, draw: (n: number) => number, outputOf: () => string): Promise<Slice> {
  for (let steps = draw(5); steps > 0; steps--) {
    const result = execution.step(draw(3) === 0 ? draw(20) : draw(20_000));
    if (result.state === 'done') {
      check(vm);
      vm.close();
      return { output: outputOf() };
    }
    if (result.state === 'suspended' && draw(4) > 0) await result.ready;
  }
  return rest(vm, start, kind, draw, outputOf);
}

function check(vm: Vm): void {
  const code = machineOf(vm).core.verifyHeap();
  if (code !== 0) throw new Error(`the heap is not sound: ${code}`);
}

/** The rest of the program: an image, or now and then a delta of the one it began with. */
function rest(vm: Vm, start: Start, kind: Kind, draw: (n: number) => number, outputOf: () => string): Slice {
  machineOf(vm).core.setCollectorStress(0);
  if (kind.isChecked === true) check(vm);
  const base = 'image' in start && start.base === undefined && draw(2) === 0 ? start.image : undefined;
  const image = vm.snapshot({ code: draw(4) > 0, ...(base !== undefined && { since: base }) });
  return { output: outputOf(), image, base };
}

/** A small trace that doubles slot 0, and how to run what a backend makes of it. */
import { ROUND_BITS, VM_TRACE_BUDGET } from '../../../src/bytecode/layout.ts';
import type { FunctionCode } from '../../../jit/wasm/function-code.ts';
import { parseTrace } from '../../../jit/build/parse.ts';
import { RecordedTrace } from '../../../jit/ir/recorded-trace.ts';
import { lowerTrees } from '../../../jit/lower/lower-trees.ts';

export const SAMPLE = RecordedTrace.of(parseTrace(`
  trace 1 start=4096 slots=4
  %0 = SLOAD.i64 slot=0 tag=int exit=0
  %1 = MUL.i64 %0, 2
  snapshot 0 pc=4096 {}
  snapshot 1 pc=4104 { 0: int %1 }
  link interpreter end=1
`));

export const sampleCode = (): FunctionCode => lowerTrees([{ root: SAMPLE, sides: [] }], true).code;

/** Runs the sample's code on 21. */
export function compileSample(binary: Uint8Array<ArrayBuffer>): number {
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 65536 });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory } });
  const base = 65536;
  const words = new Uint32Array(memory.buffer);
  words[VM_TRACE_BUDGET >>> 2] = 10 << ROUND_BITS;
  words[base >>> 2] = 21;
  words[(base + 8) >>> 2] = 3;
  (instance.exports['trace0'] as (base: number) => number)(base);
  return words[base >>> 2]!;
}

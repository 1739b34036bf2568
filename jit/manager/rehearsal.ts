/**
 * Rehearses a recording: steps the program once around a loop and looks only at where it goes. Most recordings that fail do for a reason that this shows, and to
 * record an instruction takes some hundred times as long as to step over it.
 */
import { FRAME_BASE, FRAME_CLOSURE, FRAME_KIND, FRAME_PC, FRAME_SIZE, RUN_STEPPED, THREAD_FRAME, THREAD_FRAMES, VM_DEAD_OWNERS } from '../../src/bytecode/layout.ts';
import type { VmInternals } from '../../src/engine/jit-port.ts';
import type { AbortReason } from '../abort-reasons.ts';
import type { Parameters } from '../parameters.ts';
import type { HeapReader } from '../record/core/heap-reader.ts';
import { readInstruction } from '../record/core/instruction-view.ts';
import { isCompilable } from '../record/opcodes/compilable.ts';
import { isLeavingLoop, LOOPS, remainingIterations } from '../record/opcodes/loop-state.ts';
import type { FunctionCode } from './function-code.ts';

const FRAME_KIND_BYTE = 0xff;

/** How a rehearsal ended. `status` is how the program goes on (RUN_*). */
export interface Rehearsed {
  readonly status: number;
  /** Why the recording would have been given up, if it would. */
  readonly failure: AbortReason | undefined;
  /** The program stands at the head of the loop again, rather than where its trace would have ended on the way. */
  readonly isAround: boolean;
}

export interface RehearsalParts {
  readonly internals: VmInternals;
  readonly heap: HeapReader;
  readonly functions: FunctionCode;
}

export class Rehearsal {
  readonly #parts: RehearsalParts;
  readonly #parameters: Parameters;
  /** How often each loop on the way was passed. */
  readonly #passes = new Map<number, number>();

  constructor(parts: RehearsalParts, parameters: Parameters) {
    this.#parts = parts;
    this.#parameters = parameters;
  }

  /**
   * Steps from the head of a loop to where its trace would end.
   * @param most instructions that there is time to record
   * @throws what the program raises
   */
  run(most: number): Rehearsed {
    const { heap, functions, internals: { core, memory } } = this.#parts;
    const thread = heap.thread;
    const frame = (): number => memory.load(thread + THREAD_FRAME);
    const depth = (): number => (frame() - memory.load(thread + THREAD_FRAMES)) / FRAME_SIZE;
    const root = depth();
    const start = memory.load(frame() + FRAME_PC);
    /** Of the functions being called, the root's first. */
    const protos = [this.#protoOf(frame())];
    this.#passes.clear();
    let status = RUN_STEPPED;
    const end = (failure?: AbortReason, isAround = false): Rehearsed => ({ status, failure, isAround });
    for (let length = 1; ; length++) {
      status = core.step();
      if (status !== RUN_STEPPED || heap.isHooked || memory.load(VM_DEAD_OWNERS) !== 0) return end('interrupted');
      if (heap.thread !== thread) return end('coroutine-switch');
      const level = depth() - root;
      if (level < 0) return end('leaves-root-frame');
      if (level === 0 && memory.load(frame() + FRAME_PC) === start) return end(undefined, true);
      if (length >= most) return end(most === this.#parameters.maxrecord ? 'trace-too-long' : 'too-slow');
      // Two frames at once are a builtin's and that of what it calls.
      if (level > protos.length) return end('unsupported-call');
      protos.length = Math.min(protos.length, level + 1);
      if (level === protos.length) {
        const proto = this.#protoOf(frame());
        // Whoever waits for compiled code does not look into it.
        if (functions.isCompiled(proto)) return end();
        const failure = this.#enters(proto, protos, frame());
        if (failure !== undefined) return end(failure);
        protos.push(proto);
      }
      const met = this.#atLoop(frame(), protos);
      if (met !== undefined) return end(met === 'link' ? undefined : met);
    }
  }

  /** A call: may it be inlined? */
  #enters(proto: number, protos: readonly number[], frame: number): AbortReason | undefined {
    const { maxinline, recunroll } = this.#parameters;
    if ((this.#parts.internals.memory.load(frame + FRAME_KIND) & FRAME_KIND_BYTE) !== 0) return 'unsupported-call';
    if (protos.length > maxinline) return 'inline-depth';
    return protos.filter((other) => other === proto).length > recunroll ? 'recursion' : undefined;
  }

  /** What the recorder does at the head of an inner loop (jit/core/record/opcodes/loop.ts). */
  #atLoop(frame: number, protos: readonly number[]): AbortReason | 'link' | undefined {
    const { heap, functions } = this.#parts;
    const { memory } = heap;
    const i = readInstruction(memory, memory.load(frame + FRAME_PC));
    const slot = memory.load(frame + FRAME_BASE) + i.a;
    if (!LOOPS.has(i.baseName) || isLeavingLoop(heap, i, slot)) return undefined;
    const { loopunroll } = this.#parameters;
    const passes = (this.#passes.get(i.pc) ?? 0) + 1;
    this.#passes.set(i.pc, passes);
    const isCompiled = i.name.endsWith('_JIT');
    const isLong = passes > loopunroll || remainingIterations(heap, i, slot) > loopunroll;
    if (!isCompiled && !isLong) return undefined;
    const proto = protos.at(-1)!;
    if (protos.length > 1 && functions.isCompiled(protos[0]!) && isCompilable(memory, proto) && functions.want(proto)) return 'inner-loop';
    if (isCompiled) return 'link';
    return i.name.endsWith('_PLAIN') ? 'blacklisted-callee' : passes > loopunroll ? 'loop-unroll-limit' : 'inner-loop';
  }

  #protoOf(frame: number): number {
    const { heap } = this.#parts;
    return heap.protoOf(heap.memory.load(frame + FRAME_CLOSURE));
  }
}

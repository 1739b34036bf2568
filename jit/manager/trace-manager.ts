/**
 * The trace manager: decides what is recorded, compiled, linked, thrown away. It is the JitPort of a VM, called between two slices of the
 * interpreter when a loop or an exit is hot and when a budget has run out.
 *
 * Invariants
 * - Loop instructions are in compiled form exactly while their root trace has code (`LoopCode`).
 * - Code that may be running further down the host's stack (a trace called a host function, which entered the VM again) is never freed or
 *   replaced: `isOutermost`.
 * - Objects a trace names are pinned from the moment it names them until the trace is gone.
 */
import { EXIT_PC, PROTO_CODE, PROTO_CODE_SIZE, RUN_STEPPED, THREAD_HOST_DEPTH, THREAD_RESUMER, VM_DEAD_OWNERS, VM_HOT_LOOP, VM_JIT_ATTACHED, VM_LOOP_BUDGET, VM_THREAD, VM_TRACE_BASE } from '../../src/bytecode/layout.ts';
import { MoontraceError } from '../../src/api/errors.ts';
import type { JitPort, JitStats, VmInternals } from '../../src/engine/jit-port.ts';
import { RecordingAborted } from '../abort-reasons.ts';
import type { AsyncBackend, Backend } from '../backend/backend.ts';
import { instructionText } from '../record/core/instruction-text.ts';
import type { JitEvent, JitListener, ParentPlace, Place } from '../events.ts';
import { TraceCompiler } from '../install/trace-compiler.ts';
import { TraceInstaller } from '../install/trace-installer.ts';
import { forceExits } from './force-exits.ts';
import { type LiveTrace, LiveTraces, newLiveTrace } from './live-traces.ts';
import { LoopCode } from './loop-code.ts';
import { describePlace } from '../places.ts';
import { Pins } from './pins.ts';
import { TraceCode } from './trace-code.ts';
import { optimise } from '../passes/optimise.ts';
import type { OptimiserOptions } from '../build/options.ts';
import type { Parameters } from '../parameters.ts';
import { HeapReader } from '../record/core/heap-reader.ts';
import { readInstruction } from '../record/core/instruction-view.ts';
import { Liveness } from '../record/core/liveness.ts';
import { type ParentExit, Recorder, type RecordingContext } from '../record/core/recorder.ts';
import { OPCODE_RECORDERS } from '../record/opcodes/index.ts';

export interface TraceManagerOptions {
  readonly backend: Backend;
  /** Compiles beside the program, as soon as it is ready. */
  readonly background: AsyncBackend | undefined;
  readonly parameters: Parameters;
  readonly optimisations: OptimiserOptions;
  /** Compare the recorder with the real stack. */
  readonly checkSlots: boolean;
  /** Faults of the JIT itself are thrown rather than survived. */
  readonly isStrict: boolean;
  /** Take every exit artificially, in turn: a test of what exits restore. */
  readonly forceExits: boolean;
  /** Throw trees away at any time: a test of what lives only as long as they do. */
  readonly dropTrees: boolean;
  readonly listeners: readonly JitListener[];
  /** Tell listeners every instruction and the Wasm text, too. */
  readonly isDumping: boolean;
}

/** A recording that has ended, complete or given up. `status` is how the program goes on (RUN_*). */
type Recorded =
  | { readonly status: number; readonly recorder: Recorder; readonly failure?: undefined }
  | { readonly status: number; readonly failure: RecordingAborted; readonly hasStepped: boolean };

/** Entries after which a look is taken at what a root trace is good for. */
const PROFIT_ENTRIES = 2000;

export class TraceManager implements JitPort {
  readonly #options: TraceManagerOptions;
  #state: AttachedState | undefined;
  #loading: Promise<void> | undefined;
  #lastNumber = 0;
  #isRecording = false;
  #recorded = 0;
  /** A flush was asked for while a trace was under way. */
  #wantsFlush = false;
  readonly #aborted: Record<string, number> = {};
  /** Attempts at recording a side trace, by exit. */
  readonly #attempts = new Map<string, number>();
  /** Listeners know of the background's backend: it is there, or will never be. */
  #hasToldBackground = false;
  /** Recordings in a row that found types unstable, by loop. */
  readonly #unstable = new Map<number, number>();
  #random = 1;

  constructor(options: TraceManagerOptions) {
    this.#options = options;
  }

  attach(internals: VmInternals): void {
    if (this.#state !== undefined) throw new MoontraceError('bad-option', 'jit: it belongs to another VM already; make one for each');
    const { backend, background, parameters, isDumping } = this.#options;
    const { memory } = internals;
    const installer = new TraceInstaller(internals, parameters.hotexit);
    const dump = isDumping ? (text: string) => this.#emit({ kind: 'code', text }) : undefined;
    const compiler = new TraceCompiler(installer, { backend, ...(background && { background }), ...(dump && { dump }) });
    const parts = {
      compiler, installer, traces: new LiveTraces(memory), loops: new LoopCode(memory, parameters), pins: new Pins(internals.core),
      emit: (event: JitEvent) => this.#emit(event),
    };
    this.#state = {
      ...parts,
      internals,
      code: new TraceCode(parts),
      heap: new HeapReader(memory, internals.core),
      liveness: new Map(),
      closures: new Map(),
      watched: new Map(),
    };
    if (!backend.isReady()) this.#loading = this.#load();
    memory.store(VM_JIT_ATTACHED, 1);
    memory.store(VM_HOT_LOOP, parameters.hotloop);
    memory.store(VM_LOOP_BUDGET, parameters.loopbudget);
  }

  /** Loads the backend; until it is there, and for ever if it does not come, the program is interpreted. */
  async #load(): Promise<void> {
    try {
      await this.#options.backend.load();
      this.#emit({ kind: 'available', backend: this.#options.backend.name });
    } catch (error) {
      this.#emit({ kind: 'unavailable', backend: this.#options.backend.name, message: error instanceof Error ? error.message : String(error) });
    }
  }

  #tellBackground(): void {
    const { background } = this.#options;
    if (background === undefined || this.#hasToldBackground) return;
    const message = background.failure();
    if (message !== undefined) this.#emit({ kind: 'unavailable', backend: background.name, message });
    else if (background.isReady()) this.#emit({ kind: 'available', backend: background.name });
    else return;
    this.#hasToldBackground = true;
  }

  get #attached(): AttachedState {
    if (this.#state === undefined) throw new MoontraceError('bad-argument', 'the JIT belongs to no VM yet');
    return this.#state;
  }

  // ---- The port

  onHotLoop(loopPc: number): number {
    const { loops, heap, traces } = this.#attached;
    const { parameters } = this.#options;
    this.#dropTree();
    loops.setCounter(loopPc, Math.max(parameters.hotloop, parameters.penaltystart));
    if (this.#isRecording || loops.isCompiled(loopPc) || !this.#options.backend.isReady() || !this.#tidy()) return RUN_STEPPED;
    if (traces.size >= parameters.maxtrace) {
      if (!this.#isOutermost) return RUN_STEPPED;
      this.flush();
    }
    const { base, closure } = heap.frame;
    const place = this.#place(heap.protoOf(closure), loopPc);
    const recorded = this.#record(base, place, undefined);
    if (recorded.failure === undefined) this.#compile(recorded.recorder, place, undefined);
    else this.#punish(loopPc, place, recorded.failure);
    return recorded.status;
  }

  onHotExit(exit: number, descriptor: number): number {
    const { traces, internals, installer, heap, code } = this.#attached;
    const { parameters } = this.#options;
    if (this.#dropTree()) return this.#step();
    if (!this.#tidy()) return this.#goOn(exit);
    const entered = traces.atDescriptor(descriptor);
    const number = entered?.installed?.exitAt(exit);
    const description = number === undefined ? undefined : entered?.installed?.exits[number];
    const owner = description && traces.get(description.trace);
    const snapshot = description && owner?.trace.snapshots[description.snapshot];
    if (this.#isRecording || number === undefined || owner === undefined || snapshot === undefined) return this.#goOn(exit);
    const root = owner.root ?? owner;
    if (this.#isTooEarly(exit, root)) return this.#step();
    const key = `${owner.number}/${description!.snapshot}`;
    const attempts = (this.#attempts.get(key) ?? 0) + 1;
    this.#attempts.set(key, attempts);
    const excess = root.sides.length >= parameters.maxside ? 'side-limit' : traces.kindsMet(owner, description!.snapshot) >= parameters.maxkinds ? 'megamorphic' : undefined;
    if (excess !== undefined && this.#isOutermost) {
      // As many ways through the loop as this cost more than they save: the interpreter is better at it.
      code.discardTree(root, excess, true);
      return this.#step();
    }
    if (attempts > parameters.tryside || root.sides.length >= parameters.maxside || traces.size >= parameters.maxtrace) {
      installer.setThreshold(exit, 0);
      return this.#step();
    }
    installer.setThreshold(exit, parameters.hotexit << attempts);
    const parent: ParentPlace = { trace: owner.number, exit: description!.snapshot };
    const place = this.#place(heap.protoOf(heap.frame.closure), heap.frame.pc);
    const recorded = this.#record(internals.memory.load(VM_TRACE_BASE), place, { trace: owner.trace, exit: parent.exit, snapshot });
    if (recorded.failure === undefined) this.#compile(recorded.recorder, place, { parent, root });
    else if (recorded.failure.reason === 'polymorphic') code.discardTree(root, 'polymorphic', false);
    else if (!recorded.hasStepped) return this.#step();
    return recorded.status;
  }

  onBudget(): void {
    if (!this.#isOutermost) return;
    if (this.#wantsFlush) this.flush();
    this.#tidy();
    this.#dropTree();
    const { traces, code } = this.#attached;
    code.poll();
    this.#tellBackground();
    for (const root of traces.roots()) {
      const gain = traces.instructionsPerEntry(root, PROFIT_ENTRIES);
      if (gain !== undefined && gain < this.#options.parameters.minlength) code.discardTree(root, 'unprofitable', true);
    }
    code.compileQuietTrees();
  }

  onCollected(): void {
    if (!this.#isRecording) this.#tidy();
  }

  /** Throws away what belongs to prototypes that have been collected, and traces that name what nobody else does. @returns false if that has to wait: nothing may be looked up by address then */
  #tidy(): boolean {
    const { internals, code, traces, pins, liveness, closures, watched } = this.#attached;
    const { memory } = internals;
    if (memory.load(VM_DEAD_OWNERS) === 0) return true;
    if (!this.#isOutermost) return false;
    memory.store(VM_DEAD_OWNERS, 0);
    for (const root of traces.roots()) {
      if (traces.get(root.number) === undefined) continue;
      if (!code.isAlive(root)) code.discardTree(root, 'collected', false);
      else if ([root, ...root.sides].some((live) => pins.hasAbandoned(live.pins))) code.discardTree(root, 'abandoned', false);
    }
    for (const [proto, handle] of watched) {
      if (pins.isAlive(handle)) continue;
      watched.delete(proto);
      liveness.delete(proto);
      closures.delete(proto);
    }
    return true;
  }

  /** Test mode: throws some tree away, now and then. @returns whether it did: the exit at hand may be gone */
  #dropTree(): boolean {
    if (!this.#options.dropTrees || !this.#isOutermost || this.#isRecording) return false;
    this.#random = (Math.imul(this.#random, 1103515245) + 12345) >>> 0;
    if (this.#random >>> 28 !== 0) return false;
    const { traces, code } = this.#attached;
    const roots = traces.roots();
    const root = roots[(this.#random >>> 16) % roots.length];
    if (root !== undefined) code.discardTree(root, 'collected', false);
    return root !== undefined;
  }

  /** Something is going to be known of a prototype: until it dies. */
  #watch(proto: number): void {
    const { watched, pins } = this.#attached;
    if (!watched.has(proto)) watched.set(proto, pins.watch(proto));
  }

  flush(): void {
    this.#wantsFlush = !this.#isOutermost;
    if (this.#wantsFlush) return;
    // What is known of prototypes stays, as long as they live: liveness of a large function is dear.
    const { code, closures } = this.#attached;
    const traces = code.discardAll();
    this.#attempts.clear();
    this.#unstable.clear();
    closures.clear();
    this.#emit({ kind: 'flushed', traces });
  }

  async settle(): Promise<void> {
    await this.#loading;
    await this.#options.background?.settle();
    if (this.#state !== undefined) this.onBudget();
  }

  stats(): JitStats {
    const traces = this.#state?.traces.all() ?? [];
    return {
      recorded: this.#recorded,
      compiled: this.#state?.code.compiled ?? 0,
      aborted: { ...this.#aborted },
      traces: traces.map((live) => this.#attached.traces.statsOf(live)),
    };
  }

  close(): void {
    const { background } = this.#options;
    this.#tellBackground();
    if (background !== undefined && !this.#hasToldBackground) this.#emit({ kind: 'unavailable', backend: background.name, message: 'it was not ready before the end' });
    background?.dispose();
    this.#options.backend.dispose();
  }

  // ---- Recording

  #record(base: number, place: Place, parentExit: ParentExit | undefined): Recorded {
    const { internals, pins } = this.#attached;
    const number = ++this.#lastNumber;
    const parent = parentExit && { trace: parentExit.trace.number, exit: parentExit.exit };
    this.#recorded++;
    this.#emit({ kind: 'recording', number, place, parent });
    this.#isRecording = true;
    pins.begin();
    let recorder: Recorder | undefined;
    let status = RUN_STEPPED;
    let isStepping = false;
    try {
      recorder = new Recorder(this.#context(parentExit !== undefined && this.#isOutermost), number, base, parentExit);
      while (this.#recordNext(recorder)) {
        // A collection in an emergency: what is known by address may be of prototypes that are gone.
        if (internals.memory.load(VM_DEAD_OWNERS) !== 0) throw new RecordingAborted('interrupted');
        isStepping = true;
        status = internals.core.step();
        isStepping = false;
        if (status !== RUN_STEPPED) throw new RecordingAborted('interrupted');
        recorder.afterStep();
      }
      optimise(recorder.trace, this.#options.optimisations, recorder.ir);
      return { status, recorder };
    } catch (error) {
      const failure = isStepping ? new RecordingAborted('error') : asAbort(error);
      pins.drop();
      this.#noteAbort(number, place, parent, failure);
      if (isStepping || (failure.reason === 'compile-error' && this.#options.isStrict)) throw error;
      return { status, failure, hasStepped: recorder !== undefined && recorder.length > 0 };
    } finally {
      this.#isRecording = false;
    }
  }

  #recordNext(recorder: Recorder): boolean {
    if (this.#options.isDumping) {
      const { heap } = this.#attached;
      this.#emit({ kind: 'instruction', depth: recorder.depth, describe: () => instructionText(readInstruction(heap.memory, heap.frame.pc)) });
    }
    const goesOn = recorder.recordNext();
    if (!goesOn) this.#emit({ kind: 'recorded', trace: recorder.trace });
    return goesOn;
  }

  /** @param isSide a side trace of a tree that may be thrown away */
  #context(isSide: boolean): RecordingContext {
    const { heap, liveness, closures, pins, internals } = this.#attached;
    const { parameters, optimisations, checkSlots } = this.#options;
    return {
      opcodes: OPCODE_RECORDERS,
      heap,
      parameters,
      optimisations,
      checkSlots,
      livenessOf: (proto) => {
        const known = liveness.get(proto);
        if (known !== undefined) return known;
        this.#watch(proto);
        const computed = new Liveness(internals.memory, proto);
        liveness.set(proto, computed);
        return computed;
      },
      isPolymorphic: (proto, closure) => {
        this.#watch(proto);
        const first = closures.get(proto) ?? closure;
        if (first === closure) closures.set(proto, closure);
        else closures.set(proto, 0);
        // Traces that rely on the first closure are stale: rather than grow twice the sides they are recorded anew.
        if (first !== closure && first !== 0 && isSide) throw new RecordingAborted('polymorphic');
        return first !== closure;
      },
      pin: (object) => pins.add(object),
    };
  }

  #noteAbort(number: number, place: Place, parent: ParentPlace | undefined, { reason, detail }: RecordingAborted): void {
    this.#aborted[reason] = (this.#aborted[reason] ?? 0) + 1;
    const { heap } = this.#attached;
    const { closure, pc } = heap.frame;
    this.#emit({ kind: 'aborted', number, place, parent, reason, detail, at: closure === 0 ? place : this.#place(heap.protoOf(closure), pc) });
  }

  #punish(loopPc: number, place: Place, { reason }: RecordingAborted): void {
    const { loops } = this.#attached;
    // The values have changed their types meanwhile: the next iteration is a better one, if not each is another again.
    const unstable = reason === 'type-instability' ? (this.#unstable.get(loopPc) ?? 0) + 1 : 0;
    this.#unstable.set(loopPc, unstable);
    if (unstable > 0 && unstable % this.#options.parameters.instunroll !== 0) loops.setCounter(loopPc, 2);
    else if (!loops.punish(loopPc)) this.#emit({ kind: 'blacklisted', place });
  }

  // ---- Compiling

  #compile(recorder: Recorder, place: Place, side: { parent: ParentPlace; root: LiveTrace } | undefined): void {
    const { code, pins } = this.#attached;
    const { trace } = recorder;
    if (this.#options.forceExits) forceExits(trace);
    this.#emit({ kind: 'optimised', trace });
    const owner = (side?.root.place ?? place).proto;
    const failure = code.compile(newLiveTrace(trace, place, recorder.length, [...pins.take(owner), pins.watch(owner)], side), this.#isOutermost);
    if (failure !== undefined) this.#aborted[failure] = (this.#aborted[failure] ?? 0) + 1;
  }

  // ---- Running

  /** Is no trace under way further down the host's stack? Then the host entered the VM once, counted over all threads that wait for each other. */
  get #isOutermost(): boolean {
    const { memory } = this.#attached.internals;
    let entries = 0;
    for (let thread = memory.load(VM_THREAD); thread !== 0; thread = memory.load(thread + THREAD_RESUMER)) entries += memory.load(thread + THREAD_HOST_DEPTH);
    return entries <= 1;
  }

  /**
   * Each further side of a tree must be worth more: it is taken less often than those before, and the whole tree is compiled again for its sake.
   * An exit that does not yet pay for a side goes on counting.
   */
  #isTooEarly(exit: number, { sides }: LiveTrace): boolean {
    const { installer } = this.#attached;
    const needed = this.#options.parameters.hotexit * (1 + sides.length);
    const isEarly = installer.hits(exit) < needed;
    if (isEarly) installer.setThreshold(exit, needed);
    return isEarly;
  }

  /** An exit that gets no side trace: the interpreter must get on, or it would enter the same loop and leave it again. */
  #goOn(exit: number): number {
    const { installer, internals } = this.#attached;
    installer.setThreshold(exit, internals.memory.load(exit + EXIT_PC) === 0 ? 0 : this.#options.parameters.hotexit);
    return this.#step();
  }

  #step(): number {
    return this.#attached.internals.core.step();
  }

  #place(proto: number, pc: number): Place {
    const { memory } = this.#attached.internals;
    const code = memory.load(proto + PROTO_CODE);
    const inside = pc >= code && pc < code + memory.load(proto + PROTO_CODE_SIZE);
    return describePlace(this.#attached.internals, proto, inside ? pc : code);
  }

  #emit(event: JitEvent): void {
    for (const listener of this.#options.listeners) listener(event);
  }
}

/** Anything else the recorder or the optimiser throws is a fault of theirs: the trace is given up, the program goes on. */
const asAbort = (error: unknown): RecordingAborted =>
  error instanceof RecordingAborted ? error : new RecordingAborted('compile-error', error instanceof Error ? error.message : String(error));

/** What belongs to the VM the manager is attached to. */
interface AttachedState {
  readonly internals: VmInternals;
  readonly heap: HeapReader;
  readonly installer: TraceInstaller;
  readonly code: TraceCode;
  readonly loops: LoopCode;
  readonly traces: LiveTraces;
  readonly pins: Pins;
  readonly liveness: Map<number, Liveness>;
  /** The closure each prototype was first seen with; 0 once there were several. */
  readonly closures: Map<number, number>;
  /** Handles of the prototypes that something is known of. */
  readonly watched: Map<number, number>;
}

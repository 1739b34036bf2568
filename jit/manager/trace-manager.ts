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
import { EXIT_PC, HOT_WAIT_FACTOR, RUN_STEPPED, THREAD_HOST_DEPTH, THREAD_RESUMER, VM_DEAD_OWNERS, VM_HOT_LOOP, VM_HOT_WAIT, VM_JIT_ATTACHED, VM_LOOP_BUDGET, VM_THREAD, VM_TRACE_BASE } from '../../src/bytecode/layout.ts';
import { MoontraceError } from '../../src/engine/errors/errors.ts';
import type { HeldBlock, JitActivity, JitPort, JitStats, SavedCode, VmInternals } from '../../src/engine/jit-port.ts';
import { EMPTY_REPORT, type JitReport } from '../../src/engine/jit-report.ts';
import type { AbortReason } from '../abort-reasons.ts';
import type { AsyncBackend, Backend } from '../backend/backend.ts';
import type { ReportRecorder } from '../dump/report-recorder.ts';
import type { JitEvent, JitListener, ParentPlace, Place } from '../events.ts';
import { TraceCompiler } from '../install/trace-compiler.ts';
import { hotExitOf, TraceInstaller } from '../install/trace-installer.ts';
import { NULL_BACKEND } from '../backend/null-backend.ts';
import { forceExits } from './force-exits.ts';
import { type LiveTrace, LiveTraces, newLiveTrace } from './live-traces.ts';
import { LoopCode } from './loop-code.ts';
import { placeAt } from '../places.ts';
import { Account } from './account.ts';
import { Activities } from './activities.ts';
import { Availability } from './availability.ts';
import { adopt, takeDown } from './code-transfer.ts';
import { FunctionCode } from './function-code.ts';
import { KnownPrototypes } from './known-prototypes.ts';
import type { RecordingStart } from '../record/recorder.ts';
import { type Complete, type Recorded, type RecordingOptions, Recordings } from './recordings.ts';
import { Pins } from './pins.ts';
import { readCode, TraceImage } from './saved-code.ts';
import { TraceCode } from './trace-code.ts';
import { HeapReader } from '../record/heap-reader.ts';

export interface TraceManagerOptions extends RecordingOptions {
  readonly backend: Backend;
  /** Compiles beside the program, as soon as it is ready. */
  readonly background: AsyncBackend | undefined;
  /** Take every exit artificially, in turn: a test of what exits restore. */
  readonly forceExits: boolean;
  /** Throw trees away at any time: a test of what lives only as long as they do. */
  readonly dropTrees: boolean;
  readonly listeners: readonly JitListener[];
  /** Takes notes; one of the listeners. */
  readonly recorder?: ReportRecorder | undefined;
}

/** Hot loops and exits that the core keeps to itself while there is no time for them; a budget stop looks whether there is. */
const HOT_WAIT = 32;
/** Entries after which a look is taken at what a root trace is good for: it grows by its exits, and has to be given the time. */
const PROFIT_ENTRIES = 20_000;
/** So many times more has a function to run each time the interpreter enters it: it is entered and returns, or leaves with all that it has called. */
const FUNCTION_LENGTH = 4;
/** Reasons that cost a long recording, and will be there next time. */
const LONG_REASONS: ReadonlySet<AbortReason> = new Set(['trace-too-long', 'too-many-snapshots', 'too-many-constants']);
/** Iterations until a loop is compiled again whose code was no gain. */
const UNPROFITABLE_PENALTY = 400_000;

export class TraceManager implements JitPort {
  readonly #options: TraceManagerOptions;
  readonly #account: Account;
  readonly #activities = new Activities();
  /** Milliseconds that compiled code has saved, as far as it was asked. */
  #saved = 0;
  #state: AttachedState | undefined;
  readonly #availability: Availability;
  /** A flush was asked for while a trace was under way. */
  #wantsFlush = false;
  readonly #aborted: Record<string, number> = {};
  /** Attempts at recording a side trace, by exit. */
  readonly #attempts = new Map<string, number>();
  /** Recordings in a row that found types unstable, by loop. */
  readonly #unstable = new Map<number, number>();
  #random = 1;
  /** What there was to tell when the VM was closed: its memory is another's then. */
  #last: { readonly stats: JitStats; readonly report: JitReport } | undefined;
  /** Trees thrown away by the test mode. */
  #dropped = 0;
  /** Traces that came with the memory. */
  #adopted = 0;

  constructor(options: TraceManagerOptions) {
    this.#options = options;
    this.#account = new Account(options.parameters.share, options.parameters.grace);
    this.#availability = new Availability(options.backend, options.background, (event) => this.#emit(event));
  }

  attach(internals: VmInternals): void {
    if (this.#state !== undefined) throw new MoontraceError('bad-option', 'jit: it belongs to another VM already; make one for each');
    const { backend, background, parameters, isDumping } = this.#options;
    const { memory } = internals;
    const installer = new TraceInstaller(internals, parameters.hotexit);
    const dump = isDumping ? (text: string) => this.#emit({ kind: 'code', text }) : undefined;
    const onInstall = (number: number, binary: Uint8Array<ArrayBuffer>): void => this.#emit({ kind: 'binary', number, binary });
    const compiler = new TraceCompiler(installer, { backend, onInstall, ...(background && { background }), ...(dump && { dump }) });
    const pins = new Pins(internals.core);
    const functions = new FunctionCode(memory, pins, parameters.hotfunction);
    const parts = {
      compiler, installer, traces: new LiveTraces(memory), loops: new LoopCode(memory, parameters), functions, pins,
      emit: (event: JitEvent) => this.#emit(event),
    };
    const heap = new HeapReader(memory);
    const prototypes = new KnownPrototypes(pins);
    this.#state = {
      ...parts,
      internals,
      code: new TraceCode(parts),
      heap,
      prototypes,
      recordings: new Recordings(this.#options, { internals, heap, pins, prototypes, functions, emit: parts.emit }),
    };
    if (!this.#availability.start()) return;
    memory.store(VM_JIT_ATTACHED, 1);
    memory.store(VM_HOT_LOOP, parameters.hotloop);
    memory.store(VM_HOT_WAIT, 0);
    memory.store(VM_LOOP_BUDGET, parameters.loopbudget);
  }

  get #attached(): AttachedState {
    if (this.#state === undefined) throw new MoontraceError('bad-argument', 'the JIT belongs to no VM yet');
    return this.#state;
  }

  // ---- The port

  get activity(): JitActivity | undefined {
    return this.#activities.current;
  }

  onHotLoop(loopPc: number): number {
    const { loops, heap, traces, functions } = this.#attached;
    const { parameters } = this.#options;
    this.#dropTree();
    const isOverdrawn = this.#isOverdrawn;
    loops.setCounter(loopPc, Math.max(parameters.hotloop, parameters.penaltystart) * (isOverdrawn ? HOT_WAIT_FACTOR : 1));
    if (isOverdrawn || this.#attached.recordings.isUnderWay || loops.isCompiled(loopPc) || !this.#options.backend.isReady() || !this.#tidy()) return RUN_STEPPED;
    if (traces.size >= parameters.maxtrace) {
      if (!this.#isOutermost) return RUN_STEPPED;
      this.flush();
    }
    const proto = heap.protoOf(heap.frame.closure);
    functions.wantNested(proto);
    const place = placeAt(this.#attached.internals, proto, loopPc);
    const recorded = this.#record(heap.frame.base, place, {});
    if (recorded.failure === undefined) this.#compile(recorded, place, undefined);
    else this.#punish(loopPc, place, recorded.failure.reason);
    return recorded.status;
  }

  onHotExit(exit: number, descriptor: number): number {
    const { traces, internals, installer, heap, code } = this.#attached;
    const { parameters } = this.#options;
    if (this.#dropTree()) return this.#step();
    if (!this.#tidy() || this.#isOverdrawn || this.#attached.recordings.isUnderWay) return this.#goOn(exit);
    const description = traces.exitAt(exit, descriptor);
    const owner = description && traces.get(description.trace);
    if (description === undefined || owner === undefined || description.snapshot < 0) return this.#goOn(exit);
    const root = owner.root ?? owner;
    if (root.trace.functionProto !== 0 && !this.#isOutermost) return this.#goOn(exit);
    if (traces.hasSide(root, owner.number, description.snapshot)) {
      // It is in a function's code that was made before the side was.
      installer.setThreshold(exit, parameters.hotexit);
      if (this.#isOutermost) this.#charge('compiling', () => code.compileHolders(root));
      return this.#step();
    }
    if (this.#isTooEarly(exit, root)) return this.#step();
    const key = `${owner.number}/${description.snapshot}`;
    const attempts = (this.#attempts.get(key) ?? 0) + 1;
    this.#attempts.set(key, attempts);
    const excess = root.sides.length >= parameters.maxside ? 'side-limit' : traces.kindsMet(owner, description.snapshot) >= parameters.maxkinds ? 'megamorphic' : undefined;
    if (excess !== undefined && this.#isOutermost) {
      // As many ways through the loop as this cost more than they save: the interpreter is better at it.
      code.discardTree(root, excess, UNPROFITABLE_PENALTY);
      return this.#step();
    }
    if (attempts > parameters.tryside || root.sides.length >= parameters.maxside || traces.size >= parameters.maxtrace) {
      installer.setThreshold(exit, 0);
      return this.#step();
    }
    installer.setThreshold(exit, hotExitOf(parameters.hotexit, root.trace.functionProto !== 0) << attempts);
    const parent: ParentPlace = { trace: owner.number, exit: description.snapshot };
    const place = placeAt(internals, heap.protoOf(heap.frame.closure), heap.frame.pc);
    const recorded = this.#record(internals.memory.load(VM_TRACE_BASE), place, { parentExit: { trace: owner.trace, exit: parent.exit } });
    if (recorded.failure === undefined) this.#compile(recorded, place, { parent, root });
    else if (recorded.failure.reason === 'polymorphic') code.discardTree(root, 'polymorphic');
    else if (!recorded.hasStepped) return this.#step();
    return recorded.status;
  }

  onHotFunction(proto: number): number {
    const { functions, heap, internals, recordings, traces } = this.#attached;
    if (this.#isOverdrawn) {
      functions.askLater(proto);
      return RUN_STEPPED;
    }
    functions.reset(proto);
    if (recordings.isUnderWay || !this.#isOutermost || !this.#options.backend.isReady() || !this.#tidy() || traces.size >= this.#options.parameters.maxtrace) return RUN_STEPPED;
    const { base, pc } = heap.frame;
    const place = placeAt(internals, proto, pc);
    const recorded = this.#record(base, place, { functionProto: proto });
    if (recorded.failure === undefined) this.#compile(recorded, place, undefined);
    else functions.punish(proto);
    return recorded.status;
  }

  onBudget(): void {
    if (!this.#isOutermost) return;
    if (this.#wantsFlush) this.flush();
    this.#tidy();
    this.#dropTree();
    const { traces, code, functions } = this.#attached;
    code.poll();
    this.#availability.tellBackground();
    for (const root of traces.roots()) {
      const gain = traces.instructionsPerEntry(root, PROFIT_ENTRIES);
      const least = this.#options.parameters.minlength * (root.trace.functionProto === 0 ? 1 : FUNCTION_LENGTH);
      if (gain !== undefined && gain < least) code.discardTree(root, 'unprofitable', UNPROFITABLE_PENALTY);
    }
    functions.look();
    if (this.#isOverdrawn) return;
    this.#charge('compiling', () => code.compileQuietTrees());
  }

  onCollected(): void {
    if (!this.#attached.recordings.isUnderWay) this.#tidy();
  }

  /**
   * Throws away what belongs to prototypes that have been collected, and traces that name what nobody else does: the next ones of their loops may well
   * have the same fate.
   * @param keepsAbandoned those that name what nobody else does stay for now: a program that does the same again may find it again
   * @returns false if that has to wait: nothing may be looked up by address then
   */
  #tidy(keepsAbandoned = false): boolean {
    const { internals, code, traces, pins, prototypes, functions } = this.#attached;
    const { memory } = internals;
    if (memory.load(VM_DEAD_OWNERS) === 0) return true;
    if (!this.#isOutermost) return false;
    if (!keepsAbandoned) memory.store(VM_DEAD_OWNERS, 0);
    for (const root of traces.roots()) {
      if (traces.get(root.number) === undefined) continue;
      if (!code.isAlive(root)) code.discardTree(root, 'collected');
      else if (!keepsAbandoned && [root, ...root.sides].some((live) => pins.hasAbandoned(live.pins))) code.discardTree(root, 'abandoned', this.#options.parameters.penaltystart);
    }
    prototypes.forgetDead();
    functions.forgetDead();
    return true;
  }

  /**
   * Test mode: throws some tree away, now and then; ever less often, since all of it is compiled again.
   * @returns whether it did: the exit at hand may be gone
   */
  #dropTree(): boolean {
    if (!this.#options.dropTrees || !this.#isOutermost || this.#attached.recordings.isUnderWay) return false;
    this.#random = (Math.imul(this.#random, 1103515245) + 12345) >>> 0;
    if ((this.#random >>> 16) % (8 + 8 * this.#dropped) !== 0) return false;
    const { traces, code } = this.#attached;
    const roots = traces.roots();
    const root = roots[(this.#random >>> 8) % roots.length];
    if (root === undefined) return false;
    this.#dropped++;
    code.discardTree(root, 'collected');
    return true;
  }

  flush(): void {
    this.#wantsFlush = !this.#isOutermost;
    if (this.#wantsFlush) return;
    // What is known of prototypes stays, as long as they live: liveness of a large function is dear.
    const { code, prototypes } = this.#attached;
    const traces = code.discardAll();
    this.#attempts.clear();
    this.#unstable.clear();
    prototypes.forgetClosures();
    this.#emit({ kind: 'flushed', traces });
  }

  blocks(): readonly HeldBlock[] {
    return this.#state?.traces.blocks() ?? [];
  }

  saveCode(): SavedCode | undefined {
    const attached = this.#attached;
    // Threads that share a VM have code that this one knows nothing of.
    if (attached.internals.codeSharing !== undefined || attached.traces.size === 0 || !this.#tidy(true)) return undefined;
    return new TraceImage(takeDown({ ...attached, attempts: this.#attempts }));
  }

  adoptCode(code: SavedCode | Uint8Array): boolean {
    const attached = this.#attached;
    if (attached.internals.memory.load(VM_JIT_ATTACHED) === 0 || this.#options.backend.name === NULL_BACKEND) return false;
    const saved = code instanceof TraceImage ? code.parts : code instanceof Uint8Array ? this.#charge('compiling', () => readCode(code)) : undefined;
    const traces = saved && this.#charge('compiling', () => adopt({ ...attached, attempts: this.#attempts }, saved));
    if (saved === undefined || traces === undefined) return false;
    this.#adopted = traces.length;
    for (const { binary, entries } of saved.functions) for (const { number } of entries) this.#emit({ kind: 'binary', number, binary });
    for (const { number, place, parent, trace, length } of traces) this.#emit({ kind: 'adopted', number, place, parent, trace, length });
    return true;
  }

  async settle(): Promise<void> {
    await this.#availability.settle();
    if (this.#state !== undefined) this.onBudget();
  }

  stats(): JitStats {
    if (this.#last !== undefined) return this.#last.stats;
    const traces = this.#state?.traces.all() ?? [];
    this.#takeSavings();
    return {
      recorded: this.#state?.recordings.count ?? 0,
      compiled: this.#state?.code.compiled ?? 0,
      restored: this.#adopted,
      aborted: { ...this.#aborted },
      spent: { ...this.#activities.spent },
      saved: this.#saved,
      instructions: this.#state?.traces.instructions ?? 0,
      traces: traces.map((live) => this.#attached.traces.statsOf(live)),
    };
  }

  report(): JitReport {
    return this.#last?.report ?? this.#options.recorder?.report((number) => this.#state?.traces.useOf(number)) ?? EMPTY_REPORT;
  }

  close(): void {
    this.#last ??= { stats: this.stats(), report: this.report() };
    this.#availability.close();
  }

  // ---- Recording and compiling

  #record(base: number, place: Place, start: RecordingStart): Recorded {
    const isDisposable = start.parentExit !== undefined && this.#isOutermost;
    const isLate = this.#attached.internals.isMetered ? () => false : this.#account.deadline();
    const recorded = this.#charge('recording', () => this.#attached.recordings.record(base, place, start, isDisposable, isLate));
    if (recorded.failure !== undefined) this.#count(recorded.failure.reason);
    return recorded;
  }

  #count(reason: AbortReason): void {
    this.#aborted[reason] = (this.#aborted[reason] ?? 0) + 1;
  }

  #punish(loopPc: number, place: Place, reason: AbortReason): void {
    const { loops } = this.#attached;
    // The values have changed their types meanwhile: the next iteration is a better one, if not each is another again.
    const unstable = reason === 'type-instability' ? (this.#unstable.get(loopPc) ?? 0) + 1 : 0;
    this.#unstable.set(loopPc, unstable);
    if (unstable > 0 && unstable % this.#options.parameters.instunroll !== 0) loops.setCounter(loopPc, 2);
    else if (!loops.punish(loopPc, LONG_REASONS.has(reason))) this.#emit({ kind: 'blacklisted', place });
  }

  #compile({ trace: recorded, length }: Complete, place: Place, side: { parent: ParentPlace; root: LiveTrace } | undefined): void {
    const { code, pins } = this.#attached;
    const trace = this.#options.forceExits ? forceExits(recorded) : recorded;
    this.#emit({ kind: 'optimised', trace });
    const owner = (side?.root.place ?? place).proto;
    const live = newLiveTrace(trace, place, length, [...pins.take(owner), pins.watch(owner)], side);
    const failure = this.#charge('compiling', () => code.compile(live, this.#isOutermost));
    if (failure !== undefined) this.#count(failure);
  }

  /** Is there no time to spend on recording and compiling? Where fuel is counted the clock is not asked: the same program spends the same. */
  get #isOverdrawn(): boolean {
    const { internals } = this.#attached;
    const isOverdrawn = !internals.isMetered && this.#account.isOverdrawn(() => this.#takeSavings());
    internals.memory.store(VM_HOT_WAIT, isOverdrawn ? HOT_WAIT : 0);
    return isOverdrawn;
  }

  #charge<Result>(activity: JitActivity, work: () => Result): Result {
    return this.#account.charge(() => this.#activities.during(activity, work));
  }

  /** Milliseconds that compiled code has saved since the last look. */
  #takeSavings(): number {
    const saved = this.#state?.traces.savedTime() ?? 0;
    this.#saved += saved;
    return saved;
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
  #isTooEarly(exit: number, { sides, trace }: LiveTrace): boolean {
    const { installer } = this.#attached;
    const needed = hotExitOf(this.#options.parameters.hotexit, trace.functionProto !== 0) * (1 + sides.length);
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

  #emit(event: JitEvent): void {
    for (const listener of this.#options.listeners) listener(event);
  }
}

/** What belongs to the VM the manager is attached to. */
interface AttachedState {
  readonly internals: VmInternals;
  readonly heap: HeapReader;
  readonly installer: TraceInstaller;
  readonly code: TraceCode;
  readonly loops: LoopCode;
  readonly functions: FunctionCode;
  readonly traces: LiveTraces;
  readonly pins: Pins;
  readonly prototypes: KnownPrototypes;
  readonly recordings: Recordings;
}

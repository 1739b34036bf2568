/**
 * From traces to code and back: compiles traces, links side traces to the exits they start at, makes one function of a tree, and throws code
 * away. Knows nothing of recording.
 *
 * Invariants
 * - A loop instruction is in its compiled form exactly while its root trace has code.
 * - Roots that share a function (`group`) are compiled again together, and thrown away together: the function jumps between them.
 * - A side trace has code of its own or is part of its root's function; exits are found by snapshot, since they move with every compilation.
 */
import type { AbortReason } from '../abort-reasons.ts';
import type { JitEvent } from '../events.ts';
import type { CompileOutcome, TraceCompiler } from '../install/trace-compiler.ts';
import type { InstalledTrace, TraceInstaller } from '../install/trace-installer.ts';
import type { RecordedTrace } from '../ir/recorded-trace.ts';
import { findLinkedTrees, findLoopsOf } from '../lower/linked-trees.ts';
import type { FunctionCode } from './function-code.ts';
import { groupOf, type LiveTrace, type LiveTraces } from './live-traces.ts';
import type { LoopCode } from './loop-code.ts';
import type { Pins } from './pins.ts';

export interface TraceCodeParts {
  readonly compiler: TraceCompiler;
  readonly installer: TraceInstaller;
  readonly traces: LiveTraces;
  readonly loops: LoopCode;
  readonly functions: FunctionCode;
  readonly pins: Pins;
  readonly emit: (event: JitEvent) => void;
}

/** What is being compiled: a new trace, or trees whose roots and sides are to become one function. */
interface CompileJob {
  readonly live: LiveTrace;
  readonly trees: readonly LiveTree[] | undefined;
}

interface LiveTree {
  readonly live: LiveTrace;
  readonly sideTraces: readonly LiveTrace[];
  readonly installed: InstalledTrace;
  readonly root: RecordedTrace;
  readonly sides: readonly RecordedTrace[];
}

/**
 * Budget stops without a new side trace after which a tree is compiled anew; doubles each time, up to MAX_PATIENCE times. Its sides have code of their own until then; those
 * of a function have not.
 */
const QUIET_STOPS = 6;
const FUNCTION_QUIET_STOPS = 1;
/** Trees that are compiled anew at one stop. */
const MOST_AT_A_STOP = 3;
const MAX_PATIENCE = 3;
/**
 * Instructions of IR up to which trees that lead into one another are compiled together, and up to which a tree becomes one function at all.
 * V8 compiles large functions slowly, and badly.
 */
const MAX_GROUP_SIZE = 800;
const MAX_TREE_SIZE = 3000;
/** Iterations. */
const MAX_PENALTY = 1 << 28;

export class TraceCode {
  readonly #parts: TraceCodeParts;
  readonly #pending = new Map<number, CompileJob>();
  /** Traces that became code. */
  compiled = 0;

  constructor(parts: TraceCodeParts) {
    this.#parts = parts;
  }

  /**
   * Compiles a new trace. @param mayReplace no trace is under way further down the host's stack
   * @returns why it failed, if it did; the trace is gone then
   */
  compile(live: LiveTrace, mayReplace: boolean): AbortReason | undefined {
    const { compiler, traces, loops } = this.#parts;
    const { root, trace } = live;
    traces.add(live);
    if (trace.functionProto !== 0 && root !== undefined) return this.#compileFunctionSide(live, root);
    if (root === undefined) {
      if (trace.functionProto === 0) loops.stopCounting(trace.startPc);
    } else if (mayReplace && hasDoubled(root) && this.compileTree(root)) return undefined;
    if (root !== undefined) for (const holder of this.#holdersOf(root)) holder.loose++;
    const failure = this.#finish({ live, trees: undefined }, compiler.compileTrace(trace));
    if (failure === undefined && trace.functionProto !== 0 && trace.link.kind === 'root') this.compileTree(live);
    return failure;
  }

  /** Compiles the functions anew whose code holds this loop, with its new sides. */
  compileHolders(loop: LiveTrace): void {
    for (const holder of this.#holdersOf(loop)) if (holder.loose > 0) this.compileTree(holder);
  }

  /** The functions whose code holds this loop. */
  #holdersOf(loop: LiveTrace): readonly LiveTrace[] {
    return this.#parts.traces.roots().filter(({ embedded }) => embedded.includes(loop));
  }

  /** Side traces of a function have no code of their own: what called it waits in the host's stack, and the function goes on in the same code. */
  #compileFunctionSide(live: LiveTrace, root: LiveTrace): AbortReason | undefined {
    if (!hasDoubled(root)) {
      // The next stop compiles all that have come until then.
      root.loose++;
      return undefined;
    }
    this.compileTree(root);
    if (live.isCompiled || this.#isUnderWay(root)) return undefined;
    this.#fail(live, 'side-limit', 'the function is too large');
    return 'side-limit';
  }

  #isUnderWay(root: LiveTrace): boolean {
    return [...this.#pending.values()].some(({ trees }) => trees?.some(({ live }) => live === root));
  }

  /** Installs what the background has finished. */
  poll(): void {
    for (const { job, outcome } of this.#parts.compiler.poll()) {
      const pending = this.#pending.get(job);
      this.#pending.delete(job);
      if (pending !== undefined) this.#finish(pending, outcome);
    }
  }

  /** A budget stop: compiles the trees that have settled, a few at a time: the program waits for it, and so does what wants to stop it. */
  compileQuietTrees(): void {
    let rest = MOST_AT_A_STOP;
    for (const root of this.#parts.traces.roots()) {
      if (rest === 0) return;
      const patience = root.trace.functionProto === 0 ? QUIET_STOPS << Math.min(root.builds, MAX_PATIENCE) : FUNCTION_QUIET_STOPS;
      if (root.loose === 0 || ++root.quiet < patience) continue;
      this.compileTree(root);
      rest--;
    }
  }

  /**
   * A tree, and the trees it leads into and back from, become one function: values stay in locals across its traces.
   * @returns whether all its sides are part of it now
   */
  compileTree(root: LiveTrace): boolean {
    const { traces } = this.#parts;
    const all = new Map(traces.roots().flatMap((live) => (live.installed === undefined ? [] : [[live.number, this.#treeOf(live, live.installed)]])));
    const own = all.get(root.number);
    if (own === undefined) return false;
    if (root.trace.functionProto !== 0) return this.#compileFunction(own, findLoopsOf(own, withoutBuiltins(all)));
    const linked = findLinkedTrees(own, all);
    if (sizeOf(linked) <= MAX_GROUP_SIZE) return this.#compileTogether(linked);
    // Grown too large for one function: each root of the group gets its own again. Until all have, the code they share must not lead into
    // sides that are part of one of the new functions.
    if (root.group.length > 1) for (const { sides } of root.group) sides.forEach((side) => this.#link(side, 0));
    return groupOf(root).map(({ number }) => this.#compileTogether([all.get(number)!])).every(Boolean);
  }

  #compileFunction(tree: LiveTree, loops: readonly LiveTree[]): boolean {
    settle(tree.live);
    if (sizeOf([tree, ...loops]) > MAX_TREE_SIZE) return false;
    tree.live.embedded = loops.map(({ live }) => live);
    const outcome = this.#parts.compiler.compileFunction(tree, loops);
    this.#finish({ live: tree.live, trees: [tree] }, outcome);
    return outcome.status === 'installed';
  }

  #compileTogether(trees: readonly LiveTree[]): boolean {
    for (const { live } of trees) settle(live);
    if (sizeOf(trees) > MAX_TREE_SIZE) {
      for (const { live } of trees) live.sides.forEach((side) => this.#link(side));
      return false;
    }
    const outcome = this.#parts.compiler.compileTrees(trees);
    this.#finish({ live: trees[0]!.live, trees }, outcome);
    return outcome.status === 'installed';
  }

  /**
   * Throws a tree and those that share its code away.
   * @param penalty iterations until its loop is compiled again, at least; twice as many each time. The others start anew
   */
  discardTree(root: LiveTrace, reason: AbortReason, penalty = 0): void {
    const { functions, emit } = this.#parts;
    const wasAlive = this.isAlive(root);
    for (const live of groupOf(root)) {
      for (const holder of this.#holdersOf(live)) this.discardTree(holder, reason);
      if (this.isAlive(live)) this.#unlink(live, live === root && penalty > 0 ? Math.min(Math.max(penalty, 2 * live.penalty), MAX_PENALTY) : 0);
      for (const side of live.sides) this.#discard(side);
      this.#discard(live);
    }
    if (penalty > 0 && root.trace.functionProto !== 0 && wasAlive) functions.punish(root.trace.functionProto);
    emit({ kind: 'discarded', number: root.number, place: root.place, reason });
  }

  /** Its loop counts again, or its function is interpreted again. @param penalty iterations until the loop is compiled again, at least */
  #unlink({ trace: { startPc, functionProto } }: LiveTrace, penalty: number): void {
    const { loops, functions } = this.#parts;
    if (functionProto !== 0) functions.reset(functionProto);
    else loops.reset(startPc, penalty);
  }

  /** Whether the prototype a root starts in is alive: else its loop instruction is no more. */
  isAlive({ pins }: LiveTrace): boolean {
    return this.#parts.pins.isAlive(pins.at(-1)!);
  }

  /** Throws everything away. @returns number of traces there were */
  discardAll(): number {
    const { traces } = this.#parts;
    const all = traces.all();
    for (const live of all) {
      if (live.root === undefined && this.isAlive(live)) this.#unlink(live, 0);
      this.#discard(live);
    }
    return all.length;
  }

  #treeOf(live: LiveTrace, installed: InstalledTrace): LiveTree {
    const underWay = new Set([...this.#pending.values()].map((job) => job.live));
    const sideTraces = live.sides.filter((side) => !underWay.has(side));
    return { live, sideTraces, installed, root: live.trace, sides: sideTraces.map(({ trace }) => trace) };
  }

  /** Takes a job's outcome: now, or when the background has done it. */
  #finish(job: CompileJob, outcome: CompileOutcome): AbortReason | undefined {
    if (outcome.status === 'pending') this.#pending.set(outcome.job, job);
    else if (outcome.status === 'installed') {
      if (job.trees !== undefined) this.#adoptSides(job.trees);
      else this.#install(job.live, outcome.installed);
    } else if (job.trees === undefined) {
      this.#fail(job.live, outcome.reason, outcome.detail);
      return outcome.reason;
    } else {
      // Trees that cannot be compiled as one function go on as several.
      for (const { live } of job.trees) live.sides.forEach((side) => this.#link(side));
    }
    return undefined;
  }

  #install(live: LiveTrace, installed: InstalledTrace): void {
    const { traces, loops, functions } = this.#parts;
    traces.install(live, installed);
    if (live.root === undefined) {
      const { startPc, functionProto } = live.trace;
      if (functionProto !== 0) functions.enter(functionProto, installed.descriptor);
      else {
        live.penalty = loops.penaltyOf(startPc);
        loops.enter(startPc, installed.descriptor);
      }
    } else {
      this.#link(live);
      live.root.loose++;
      live.root.quiet = 0;
    }
    this.#noteCompiled(live);
  }

  /** Lets the exit a side trace starts at go on in its code, if it has code of its own. @param descriptor 0: not any more */
  #link({ parent, root, installed }: LiveTrace, descriptor = installed?.descriptor): void {
    const { installer, traces } = this.#parts;
    if (parent === undefined || installed === undefined || descriptor === undefined) return;
    const owner = traces.get(parent.trace)?.installed ?? root?.installed;
    const exit = owner?.findExit(parent.trace, parent.exit);
    if (owner !== undefined && exit !== undefined) installer.linkSide(owner.exitAddress(exit), descriptor);
  }

  #noteCompiled(live: LiveTrace): void {
    const { number, place, parent, trace, length } = live;
    live.isCompiled = true;
    this.compiled++;
    this.#parts.emit({ kind: 'compiled', number, place, parent, trace, length });
  }

  #fail(live: LiveTrace, reason: AbortReason, detail: string): void {
    const { loops, functions, emit } = this.#parts;
    const { number, place, parent, root, trace } = live;
    const alive = this.isAlive(live);
    this.#discard(live);
    if (root !== undefined) root.sides.splice(root.sides.indexOf(live), 1);
    emit({ kind: 'aborted', number, place, parent, reason, detail, at: place });
    if (root === undefined) {
      if (trace.functionProto === 0) emit({ kind: 'blacklisted', place });
      // What is dead may be something else by now.
      if (!alive) return;
      if (trace.functionProto === 0) loops.blacklist(trace.startPc);
      else functions.punish(trace.functionProto);
    }
  }

  #discard(live: LiveTrace): void {
    const { traces, installer, pins, compiler } = this.#parts;
    for (const [number, job] of this.#pending) {
      if (job.live !== live && !job.trees?.some((tree) => tree.live === live)) continue;
      compiler.cancel(number);
      this.#pending.delete(number);
    }
    const { installed } = live;
    traces.remove(live);
    if (installed !== undefined) installer.uninstall(installed);
    pins.release(live.pins);
  }

  /** The sides are part of the function now: their own code goes. Sides that came meanwhile are linked to the new exits. */
  #adoptSides(trees: readonly LiveTree[]): void {
    const { traces, installer, emit } = this.#parts;
    const group = trees.map(({ live }) => live);
    for (const { live, sideTraces } of trees) {
      live.group = group;
      for (const side of sideTraces) {
        const { installed } = side;
        traces.uninstall(side);
        if (installed !== undefined) installer.uninstall(installed);
        else if (!side.isCompiled) this.#noteCompiled(side);
      }
      for (const side of live.sides) this.#link(side);
    }
    const count = trees.reduce((sum, { sides }) => sum + sides.length + 1, 0);
    emit({ kind: 'tree', root: trees[0]!.live.number, traces: count, place: trees[0]!.live.place });
  }
}

/** Would the new side trace double the tree? Compiling it anew then costs no more, all in all, than its traces are. */
const hasDoubled = ({ sides, loose }: LiveTrace): boolean => 2 * (loose + 1) > sides.length;

/** The trees that call no builtin in the stack: in the code of a whole function its frames are not there. */
function withoutBuiltins(trees: ReadonlyMap<number, LiveTree>): ReadonlyMap<number, LiveTree> {
  return new Map([...trees].filter(([, { root, sides }]) => [root, ...sides].every(({ calls }) => calls === 0)));
}

/** All its sides so far are about to be compiled. */
function settle(root: LiveTrace): void {
  root.quiet = 0;
  root.loose = 0;
  root.builds++;
}

/** Instructions of IR. */
const sizeOf = (trees: readonly LiveTree[]): number =>
  trees.flatMap((tree) => [tree.root, ...tree.sides]).reduce((sum, { size }) => sum + size, 0);

/**
 * From a finished trace to code the core enters: lowering, a backend, installation. The trace manager decides what is compiled
 * and when; this decides where: in the background if there is a backend that is ready, else at once.
 *
 * Lowering always happens here and now; only the function code travels.
 */
import type { AbortReason } from '../abort-reasons.ts';
import { type AsyncBackend, type Backend, BackendError } from '../backend/backend.ts';
import type { RecordedTrace } from '../ir/recorded-trace.ts';
import { type LoweredFunction, lowerTrees, type TraceTree } from '../lower/lower-trees.ts';
import { LoweringError } from '../lower/lowering-error.ts';
import type { InstalledTrace, TraceInstaller } from './trace-installer.ts';

export type CompileOutcome =
  /** Of several trees, the first one's trace. */
  | { readonly status: 'installed'; readonly installed: InstalledTrace }
  /** Under way; `poll` reports the job when it is done. */
  | { readonly status: 'pending'; readonly job: number }
  | { readonly status: 'failed'; readonly reason: AbortReason; readonly detail: string };

/** A job that was pending and is not any more. */
export interface FinishedJob {
  readonly job: number;
  readonly outcome: Exclude<CompileOutcome, { status: 'pending' }>;
}

/** A root that has code, with the side traces that are to become part of its function. */
export interface InstalledTree extends TraceTree {
  readonly installed: InstalledTrace;
}

interface PendingJob {
  readonly number: number;
  readonly lowered: LoweredFunction;
  /** The traces that enter the function, if it is not a new one's. */
  readonly replaces: readonly InstalledTrace[];
}

export interface TraceCompilerOptions {
  /** Compiles at once; must be ready. */
  readonly backend: Backend;
  /** Compiles beside the program once it is ready. */
  readonly background?: AsyncBackend;
  /** Gets the Wasm text of each function, for `-j dump`. */
  readonly dump?: (text: string) => void;
  /** Gets each module that was installed. */
  readonly onInstall?: (number: number, binary: Uint8Array<ArrayBuffer>) => void;
}

export class TraceCompiler {
  readonly #installer: TraceInstaller;
  readonly #options: TraceCompilerOptions;
  readonly #pending = new Map<number, PendingJob>();
  #lastJob = 0;

  constructor(installer: TraceInstaller, options: TraceCompilerOptions) {
    this.#installer = installer;
    this.#options = options;
  }

  /** Compiles a root or side trace as a function of its own. */
  compileTrace(trace: RecordedTrace): CompileOutcome {
    return this.#compile([{ root: trace, sides: [] }], []);
  }

  /**
   * Compiles a root with side traces as one function and puts it in the place of the root's. Sides hang on each other through `parent`.
   * The exits get new descriptors: links to side traces that are not part of the tree must be made again.
   */
  compileTree(installed: InstalledTrace, root: RecordedTrace, sides: readonly RecordedTrace[]): CompileOutcome {
    return this.compileTrees([{ installed, root, sides }]);
  }

  /**
   * The same for several trees whose traces link to each other's roots within one frame (`findLinkedTrees`). The roots then share
   * the exits and the life of one function: what one of them pins, the code of all needs.
   */
  compileTrees(trees: readonly InstalledTree[]): CompileOutcome {
    return this.#compile(trees, trees.map(({ installed }) => installed));
  }

  /** Compiles a function with the loops it leads into, in place of its code so far. The loops keep the code of their own. */
  compileFunction(tree: InstalledTree, loops: readonly TraceTree[]): CompileOutcome {
    return this.#compile([tree, ...loops], [tree.installed]);
  }

  /** Installs what the background has finished; does not wait. */
  poll(): readonly FinishedJob[] {
    const { background } = this.#options;
    if (!background || this.#pending.size === 0) return [];
    const finished: FinishedJob[] = [];
    for (const { job, binary, message } of background.poll()) {
      const pending = this.#pending.get(job);
      // Cancelled meanwhile.
      if (!pending) continue;
      this.#pending.delete(job);
      finished.push({ job, outcome: binary ? this.#install(pending, binary) : { status: 'failed', reason: 'compile-error', detail: message } });
    }
    return finished;
  }

  /** Forgets a job under way, or all of them. */
  cancel(job?: number): void {
    if (job === undefined) this.#pending.clear();
    else this.#pending.delete(job);
  }

  #compile(trees: readonly TraceTree[], replaces: readonly InstalledTrace[]): CompileOutcome {
    const { backend, background, dump } = this.#options;
    try {
      const lowered = lowerTrees(trees, backend.takesEncoded !== true || dump !== undefined || background !== undefined);
      const pending: PendingJob = { number: trees[0]!.root.number, lowered, replaces };
      const text = dump && backend.text(lowered.code);
      if (text !== undefined) dump?.(text);
      if (background?.isReady()) {
        const job = ++this.#lastJob;
        this.#pending.set(job, pending);
        background.submit(job, lowered.code);
        return { status: 'pending', job };
      }
      const binary = backend.compile(lowered.code);
      if (!binary) return { status: 'failed', reason: 'backend-declined', detail: '' };
      return this.#install(pending, binary);
    } catch (error) {
      if (!(error instanceof LoweringError || error instanceof BackendError)) throw error;
      return { status: 'failed', reason: 'compile-error', detail: error.message };
    }
  }

  #install({ number, lowered, replaces }: PendingJob, binary: Uint8Array<ArrayBuffer>): FinishedJob['outcome'] {
    const [first] = replaces;
    const installed = first ? (this.#installer.replace(replaces, lowered, binary) ?? first) : this.#installer.install(number, lowered, binary);
    if (typeof installed === 'string') return { status: 'failed', reason: 'wasm-refused', detail: installed };
    this.#options.onInstall?.(number, binary);
    return { status: 'installed', installed };
  }
}

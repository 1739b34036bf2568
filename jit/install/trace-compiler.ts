/**
 * From a finished trace to code the core enters: lowering, a backend, installation. The trace manager decides what is compiled
 * and when; this decides where: in the background if there is a backend that is ready, else at once.
 *
 * Lowering always happens here and now, since it reads the trace; only the function code travels.
 */
import type { AbortReason } from '../abort-reasons.ts';
import { type AsyncBackend, type Backend, BackendError } from '../backend/backend.ts';
import type { Trace } from '../ir/trace.ts';
import { type LoweredFunction, lowerTree } from '../lower/function-lowering.ts';
import { LoweringError } from '../lower/lowering-error.ts';
import type { InstalledTrace, InstallResult, TraceInstaller } from './trace-installer.ts';

export type CompileOutcome =
  | { readonly status: 'installed'; readonly installed: InstalledTrace }
  /** Under way; `poll` reports the job when it is done. */
  | { readonly status: 'pending'; readonly job: number }
  | { readonly status: 'failed'; readonly reason: AbortReason; readonly detail: string };

/** A job that was pending and is not any more. */
export interface FinishedJob {
  readonly job: number;
  readonly outcome: Exclude<CompileOutcome, { status: 'pending' }>;
}

interface PendingJob {
  readonly number: number;
  readonly lowered: LoweredFunction;
  /** The function to be replaced, if it is not a new one. */
  readonly replaces: InstalledTrace | undefined;
}

export interface TraceCompilerOptions {
  /** Compiles at once; must be ready. */
  readonly backend: Backend;
  /** Compiles beside the program once it is ready. */
  readonly background?: AsyncBackend;
  /** Gets the Wasm text of each function, for `-j dump`. */
  readonly dump?: (text: string) => void;
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
  compileTrace(trace: Trace): CompileOutcome {
    return this.#compile(trace, [], undefined);
  }

  /**
   * Compiles a root with side traces as one function and puts it in the place of the root's. Sides hang on each other through `parent`.
   * The exits get new descriptors: links to side traces that are not part of the tree must be made again.
   */
  compileTree(installed: InstalledTrace, root: Trace, sides: readonly Trace[]): CompileOutcome {
    return this.#compile(root, sides, installed);
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

  #compile(root: Trace, sides: readonly Trace[], replaces: InstalledTrace | undefined): CompileOutcome {
    const { backend, background, dump } = this.#options;
    try {
      const lowered = lowerTree(root, sides);
      const pending: PendingJob = { number: root.number, lowered, replaces };
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
    const result: InstallResult = replaces
      ? this.#installer.replace(replaces, lowered, binary)
      : this.#installer.install(number, lowered, binary);
    if (result.ok) return { status: 'installed', installed: result.installed };
    return { status: 'failed', reason: 'wasm-refused', detail: result.message };
  }
}

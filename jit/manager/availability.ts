/** Whether there is something to compile with: loads the backend, and tells listeners once what became of it and of the one in the background. */
import type { AsyncBackend, Backend } from '../backend/backend.ts';
import type { JitEvent } from '../events.ts';

const EMPTY_MODULE = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

export class Availability {
  readonly #backend: Backend;
  readonly #background: AsyncBackend | undefined;
  readonly #emit: (event: JitEvent) => void;
  #loading: Promise<void> | undefined;
  #hasToldBackground = false;

  constructor(backend: Backend, background: AsyncBackend | undefined, emit: (event: JitEvent) => void) {
    this.#backend = backend;
    this.#background = background;
    this.#emit = emit;
  }

  /**
   * Loads the backend; until it is there, and for ever if it does not come, the program is interpreted.
   * @returns false if nothing can be compiled at all: a content security policy forbids it, or the host does
   */
  start(): boolean {
    try {
      new WebAssembly.Module(EMPTY_MODULE);
    } catch (error) {
      this.#emit({ kind: 'unavailable', backend: this.#backend.name, message: error instanceof Error ? error.message : String(error) });
      return false;
    }
    if (!this.#backend.isReady()) this.#loading = this.#load();
    return true;
  }

  async #load(): Promise<void> {
    const { name } = this.#backend;
    try {
      await this.#backend.load();
      this.#emit({ kind: 'available', backend: name });
    } catch (error) {
      this.#emit({ kind: 'unavailable', backend: name, message: error instanceof Error ? error.message : String(error) });
    }
  }

  tellBackground(): void {
    const background = this.#background;
    if (background === undefined || this.#hasToldBackground) return;
    const message = background.failure();
    if (message !== undefined) this.#emit({ kind: 'unavailable', backend: background.name, message });
    else if (background.isReady()) this.#emit({ kind: 'available', backend: background.name });
    else return;
    this.#hasToldBackground = true;
  }

  async settle(): Promise<void> {
    await this.#loading;
    await this.#background?.settle();
  }

  close(): void {
    this.tellBackground();
    if (this.#background !== undefined && !this.#hasToldBackground) this.#emit({ kind: 'unavailable', backend: this.#background.name, message: 'it was not ready before the end' });
    this.#background?.dispose();
    this.#backend.dispose();
  }
}

/** What is to be done when signals fire. Any number of tasks may have the same one, but it gets one listener: Node warns of more than ten. */

interface Entry {
  readonly actions: Set<() => void>;
  readonly listener: () => void;
}

export class Signals {
  readonly #entries = new Map<AbortSignal, Entry>();

  /** @returns what takes the action back */
  add(signal: AbortSignal | undefined, action: () => void): () => void {
    if (signal === undefined) return () => {};
    const { actions } = this.#entries.get(signal) ?? this.#listen(signal);
    actions.add(action);
    return () => {
      if (!actions.delete(action) || actions.size > 0) return;
      signal.removeEventListener('abort', (this.#entries.get(signal) as Entry).listener);
      this.#entries.delete(signal);
    };
  }

  #listen(signal: AbortSignal): Entry {
    const actions = new Set<() => void>();
    const listener = (): void => {
      for (const action of [...actions]) action();
    };
    const entry = { actions, listener };
    this.#entries.set(signal, entry);
    signal.addEventListener('abort', listener);
    return entry;
  }
}

/** The backend of builds that only interpret: always ready, declines everything. */
import type { Backend } from './backend.ts';

export const NULL_BACKEND = 'null';

export function createNullBackend(): Backend {
  return {
    name: NULL_BACKEND,
    load: () => Promise.resolve(),
    isReady: () => true,
    compile: () => undefined,
    text: () => undefined,
    dispose() {},
  };
}

/** The backend of builds that only interpret: always ready, declines everything. */
import type { Backend } from './backend.ts';

export function createNullBackend(): Backend {
  return {
    name: 'null',
    load: () => Promise.resolve(),
    isReady: () => true,
    compile: () => undefined,
    text: () => undefined,
    dispose() {},
  };
}

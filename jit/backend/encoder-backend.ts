/** The backend that is always there: the JIT's core has encoded the module along with lowering (jit/core/wasm/encoder.ts). */
import { type Backend, BackendError } from './backend.ts';

export function createEncoderBackend(): Backend {
  return {
    name: 'encoder',
    takesEncoded: true,
    load: () => Promise.resolve(),
    isReady: () => true,
    compile({ binary }) {
      if (binary === undefined) throw new BackendError('code that is not encoded');
      return binary;
    },
    text: () => undefined,
    dispose() {},
  };
}

/** The backend that is always there: the encoder, on the program's thread. */
import { encodeModule } from '../wasm/encoder.ts';
import type { Backend } from './backend.ts';

export function createEncoderBackend(): Backend {
  return {
    name: 'encoder',
    load: () => Promise.resolve(),
    isReady: () => true,
    compile: encodeModule,
    text: () => undefined,
    dispose() {},
  };
}

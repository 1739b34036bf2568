/** The binary of the JIT's core as the command gets it, see core-binary.ts. The build puts this in the place of jit/jit-binary.ts. */
import { readFileSync } from 'node:fs';

export const jitBinary = (): Uint8Array<ArrayBuffer> => readFileSync(new URL('jit.wasm', import.meta.url));

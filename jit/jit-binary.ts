/** The binary of the JIT's core. It is part of the module, which so works wherever a bundler takes it; the command has another way (src/cli/jit-binary.ts). */
import { decodeBase64 } from '../src/engine/base64.ts';
import { JIT_WASM_BASE64 } from './generated/jit-wasm.ts';

export const jitBinary = (): Uint8Array<ArrayBuffer> => decodeBase64(JIT_WASM_BASE64);

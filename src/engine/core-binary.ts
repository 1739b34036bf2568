/** The core's binary. It is part of the module, which so works wherever a bundler takes it; the command has another way (src/cli/core-binary.ts). */
import { decodeBase64 } from './base64.ts';
import { CORE_WASM_BASE64 } from './generated/core-wasm.ts';

export const coreBinary = (): Uint8Array<ArrayBuffer> => decodeBase64(CORE_WASM_BASE64);

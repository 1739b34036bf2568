/** The core's binary as the command gets it: from the file beside its script. The build puts this in the place of src/engine/core-binary.ts. */
import { readFileSync } from 'node:fs';

/** To read and decode it as text, in a script three times as long, takes as much as to compile it. */
export const coreBinary = (): Uint8Array<ArrayBuffer> => readFileSync(new URL('core.wasm', import.meta.url));

/** The image of a fresh VM (src/api/image/boot.ts) as the command gets it: from the file beside its script. The build puts this in the place of src/engine/image/boot-binary.ts. */
import { readFileSync } from 'node:fs';

export const bootBinary = (): Uint8Array<ArrayBuffer> => readFileSync(new URL('boot.mtimg', import.meta.url));

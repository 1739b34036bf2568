// Images with changed bytes and a right checksum. Options: see images/damage.ts.

import { runBundled } from './bundle.mjs';

await runBundled('test/fuzz/images/damage.ts', 'build/fuzz-damaged-images.mjs', process.argv.includes('--child'));

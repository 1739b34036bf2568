// Random programs that go on as images in another process. Options: see images/main.ts.

import { runBundled } from './bundle.mjs';

await runBundled('test/fuzz/images/main.ts', 'build/fuzz-images.mjs', process.argv.includes('--child'));

// Threads on one VM: random operations, compared with one after the other. Options: shared/main.ts.

import { runBundled } from './bundle.mjs';

await runBundled('test/fuzz/shared/main.ts', 'build/fuzz-shared.mjs');

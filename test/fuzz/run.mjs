// npm run fuzz: the random program generator. Options: see main.ts.

import { runBundled } from './bundle.mjs';

await runBundled('test/fuzz/main.ts', 'build/fuzz.mjs');

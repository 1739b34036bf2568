// The byte-level fuzzer. Options: see bytes/main.ts.

import { execFileSync } from 'node:child_process';
import { runBundled } from './bundle.mjs';

const isChild = process.send !== undefined;
// The checked core has to fit the tables that are bundled here.
if (!isChild) execFileSync(process.execPath, ['scripts/build-core.mjs', '--debug-only'], { stdio: 'inherit' });
await runBundled('test/fuzz/bytes/main.ts', 'build/fuzz-bytes.mjs', isChild);

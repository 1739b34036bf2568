// Random programs that go on in other VMs with their compiled code, in this process. Options: see images/transfer.ts.

import { runBundled } from './bundle.mjs';

await runBundled('test/fuzz/images/transfer.ts', 'build/fuzz-transfer.mjs');

// The byte-level fuzzer: bundles bytes/main.ts (Node 20 runs no TypeScript) and runs it. Options: see there.

import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const outfile = 'build/fuzz-bytes.mjs';
mkdirSync('build', { recursive: true });
if (process.send === undefined) {
  // The checked core has to fit the tables that are bundled here.
  execFileSync(process.execPath, ['scripts/build-core.mjs', '--debug-only'], { stdio: 'inherit' });
  await build({
    entryPoints: ['test/fuzz/bytes/main.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['binaryen'],
    outfile,
    logLevel: 'warning',
  });
}
await import(pathToFileURL(outfile).href);

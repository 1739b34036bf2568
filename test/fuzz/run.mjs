// npm run fuzz: bundles main.ts (Node 20 runs no TypeScript) and runs it. Options: see main.ts.

import { mkdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const outfile = 'build/fuzz.mjs';
mkdirSync('build', { recursive: true });
await build({
  entryPoints: ['test/fuzz/main.ts'],
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  external: ['binaryen'],
  outfile,
  logLevel: 'warning',
});
await import(pathToFileURL(outfile).href);

// Node 20 runs no TypeScript: bundles a fuzzer's entry point and runs the bundle.

import { mkdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** Runs the bundle made of `entryPoint`. @param outfile where it is put @param isMade it is there already: a child of a process that has made it */
export async function runBundled(entryPoint, outfile, isMade = false) {
  if (!isMade) {
    mkdirSync('build', { recursive: true });
    await build({
      entryPoints: [entryPoint],
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      external: ['binaryen', 'esbuild'],
      outfile,
      logLevel: 'warning',
    });
  }
  await import(pathToFileURL(outfile).href);
}

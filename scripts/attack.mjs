/** npm run attack: programs that want out, want everything, or want to go on for ever. Options: test/attack/main.ts. */
import { build } from 'esbuild';

const bundle = (entry, outfile) =>
  build({ entryPoints: [entry], bundle: true, platform: 'node', format: 'esm', target: 'node20', external: ['moontrace', 'moontrace/*', 'binaryen'], outfile, logLevel: 'warning' });

await bundle('test/attack/child.ts', 'build/attack-child.mjs');
await bundle('test/attack/main.ts', 'build/attack.mjs');
await import('../build/attack.mjs');

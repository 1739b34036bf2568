/**
 * A command line whose collector works at every allocation, on the debug build of the core, which checks the heap all the while. For finding
 * missing barriers and roots; slower by a factor of ten ($MOONTRACE_STRESS=pieces) to some thousands ($MOONTRACE_STRESS=cycles). `npm run official` uses it, and it can be run by hand.
 * Usage: node scripts/stress-cli.mjs   (after node scripts/build.mjs --test); the program is build/stress/cli.js
 */
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const CORE = join(root, 'build/core.debug.wasm');
const TARGET = join(root, 'build/stress/cli.js');

/** Kinds of stress (src/core/memory/heap.ts), by the values of $MOONTRACE_STRESS: after each allocation a piece of a cycle, or a whole one. */
const KINDS = { pieces: 2, cycles: 1 };

const CREATE = /this\.#machine = callHost\('host-failure', 'createVm', .*\);\n/;

/** Puts the debug core in place of the release one, and switches the stress on in every new VM. */
const stressed = {
  name: 'stress',
  setup({ onLoad }) {
    onLoad({ filter: /generated[\\/]core-wasm\.ts$/ }, () => ({
      contents: `export const CORE_WASM_BASE64 = '${readFileSync(CORE).toString('base64')}';`,
      loader: 'ts',
    }));
    onLoad({ filter: /src[\\/]api[\\/]vm\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      if (!CREATE.test(source)) throw new Error(`${path}: where are VMs created?`);
      const contents = source.replace(CREATE, (line) => `${line}this.#machine.core.setCollectorStress(${JSON.stringify(KINDS)}[process.env.MOONTRACE_STRESS ?? 'pieces']);\n`);
      return { contents, loader: 'ts' };
    });
  },
};

/** The command without its JIT. */
const START = `
  import { main } from './src/cli/main.ts';
  const loadScript = () => { throw new Error('a stressed command only interprets'); };
  process.exit(await main(process.argv[1] as string, process.argv.slice(2), loadScript));`;

/** @returns path of the program; undefined if there is no debug core */
export async function buildStressCli() {
  if (!existsSync(CORE)) return undefined;
  mkdirSync(dirname(TARGET), { recursive: true });
  await build({
    stdin: { contents: START, resolveDir: root, loader: 'ts' },
    outfile: TARGET,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    banner: { js: '#!/usr/bin/env node' },
    loader: { '.lua': 'text' },
    plugins: [stressed],
    logLevel: 'warning',
  });
  chmodSync(TARGET, 0o755);
  return TARGET;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if ((await buildStressCli()) === undefined) {
    console.error('no build/core.debug.wasm: run node scripts/build.mjs --test first');
    process.exit(1);
  }
}

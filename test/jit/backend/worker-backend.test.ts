/** The worker backend, with the main thread busy as a Lua program keeps it: nothing here yields until the code has arrived. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CompiledModule } from '../../../jit/backend/backend.ts';
import { createWorkerBackend } from '../../../jit/backend/worker-backend.ts';
import { TraceCompiler } from '../../../jit/install/trace-compiler.ts';
import { createEncoderBackend } from '../../../jit/backend/encoder-backend.ts';
import { Machine } from '../lower/harness.ts';
import { compileSample, SAMPLE, sampleCode } from './sample.ts';

let directory: string;
let url: URL;

beforeAll(async () => {
  // Beside node_modules, so that the worker finds binaryen.
  directory = mkdtempSync(join(process.cwd(), 'node_modules', '.worker-test-'));
  const outfile = join(directory, 'worker.js');
  await build({ entryPoints: ['jit/backend/worker.ts'], bundle: true, format: 'esm', platform: 'neutral', target: 'es2022', external: ['binaryen', 'node:*'], outfile });
  url = pathToFileURL(outfile);
});
afterAll(() => rmSync(directory, { recursive: true }));

const DEADLINE_MS = 30_000;

/** Waits as a busy program does. */
function spinUntil(done: () => boolean): void {
  const end = performance.now() + DEADLINE_MS;
  while (!done()) if (performance.now() > end) throw new Error('the worker did not answer');
}

describe.each([['binaryen', 'unknown instruction -1'], ['encoder', 'code that is not encoded']] as const)('%s in a worker', (name, refusal) => {
  test('loads and compiles while this thread never yields', () => {
    const backend = createWorkerBackend({ backend: name, url });
    try {
      expect(backend.poll()).toEqual([]);
      spinUntil(() => backend.isReady());
      backend.submit(7, sampleCode());
      backend.submit(8, { entries: 1, parameters: 1, imports: [], globals: [], locals: [], body: Int32Array.of(-1) });
      const results: CompiledModule[] = [];
      spinUntil(() => results.push(...backend.poll()) === 2);
      expect(results.map(({ job }) => job)).toEqual([7, 8]);
      expect(compileSample(results[0]!.binary!)).toBe(42);
      expect(results[1]).toMatchObject({ binary: undefined, message: refusal });
    } finally {
      backend.dispose();
    }
  });

  test('jobs submitted while it loads are done in their order', async () => {
    const backend = createWorkerBackend({ backend: name, url });
    try {
      for (let job = 1; job <= 5; job++) backend.submit(job, sampleCode());
      await backend.settle();
      expect(backend.isReady()).toBe(true);
      expect(backend.poll().map(({ job }) => job)).toEqual([1, 2, 3, 4, 5]);
    } finally {
      backend.dispose();
    }
  });
});

describe('a worker backend that is not there', () => {
  test('says why it cannot be loaded, and gives the jobs back', async () => {
    // Away from node_modules there is no binaryen.
    const away = mkdtempSync(join(tmpdir(), 'moontrace-worker-'));
    copyFileSync(url, join(away, 'worker.mjs'));
    const backend = createWorkerBackend({ backend: 'binaryen', url: pathToFileURL(join(away, 'worker.mjs')) });
    try {
      backend.submit(1, sampleCode());
      spinUntil(() => backend.failure() !== undefined);
      expect(backend.failure()).toMatch(/Cannot find package 'binaryen'/);
      expect(backend.isReady()).toBe(false);
      expect(backend.poll()).toMatchObject([{ job: 1, binary: undefined }]);
      await backend.settle();
    } finally {
      backend.dispose();
      rmSync(away, { recursive: true });
    }
  });

  test('says that there is no worker', async () => {
    const backend = createWorkerBackend({ backend: 'encoder', url: new URL('nowhere.js', url) });
    backend.submit(1, sampleCode());
    await backend.settle();
    expect(backend.failure()).toMatch(/nowhere/);
    expect(backend.poll()).toMatchObject([{ job: 1, binary: undefined }]);
    backend.dispose();
  });
});

test('the trace compiler compiles at once until the worker is ready, then in the background', () => {
  const background = createWorkerBackend({ backend: 'binaryen', url });
  try {
    const machine = new Machine();
    const compiler = new TraceCompiler(machine.installer, { backend: createEncoderBackend(), background });
    expect(compiler.compileTrace(SAMPLE).status).toBe('installed');
    spinUntil(() => background.isReady());
    const outcome = compiler.compileTrace(SAMPLE);
    expect(outcome).toEqual({ status: 'pending', job: 1 });
    const finished: unknown[] = [];
    spinUntil(() => finished.push(...compiler.poll()) > 0);
    expect(finished).toMatchObject([{ job: 1, outcome: { status: 'installed' } }]);
    compiler.compileTrace(SAMPLE);
    compiler.cancel();
    expect(compiler.poll()).toEqual([]);
  } finally {
    background.dispose();
  }
});

/**
 * Builds what the tests run: the core, the precompiled libraries and the bundles in dist. Each step skips itself when nothing changed. Then watches that
 * tests end: a loop for ever in one would keep its thread, and with it the whole run, without a word.
 */
import { execFileSync } from 'node:child_process';
import { CHANNEL, type Progress } from './support/progress.ts';

/** Far more than any test takes on a slow machine. */
const MAX_MINUTES = 15;
const LOOK_EVERY = 5000;

export function setup(): () => void {
  execFileSync(process.execPath, ['scripts/build.mjs', '--test'], { stdio: ['ignore', 'inherit', 'inherit'] });
  return watch();
}

/** @returns what ends it */
function watch(): () => void {
  const running = new Map<string, { readonly test: string; readonly since: number }>();
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = (event) => {
    const { file, test } = (event as MessageEvent<Progress>).data;
    if (test === undefined) running.delete(file);
    else running.set(file, { test, since: Date.now() });
  };
  const timer = setInterval(() => {
    for (const [file, { test, since }] of running) {
      if (Date.now() - since < MAX_MINUTES * 60_000) continue;
      console.error(`\n${file} > ${test}: not over after ${MAX_MINUTES} minutes`);
      process.exit(1);
    }
  }, LOOK_EVERY);
  return () => {
    clearInterval(timer);
    channel.close();
  };
}

/** Builds what the tests run: the core, the precompiled libraries and the bundles in dist. Each step skips itself when nothing changed. */
import { execFileSync } from 'node:child_process';

export function setup(): void {
  execFileSync(process.execPath, ['scripts/build.mjs', '--test'], { stdio: ['ignore', 'inherit', 'inherit'] });
}

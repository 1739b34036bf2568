/** Scripts for worker threads, bundled from sources of the engine: a worker of a test runs no TypeScript. */
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';

const bundles = new Map<string, URL>();

/** A module and all that it imports, as a file in build/threads. @param path from the root of the repository */
export function bundled(path: string): URL {
  let url = bundles.get(path);
  if (url === undefined) {
    const file = join(process.cwd(), 'build/threads', `${path.replaceAll('/', '-').replace(/\.ts$/, '')}.mjs`);
    mkdirSync('build/threads', { recursive: true });
    buildSync({ entryPoints: [path], bundle: true, platform: 'node', format: 'esm', target: 'node20', external: ['binaryen'], outfile: `${file}.${process.pid}.${threadId}`, logLevel: 'error' });
    renameSync(`${file}.${process.pid}.${threadId}`, file);
    url = pathToFileURL(file);
    bundles.set(path, url);
  }
  return url;
}

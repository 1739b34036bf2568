/** Scripts for worker threads, bundled from sources of the engine: a worker of a test runs no TypeScript. */
import { buildSync } from 'esbuild';

const bundles = new Map<string, string>();

/** The code of a module and all that it imports. @param path from the root of the repository */
export function bundled(path: string): string {
  let code = bundles.get(path);
  if (code === undefined) {
    const { outputFiles } = buildSync({ entryPoints: [path], bundle: true, platform: 'node', format: 'cjs', target: 'node20', write: false, logLevel: 'error' });
    code = outputFiles[0]?.text ?? '';
    bundles.set(path, code);
  }
  return code;
}

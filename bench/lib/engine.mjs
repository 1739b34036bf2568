/** The engine from its sources, with what the package does not show: for measurements inside of it. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** @returns createVm, and what src/api/engine-port.ts has */
export async function loadEngine() {
  const contents = "export { createVm } from './src/api/index-node.ts'; export * from './src/api/engine-port.ts';";
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, loader: 'ts' }, bundle: true, format: 'esm', platform: 'node', write: false, logLevel: 'error',
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

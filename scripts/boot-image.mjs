/** Makes the image of a fresh VM with all libraries (src/api/image/boot.ts), by the sources as they are: dist/boot.mtimg, which the command reads. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** What comes next is always the same, so that an image changes only when what it is made of does; each VM draws afresh. */
const ENTRY = `
  import { createVm, createDefaultEnvironment } from './src/api/index.ts';
  import { machineOf } from './src/api/engine-port.ts';
  import { encodeBootImage } from './src/api/image/boot.ts';
  import { installedBy } from './src/api/options.ts';
  let state = 1;
  const entropy = () => (state = Math.imul(state, 0x9e3779b1) + 1 | 0);
  export const image = encodeBootImage(machineOf(createVm({ environment: { ...createDefaultEnvironment(), entropy } })), installedBy({}));
`;

/** There is no image to begin with. */
const WITHOUT_IMAGE = {
  name: 'without image',
  setup: ({ onLoad }) => onLoad({ filter: /src[\\/]engine[\\/]image[\\/]boot-binary\.ts$/ }, () => ({ contents: 'export const bootBinary = () => undefined;', loader: 'ts' })),
};

export async function makeBootImage() {
  const { outputFiles } = await build({
    stdin: { contents: ENTRY, resolveDir: root, loader: 'ts' }, bundle: true, format: 'esm', platform: 'neutral', target: 'es2022', external: ['node:*'], loader: { '.lua': 'text', '.css': 'text' }, write: false, logLevel: 'warning', plugins: [WITHOUT_IMAGE],
  });
  const { image } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
  return image;
}

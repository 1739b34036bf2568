/** Bundles of the program, each made by a bundler as it comes, and what has to be true of all: no warnings, and nothing of Binaryen. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execute } from './prepare.mjs';

const bin = (folder, name) => join(folder, 'node_modules/.bin', name);

/** Makes the bundle of `main.mjs` in `folder/bundles/<name>`. @returns the script's name in there, and what the bundler said */
const MAKERS = {
  async esbuild(folder, out) {
    return ['main.js', await execute(bin(folder, 'esbuild'), ['main.mjs', '--bundle', '--format=esm', `--outfile=${out}/main.js`, '--log-level=warning', '--color=false'], { cwd: folder })];
  },
  async webpack(folder, out) {
    const said = await execute(bin(folder, 'webpack'), ['./main.mjs', '--mode=production', '-o', out, '--no-color', '--stats=errors-warnings', '--no-performance'], { cwd: folder });
    return ['main.js', said.replace('webpack compiled successfully', '')];
  },
  async rollup(folder, out) {
    return ['main.js', await execute(bin(folder, 'rollup'), ['main.mjs', '-p', 'node-resolve', '-d', out, '--silent', '--failAfterWarnings'], { cwd: folder })];
  },
  async vite(folder, out) {
    writeFileSync(join(folder, 'index.html'), '<script type="module" src="./main.mjs"></script>');
    const said = await execute(bin(folder, 'vite'), ['build', '--outDir', out, '--logLevel=warn'], { cwd: folder });
    return [join('assets', readdirSync(join(out, 'assets')).find((name) => /^index.*\.js$/.test(name))), said.replace(/\(!\) Some chunks are larger than 500 kB[\s\S]*?limit.*\n?/, '')];
  },
};

export const BUNDLERS = Object.keys(MAKERS);

/** @returns the path of the script in the folder */
export async function bundle(name, folder) {
  const out = join(folder, 'bundles', name);
  mkdirSync(out, { recursive: true });
  const [script, said] = await MAKERS[name](folder, out);
  if (said.trim() !== '') throw new Error(`${name} said: ${said}`);
  for (const { name: file, parentPath } of readdirSync(out, { recursive: true, withFileTypes: true })) {
    if (file.endsWith('.js') && readFileSync(join(parentPath, file), 'utf8').includes('BinaryenModule')) throw new Error(`${name}: Binaryen is in ${file}`);
  }
  return `bundles/${name}/${script}`;
}

/** Makes the folder that hosts run in: the package as it is published, and the programs that use it. */
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MARK } from './tell.mjs';

const here = dirname(fileURLToPath(import.meta.url));
export const root = join(here, '../..');

const IMPORTS = `import * as moontrace from 'moontrace';
import * as jit from 'moontrace/jit';
import * as contracts from 'moontrace/contracts';
import { check } from './program.mjs';
import { tell } from './tell.mjs';
`;

/** Programs, by file. */
const PROGRAMS = {
  'main.mjs': `${IMPORTS}tell(check({ moontrace, jit, contracts }));\n`,
  'main.cjs': `const entries = { moontrace: require('moontrace'), jit: require('moontrace/jit'), contracts: require('moontrace/contracts') };
const loaded = Promise.all([import('./program.mjs'), import('./tell.mjs'), import('moontrace')]);
loaded.then(async ([{ check }, { tell }, { MoontraceError }]) => {
  const misuse = new entries.moontrace.MoontraceError('bad-value', 'test');
  if (!(misuse instanceof MoontraceError)) throw new Error('two kinds of MoontraceError');
  if (process.features.require_module && entries.moontrace.MoontraceError !== MoontraceError) throw new Error('two copies of the package');
  await tell(check(entries));
});\n`,
  'thread.mjs': `import { Worker } from 'node:worker_threads';\nnew Worker(new URL('./main.mjs', import.meta.url));\n`,
  'storage.mjs': `import { createVm, directoryStore, indexedDbStore, openStoredEnvironment } from 'moontrace';
import { tell } from './tell.mjs';
async function outlast(open) {
  const run = async (code) => {
    const environment = await openStoredEnvironment(await open());
    const results = createVm({ environment }).doString(code);
    await environment.flush();
    return results;
  };
  await run("for _, name in ipairs{'notes/kept.txt', 'gone.txt'} do local file = assert(io.open(name, 'w')) file:write('kept') file:close() end");
  await run("assert(os.remove('gone.txt'))");
  return String(await run("return io.open('notes/kept.txt'):read('a'), (io.open('gone.txt'))"));
}
const all = Promise.all([outlast(() => indexedDbStore()), outlast(async () => directoryStore(await navigator.storage.getDirectory()))]);
tell(all.then(String));\n`,
  'worker.mjs': `${IMPORTS}import core from 'moontrace/core.wasm';
export default { fetch: async () => { try { return Response.json(await check({ moontrace, jit, contracts }, core)); } catch (error) { return Response.json({ failed: error.stack }); } } };\n`,
};

/** The package as it is published. @returns the path of the archive */
export function pack(folder) {
  mkdirSync(folder, { recursive: true });
  const [{ filename }] = JSON.parse(execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  return join(folder, filename);
}

/** Puts the package and the programs into a folder. */
export function prepare(folder) {
  const installed = join(folder, 'node_modules/moontrace');
  rmSync(installed, { recursive: true, force: true });
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['xzf', pack(folder), '-C', installed, '--strip-components=1']);
  if (!existsSync(join(folder, 'package.json'))) writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  for (const file of ['program.mjs', 'tell.mjs']) copyFileSync(join(here, file), join(folder, file));
  for (const [file, text] of Object.entries(PROGRAMS)) writeFileSync(join(folder, file), text);
}

/** Runs a program to its end. @returns its standard output; fails with all it wrote, if it failed */
export function execute(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 300_000, ...options });
    let output = '';
    let errors = '';
    child.stdout.on('data', (text) => (output += text));
    child.stderr.on('data', (text) => (errors += text));
    child.on('error', reject);
    child.on('close', (status) => (status === 0 ? resolve(output) : reject(new Error(`${command} ${args.join(' ')}: ${status}\n${output}${errors}`))));
  });
}

/** Runs a program that tells (tell.mjs) on standard output. */
export async function outcomeOf(command, args, options) {
  const output = await execute(command, args, options);
  const line = output.split('\n').find((each) => each.startsWith(MARK));
  return line === undefined ? { failed: output } : JSON.parse(line.slice(MARK.length));
}

/** The version of a package that is installed in a folder. */
export const versionOf = (folder, name) => JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version;

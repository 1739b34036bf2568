/**
 * THE table of hosts, which the README shows (`tableOf`), and how each runs the program. A host's kind is what has to be seen there: loops compiled (`JIT`), all
 * but that (`interpreter`), the typed error (`refused`), or files that outlast the page (`storage`).
 */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { browse, BROWSERS } from './browse.mjs';
import { bundle, BUNDLERS } from './bundlers.mjs';
import { pagesOf } from './pages.mjs';
import { execute, outcomeOf } from './prepare.mjs';
import { EXPECTED, REFUSED } from './program.mjs';

/** Node's versions: the last of each line that the registry has, and the oldest one. */
export const NODE_VERSIONS = ['20', '21', '22', '23', '24', '25', '26'];
const OLDEST_NODE = '20.0.0';

const platform = `${process.platform}-${process.arch}`;

/** What is installed beside the package, by the name that it gets. */
export const TOOLS = {
  ...Object.fromEntries([OLDEST_NODE, ...NODE_VERSIONS].map((version) => [`node-${version}`, `npm:node-${platform}@${version}`])),
  deno: '^2', [`@oven/bun-${platform}`]: '^1', workerd: '^1', esbuild: '^0.28', vite: '^8', webpack: '^5', 'webpack-cli': '^7', rollup: '^4', '@rollup/plugin-node-resolve': '^16',
  publint: '^0.3', '@arethetypeswrong/cli': '^0.18',
};

const programs = (command, ...args) => async (folder) => ({
  import: await outcomeOf(command(folder), [...args, 'main.mjs'], { cwd: folder }),
  require: await outcomeOf(command(folder), [...args, 'main.cjs'], { cwd: folder }),
  thread: await outcomeOf(command(folder), [...args, 'thread.mjs'], { cwd: folder }),
});

const installed = (...path) => (folder) => join(folder, 'node_modules', ...path);

/** A port that nobody uses. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

/** A server, in a group of its own: what is in .bin may start another process. @returns the child, and what ends it */
function start(command, args, cwd) {
  const child = spawn(command, args, { cwd, stdio: 'ignore', detached: true });
  return { child, stop: () => child.exitCode ?? process.kill(-child.pid) };
}

/** Asks a server that has just been started. @param serve [command, ...args] */
async function ask(url, [command, ...args], cwd) {
  const { child, stop } = start(command, args, cwd);
  try {
    for (let tries = 0; ; tries++) {
      try {
        return await (await fetch(url)).json();
      } catch (error) {
        if (tries === 100 || child.exitCode !== null) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  } finally {
    stop();
  }
}

/** As on Cloudflare: nothing may be compiled, the core is a module of the deployment. */
async function workerd(folder) {
  const out = join(folder, 'bundles/workerd');
  mkdirSync(out, { recursive: true });
  await execute(join(folder, 'node_modules/.bin/esbuild'), ['worker.mjs', '--bundle', '--format=esm', '--external:moontrace/core.wasm', `--outfile=${out}/worker.js`, '--log-level=warning'], { cwd: folder });
  copyFileSync(join(folder, 'node_modules/moontrace/dist/core.wasm'), join(out, 'core.wasm'));
  const port = await freePort();
  writeFileSync(join(out, 'config.capnp'), `using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (services = [(name = "main", worker = .main)], sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]);
    const main :Workerd.Worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js"), (name = "moontrace/core.wasm", wasm = embed "core.wasm")], compatibilityDate = "2026-01-01");`);
  return { fetch: await ask(`http://127.0.0.1:${port}/`, [join(folder, 'node_modules/.bin/workerd'), 'serve', join(out, 'config.capnp')], folder) };
}

/** Pages of each browser, among them bundles of all bundlers. */
const shown = new Map();
function pages(browser, folder) {
  if (!shown.has(browser)) shown.set(browser, showAll(browser, folder));
  return shown.get(browser);
}
async function showAll(browser, folder) {
  const scripts = {};
  for (const name of BUNDLERS) scripts[name] = await bundle(name, folder);
  const bundled = Object.entries(scripts).map(([name, path]) => [name, { html: `<!doctype html><script type="module" src="/${path}"></script>` }]);
  return browse(browser, folder, { ...pagesOf(scripts.esbuild), ...Object.fromEntries(bundled) });
}
/** What these pages told in all browsers. */
const inBrowsers = (...names) => async (folder) => {
  const told = {};
  for (const browser of BROWSERS) for (const name of names) told[`${browser}: ${name}`] = (await pages(browser, folder))[name];
  return told;
};

/** Vite's server for development, which makes modules of its own of those of packages. */
async function viteServer(folder) {
  const port = await freePort();
  writeFileSync(join(folder, 'index.html'), '<script type="module" src="./main.mjs"></script>');
  const { stop } = start(join(folder, 'node_modules/.bin/vite'), ['--port', port, '--strictPort', '--host', '127.0.0.1'], folder);
  try {
    for (let tries = 0; tries < 100; tries++) {
      if (await fetch(`http://127.0.0.1:${port}/`).then(({ ok }) => ok, () => false)) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return await browse('chromium', folder, { 'development': { url: `http://127.0.0.1:${port}/` } });
  } finally {
    stop();
  }
}

/** @returns outcomes by what was tried */
export const HOSTS = [
  { name: 'Node 20 to 26: `import`, `require`, `worker_threads`', kind: 'JIT', inSuite: 'the Node that runs them', run: async (folder) => {
    const told = {};
    for (const version of [OLDEST_NODE, ...NODE_VERSIONS]) for (const [way, outcome] of Object.entries(await programs(installed(`node-${version}`, 'bin/node'))(folder))) told[`${version} ${way}`] = outcome;
    return told;
  } },
  { name: 'Deno 2: `import`, `require`', kind: 'JIT', run: async (folder) => {
    const { import: imported, require: required } = await programs(installed('.bin/deno'), 'run', '-A')(folder);
    return { import: imported, require: required };
  } },
  { name: 'Bun 1: `import`, `require`, `worker_threads`', kind: 'JIT', run: programs(installed(`@oven/bun-${platform}`, 'bin/bun')) },
  { name: 'Chromium and Firefox: a page without a bundler, a page, a Web Worker', kind: 'JIT', inSuite: 'Chromium', run: inBrowsers('page', 'bundle', 'worker') },
  { name: "A page with a strict content security policy that has `'wasm-unsafe-eval'`", kind: 'JIT', inSuite: 'Chromium', run: inBrowsers('policy') },
  { name: 'A page with one that has not', kind: 'refused', inSuite: 'Chromium', run: inBrowsers('refused') },
  { name: 'Files in IndexedDB, and in the private folder of an origin', kind: 'storage', inSuite: 'Chromium', run: inBrowsers('storage') },
  { name: 'Vite 8, esbuild, webpack 5 and Rollup 4 (with `node-resolve`), without options; the server of Vite', kind: 'JIT', inSuite: 'esbuild', run: async (folder) => ({ ...(await inBrowsers(...BUNDLERS)(folder)), ...(await viteServer(folder)) }) },
  { name: 'Electron: the main process is a Node, a renderer a page; with and without what a renderer may have of Node (Electron itself is not run)', kind: 'JIT', inSuite: 'Chromium', run: inBrowsers('electron') },
  { name: 'workerd (Cloudflare Workers): the core is handed in, as nothing may be compiled', kind: 'interpreter', run: workerd },
];

const KINDS = {
  JIT: 'compiles', interpreter: 'interprets, a JIT stays silent', refused: '`createVm` throws `no-webassembly`', storage: 'reads and writes them; they outlast the page',
};

/** The README's table. */
export const tableOf = () => ['| host | the engine | tests run |', '| --- | --- | --- |', ...HOSTS.map(({ name, kind, inSuite }) => `| ${name} | ${KINDS[kind]} | ${inSuite ?? ''} |`)].join('\n');

/** What a host of a kind has to tell. */
export const expected = (kind) => ({ refused: REFUSED, storage: 'kept,,kept,' })[kind] ?? { ...EXPECTED, compiled: kind === 'JIT' };

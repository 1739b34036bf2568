// A desktop app's plugins, as an Electron main process would have them: folders in plugins/, each loaded into a VM of its own and reloaded when a file changes.
// Usage: npm run build && node examples/plugin-host/host.mjs [--once]
import { readdirSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { BundleLoader, parseApi, readBundle } from 'moontrace/contracts';
import { createJit } from 'moontrace/jit';

const at = (...path) => join(import.meta.dirname, ...path);

const loader = new BundleLoader({
  api: parseApi(readFileSync(at('api.toml'), 'utf8')),
  host: { 'host.window': { show: (title, text) => console.log(`[${title}] ${text}`) } },
  vm: () => ({ jit: createJit(), timeout: 1000 }),
  onEvent: ({ phase, bundle, error }) => console.log(`${phase}: ${bundle}${error === undefined ? '' : ` - ${error.message}`}`),
});

/** Runs a command of every plugin. */
function runAll(text) {
  for (const { name } of loader.bundles) {
    try {
      const { replacement, changed } = loader.guest('app.Command', { bundle: name }).run({ text, selection: [0, text.length] });
      if (changed) console.log(`${name}: ${replacement}`);
    } catch (error) {
      console.log(`${name}: ${error.message}`);
    }
  }
}

const folders = readdirSync(at('plugins')).map((name) => at('plugins', name));
await loader.loadAll(await Promise.all(folders.map(readBundle)));
runAll('hello world');

if (process.argv.includes('--once')) {
  await loader.close();
} else {
  for (const folder of folders) {
    watch(folder, () => readBundle(folder).then((files) => loader.reload(files)).catch((error) => console.log(error.message)));
  }
  const lines = createInterface({ input: process.stdin, prompt: '> ' });
  lines.prompt();
  for await (const line of lines) {
    runAll(line);
    lines.prompt();
  }
  process.exit();
}

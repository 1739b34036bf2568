// An HTTP service whose pages are Lua scripts of its users: scripts/NAME.lua answers /NAME. Each script has an environment of its own and limits for each
// request; a script that is changed is loaded again. Usage: npm run build && node examples/http-service/server.mjs [port]
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createSandbox, LuaError } from 'moontrace';
import { createJit } from 'moontrace/jit';

const FOLDER = join(import.meta.dirname, 'scripts');
const STATUS_OF_LIMIT = { timeout: 503, memory: 503, output: 503, stack: 503 };

const hits = new Map();
const sandbox = createSandbox({
  timeout: 1000,
  jit: createJit(),
  globals: { hits: (name) => hits.set(name, (hits.get(name) ?? 0) + 1).get(name) },
});

/** The function `handle` of a script, loaded when it was changed. */
const scripts = new Map();
async function handlerOf(name) {
  const path = join(FOLDER, `${name}.lua`);
  const { mtimeMs } = await stat(path);
  if (scripts.get(name)?.mtimeMs !== mtimeMs) {
    const { main, globals } = sandbox.load(await readFile(path), `@${name}.lua`);
    main.call();
    scripts.set(name, { mtimeMs, handle: globals.get('handle') });
  }
  return scripts.get(name).handle;
}

async function answer(url) {
  const [, name] = /^\/(\w+)$/.exec(url.pathname) ?? [];
  if (name === undefined) return [404, 'no such page'];
  try {
    const handle = await handlerOf(name);
    const [body, status = 200] = handle.call(url.searchParams.get('q') ?? '');
    return [status, String(body)];
  } catch (error) {
    if (error.code === 'ENOENT') return [404, 'no such page'];
    if (!(error instanceof LuaError)) throw error;
    console.error(error.message);
    return [STATUS_OF_LIMIT[error.code] ?? 500, error.code];
  }
}

const server = createServer(async (request, response) => {
  const [status, body] = await answer(new URL(request.url, 'http://localhost'));
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(body);
});
server.listen(Number(process.argv[2] ?? 8080), () => console.log(`http://localhost:${server.address().port}/hello?q=you`));
process.on('SIGTERM', () => server.close(() => sandbox.close()));

/** Shows pages in a browser, without any driver: each is a frame of one page, and sends what it has found to the server that it came from. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm', '.json': 'application/json' };

const COMMANDS = {
  chromium: (folder, url) => ['chromium', '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', `--user-data-dir=${folder}`, url],
  'firefox-esr': (folder, url) => ['firefox-esr', '--headless', '--no-remote', '--profile', folder, url],
};

export const BROWSERS = Object.keys(COMMANDS);

/** @param answer gives the page of a path, `{ html, policy }`, or undefined: then it is a file of the folder */
export async function serve(folder, answer = () => undefined, onPost = () => {}) {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    if (request.method === 'POST') {
      let text = '';
      for await (const piece of request) text += piece;
      onPost(path, text);
      response.end();
      return;
    }
    const page = answer(path);
    if (page !== undefined) {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      if (page.policy !== undefined) response.setHeader('content-security-policy', page.policy);
      response.end(page.html);
      return;
    }
    try {
      const file = path.endsWith('/') ? `${path}index.html` : path;
      const content = readFileSync(join(folder, normalize(file)));
      response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
      response.end(content);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.closeAllConnections() ?? server.close() };
}

/**
 * @param browser one of BROWSERS @param folder of the files that pages refer to
 * @param pages by name: `{ html, policy }`, or `{ url }` of another server
 * @returns what each sent, by name; `{ failed }` if it sent nothing in time
 */
export async function browse(browser, folder, pages, milliseconds = 60_000) {
  const outcomes = {};
  let finish;
  const finished = new Promise((resolve) => (finish = resolve));
  const frames = () => ({ html: Object.entries(pages).map(([name, { url }]) => `<iframe src="${url ?? `/pages/${name}`}?to=${server.url}/told/${name}"></iframe>`).join('') });
  const server = await serve(folder, (path) => (path === '/' ? frames() : pages[path.replace('/pages/', '')]), (path, text) => {
    outcomes[path.replace('/told/', '')] = JSON.parse(text);
    if (Object.keys(pages).every((name) => name in outcomes)) finish();
  });
  const profile = mkdtempSync(join(tmpdir(), 'moontrace-browser-'));
  const [command, ...args] = COMMANDS[browser](profile, `${server.url}/`);
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  const timer = setTimeout(finish, milliseconds);
  await finished;
  clearTimeout(timer);
  // All of the browser's processes, of which it is the first.
  const ended = once(child, 'exit');
  process.kill(-child.pid, 'SIGKILL');
  await ended;
  server.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  return Object.fromEntries(Object.keys(pages).map((name) => [name, outcomes[name] ?? { failed: 'it told nothing' }]));
}

/** Pages that run the program in a browser. */

const page = (body, policy) => ({ html: `<!doctype html>${body}`, policy });
const script = (path) => `<script type="module" src="/${path}"></script>`;

/** What a sandboxed or an older renderer of Electron has of Node. */
const ELECTRON = "globalThis.process = { type: 'renderer', versions: { node: '22.0.0', electron: '40.0.0' }, getBuiltinModule() { throw new Error('no modules of Node here') } }";

/** Without a bundler. */
const IMPORTS = `<script type="importmap">{ "imports": {
  "moontrace": "/node_modules/moontrace/dist/index.js", "moontrace/jit": "/node_modules/moontrace/dist/jit.js", "moontrace/contracts": "/node_modules/moontrace/dist/contracts.js"
} }</script>`;

/** @param bundled path of a script with all in it */
export function pagesOf(bundled) {
  const strict = "default-src 'none'; connect-src *; script-src 'self'";
  return {
    page: page(IMPORTS + script('main.mjs')),
    storage: page(IMPORTS + script('storage.mjs')),
    bundle: page(script(bundled)),
    worker: page(`<script>new Worker('/${bundled}' + location.search, { type: 'module' })</script>`),
    policy: page(script(bundled), `${strict} 'wasm-unsafe-eval'`),
    refused: page(script(bundled), strict),
    electron: page(`<script>${ELECTRON}</script>${script(bundled)}`),
  };
}

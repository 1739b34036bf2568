/** Entry point `moontrace/contracts` on Node: the same, and bundles in folders. */
export * from './index.ts';
export { readBundle } from './node/bundle-folder.ts';

/** Entry point `moontrace/contracts` on Node. */
export * from './index.ts';

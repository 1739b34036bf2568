/** The pool as it is built: its workers are. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { LuaPool, PoolOptions } from '../../pool/index.ts';

type Entry = typeof import('../../pool/index.ts');
const entry = (await import(join(import.meta.dirname, '../../dist/pool.js'))) as Entry;

const open: LuaPool[] = [];
const folders: string[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((pool) => pool.close({ terminate: true })));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A pool that is closed when the test is over; of one worker unless more are asked for. */
export function makePool(options: PoolOptions = {}): LuaPool {
  const pool = new entry.LuaPool({ threads: 1, ...options });
  open.push(pool);
  return pool;
}

/** A module for workers. @returns its path */
export function makeModule(source: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'moontrace-pool-'));
  folders.push(folder);
  writeFileSync(join(folder, 'functions.mjs'), source);
  return join(folder, 'functions.mjs');
}

/** What a promise is rejected with. */
export const failureOf = (promise: Promise<unknown>): Promise<unknown> => promise.then((value) => ({ value }), (error: unknown) => error);

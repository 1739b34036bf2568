/** Entry point `moontrace/pool`: Lua in several workers at a time. For Node. */
export { LuaPool } from './lua-pool.ts';
export type { Checkpoint, CloseOptions, MapOptions, PoolLimits, PoolOptions, PoolVmOptions, ResumeOptions, RunOptions } from './options.ts';

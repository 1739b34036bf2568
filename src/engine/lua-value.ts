/** What passes between Lua and the host, as far as the engine knows it (src/api/types.ts says more), and what converts it. */

/** Anything that comes out of Lua: tables, functions and the like as LuaReferences (src/api/handles), host objects as themselves. */
export type LuaValue = undefined | boolean | number | bigint | string | Uint8Array | object;
/** Anything that may go in. */
export type LuaInput = LuaValue | null;

/** Converts between slots and values of the host (src/api/values/values.ts). */
export interface ValueConverter {
  toHost(slot: number): LuaValue;
  /** The same for an argument of a host function, whose slot holds the value until the function returns, or `holdArguments` is called. */
  argumentToHost(slot: number): LuaValue;
  /** Slots of arguments of host functions under way are going to change. @throws "not enough memory" */
  holdArguments(): void;
  /** @throws MoontraceError bad-value, bad-handle */
  toLua(slot: number, value: LuaInput): void;
  /** Runs an action whose handles do not end with the host function that is under way. */
  unscoped<Result>(action: () => Result): Result;
  /** What a host function gave, as a list. */
  resultsOf(result: unknown): readonly LuaInput[];
  /** Writes results to the stack. @param first where they begin, as an offset @returns their number @throws "stack overflow", and as `toLua` */
  writeResults(first: number, results: readonly LuaInput[]): number;
  /** Lets go of Lua objects that the host has dropped: memory is short. */
  releaseDead(): void;
}

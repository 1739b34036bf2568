/**
 * How calls of builtins are recorded, by their full names, for docs/jit.md. The recorder itself goes by their ids (jit/core/record/builtins/call.ts);
 * test/jit/record/how-recorded.test.ts compares the two.
 */

const AS_IR: ReadonlySet<string> = new Set([
  'type', 'next', 'select', 'setmetatable', 'getmetatable', 'tostring', 'internal.ipairsStep', 'assert', 'tonumber', 'ipairs', 'pairs', 'rawget', 'rawset', 'rawlen', 'rawequal',
  'math.floor', 'math.ceil', 'math.sqrt', 'math.exp', 'math.sin', 'math.cos', 'math.tan', 'math.asin', 'math.acos', 'math.log10', 'math.deg', 'math.rad', 'math.max', 'math.min',
  'math.abs', 'math.atan', 'math.log', 'math.pow', 'math.fmod', 'math.tointeger', 'math.ult', 'math.type',
  'string.byte', 'string.len', 'string.sub', 'string.char',
  'table.insert', 'table.unpack',
]);

const ENDS: ReadonlySet<string> = new Set([
  'coroutine.resume', 'coroutine.yield', 'coroutine.close', 'none.wrapStep',
  'error', 'pcall', 'xpcall', 'collectgarbage',
]);

/** In the order of the core's numbers (Recorded). */
export const HOW_RECORDED = ['IR', 'called in place', 'ends the recording'] as const;

export function howRecorded(name: string): (typeof HOW_RECORDED)[number] {
  if (AS_IR.has(name)) return 'IR';
  return ENDS.has(name) ? 'ends the recording' : 'called in place';
}

/**
 * THE table of metamethod events (manual, section 2.4). An event's number is its place here; `scripts/build-core.mjs` generates
 * `EVENT_*` for the core. The arithmetic events stand in the order of ARITHMETIC in opcode-table.ts, so that
 * `EVENT_ADD + (op - Op.ADD)` is an instruction's event.
 */
export const METAMETHODS = [
  'index', 'newindex', 'gc', 'mode', 'len', 'eq', 'lt', 'le', 'concat', 'call', 'close', 'tostring', 'name', 'pairs', 'metatable',
  'add', 'sub', 'mul', 'mod', 'pow', 'div', 'idiv', 'band', 'bor', 'bxor', 'shl', 'shr', 'unm', 'bnot',
] as const;

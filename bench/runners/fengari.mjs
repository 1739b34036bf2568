// Runs a Lua file under fengari with the given script arguments: node fengari.mjs <script.lua> [args]

import fengari from 'fengari'

const { lua, lauxlib, lualib, to_luastring: bytes, to_jsstring: text } = fengari
const [script, ...args] = process.argv.slice(2)
const L = lauxlib.luaL_newstate()
lualib.luaL_openlibs(L)
lua.lua_createtable(L, args.length, 1)
for (const [index, value] of [script, ...args].entries()) {
  lua.lua_pushstring(L, bytes(value))
  lua.lua_rawseti(L, -2, index)
}
lua.lua_setglobal(L, bytes('arg'))
if (lauxlib.luaL_loadfile(L, bytes(script)) !== lua.LUA_OK || lua.lua_pcall(L, 0, 0, 0) !== lua.LUA_OK) {
  process.stderr.write(`${text(lua.lua_tostring(L, -1))}\n`)
  process.exit(1)
}

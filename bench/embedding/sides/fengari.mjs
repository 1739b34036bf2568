// fengari: a Lua VM in JavaScript, by its C API, which is what it has; functions of the host are C functions.
import fengari from 'fengari'
import { PROGRAM, Vector } from '../program.mjs'

const { lua, lauxlib, lualib, to_luastring: bytes, to_jsstring: text } = fengari
const X = bytes('x')
const Y = bytes('y')

export function create() {
  const L = lauxlib.luaL_newstate()
  lualib.luaL_openlibs(L)
  return L
}

export const close = (L) => lua.lua_close(L)

function check(L, status) {
  if (status !== lua.LUA_OK) throw new Error(lua.lua_tojsstring(L, -1))
}

export function run(L, source) {
  check(L, lauxlib.luaL_loadstring(L, bytes(source)))
  check(L, lua.lua_pcall(L, 0, 1, 0))
  return take(L)
}

function take(L) {
  const value = lua.lua_type(L, -1) === lua.LUA_TSTRING ? text(lua.lua_tostring(L, -1)) : lua.lua_tonumber(L, -1)
  lua.lua_pop(L, 1)
  return value
}

function number(L, index, key) {
  lua.lua_getfield(L, index, key)
  const value = lua.lua_tonumber(L, -1)
  lua.lua_pop(L, 1)
  return value
}

function pushPoint(L, x, y) {
  lua.lua_createtable(L, 0, 2)
  lua.lua_pushinteger(L, x)
  lua.lua_setfield(L, -2, X)
  lua.lua_pushinteger(L, y)
  lua.lua_setfield(L, -2, Y)
  return 1
}

const pushed = (push) => (L) => {
  push(L)
  return 1
}

const FUNCTIONS = {
  add: pushed((L) => lua.lua_pushnumber(L, lua.lua_tonumber(L, 1) + lua.lua_tonumber(L, 2))),
  size: pushed((L) => lua.lua_pushinteger(L, text(lua.lua_tostring(L, 1)).length)),
  text: pushed((L) => lua.lua_pushstring(L, bytes('twenty bytes of text'))),
  sum: pushed((L) => lua.lua_pushnumber(L, number(L, 1, X) + number(L, 1, Y))),
  pair: (L) => pushPoint(L, lua.lua_tointeger(L, 1), 2),
  wait: (L) => lua.lua_yield(L, 0),
}

export function prepare() {
  const L = create()
  for (const [name, f] of Object.entries(FUNCTIONS)) lua.lua_register(L, bytes(name), f)
  const userdata = lua.lua_newuserdata(L, 0)
  userdata.object = new Vector(3, 4)
  lauxlib.luaL_newmetatable(L, bytes('Vector'))
  lua.lua_createtable(L, 0, 1)
  lua.lua_pushcfunction(L, pushed((L) => lua.lua_pushnumber(L, lauxlib.luaL_checkudata(L, 1, bytes('Vector')).object.length())))
  lua.lua_setfield(L, -2, bytes('length'))
  lua.lua_setfield(L, -2, bytes('__index'))
  lua.lua_setmetatable(L, -2)
  lua.lua_setglobal(L, bytes('vector'))
  run(L, PROGRAM)
  const call = (name, push) => {
    lua.lua_getglobal(L, bytes(name))
    const count = push()
    check(L, lua.lua_pcall(L, count, 1, 0))
  }
  return {
    loop: (name) => (n) => {
      call(name, () => (lua.lua_pushinteger(L, n), 1))
      return take(L)
    },
    identity: (x) => {
      call('identity', () => (typeof x === 'string' ? lua.lua_pushstring(L, bytes(x)) : lua.lua_pushinteger(L, x), 1))
      return take(L)
    },
    field: ({ x, y }) => {
      call('field', () => pushPoint(L, x, y))
      return take(L)
    },
    point: () => {
      call('point', () => 0)
      const object = { x: number(L, -1, X), y: number(L, -1, Y) }
      lua.lua_pop(L, 1)
      return object
    },
    await: async (n) => {
      const thread = lua.lua_newthread(L)
      check(L, lauxlib.luaL_loadstring(thread, bytes(`for i = 1, ${n} do wait() end`)))
      while (lua.lua_resume(thread, L, 0) === lua.LUA_YIELD) await Promise.resolve()
      lua.lua_pop(L, 1)
    },
  }
}

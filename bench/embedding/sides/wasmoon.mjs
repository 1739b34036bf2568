// wasmoon: PUC-Rio's Lua compiled to WebAssembly. Its VMs of one factory share a memory.
import { LuaFactory } from 'wasmoon'
import { PROGRAM, Vector } from '../program.mjs'

const factory = new LuaFactory()

export const create = () => factory.createEngine()
export const close = (lua) => lua.global.close()
export const run = (lua, source) => lua.doStringSync(source)

export async function prepare() {
  const lua = await create()
  const functions = {
    add: (a, b) => a + b, size: (text) => text.length, text: () => 'twenty bytes of text',
    sum: (t) => t.x + t.y, pair: (x) => ({ x, y: 2 }), wait: async () => {}, vector: new Vector(3, 4),
  }
  for (const [name, value] of Object.entries(functions)) lua.global.set(name, value)
  lua.doStringSync(PROGRAM)
  const [identity, field, point] = ['identity', 'field', 'point'].map((name) => lua.global.get(name))
  return {
    loop: (name) => lua.global.get(name),
    identity,
    field,
    point,
    await: (n) => lua.doString(`for i = 1, ${n} do wait():await() end`),
  }
}

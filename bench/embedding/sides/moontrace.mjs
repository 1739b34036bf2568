// moontrace as an embedder has it: with its JIT, `createVm` and the public API.
import { PROGRAM, Vector } from '../program.mjs'

const { createVm } = await import('../../../dist/node.js')
const { createJit } = await import('../../../dist/jit.js')

export const create = () => createVm()
export const close = (vm) => vm.close()
export const run = (vm, source) => vm.doString(source)[0]

export function prepare(options = { jit: createJit() }) {
  const vm = createVm(options)
  vm.register({
    add: (a, b) => a + b, size: (text) => text.length, text: () => 'twenty bytes of text',
    sum: (t) => t.get('x') + t.get('y'), pair: (x) => ({ x, y: 2 }), wait: async () => {},
  })
  vm.register(Vector, { methods: ['length'] })
  vm.setGlobal('vector', new Vector(3, 4))
  vm.doString(PROGRAM)
  const global = (name) => vm.getGlobal(name)
  const [identity, field, point] = ['identity', 'field', 'point'].map(global)
  const waiting = vm.load('local n = ... for i = 1, n do wait() end')
  return {
    loop: (name) => {
      const f = global(name)
      return (n) => f.call1(n)
    },
    identity: (x) => identity.call1(x),
    field: (object) => field.call1(object),
    point: () => {
      const table = point.call1()
      const object = table.toJS()
      table.release()
      return object
    },
    await: (n) => waiting.callAsync(n),
  }
}

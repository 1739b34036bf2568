// One measurement of one side in a process of its own, in processor time: node --expose-gc measure.mjs <side> <row>. Prints a number in the row's unit.
const began = process.cpuUsage()
const { isDeepStrictEqual } = await import('node:util')
const [side, row] = process.argv.slice(2)
const engine = await import(`./sides/${side}.mjs`)
const { EXPECTED } = await import('./program.mjs')

/** Milliseconds a measurement takes at least, and how often it is taken: the best counts. */
const LEAST = 100
const REPETITIONS = 7

/** Milliseconds of processor time, of all threads. */
function processorTime() {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Nanoseconds of one of `n` operations. */
async function timeOf(operation) {
  const timed = async (n) => {
    const start = processorTime()
    await operation(n)
    return processorTime() - start
  }
  let n = 1
  while ((await timed(n)) < LEAST) n *= 2
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < REPETITIONS; i++) best = Math.min(best, await timed(n))
  return (1e6 * best) / n
}

/** The same for one operation of the host's. */
const repeated = (operation, expected) => timeOf((n) => {
  let last
  for (let i = 0; i < n; i++) last = operation()
  if (!isDeepStrictEqual({ ...Object(last) }, { ...Object(expected) })) throw new Error(`${JSON.stringify(last)} in place of ${JSON.stringify(expected)}`)
})

async function loop(name) {
  const run = (await engine.prepare()).loop(name)
  return timeOf((n) => {
    const result = run(n)
    if (result !== EXPECTED[name](n)) throw new Error(`${name}(${n}) is ${result}`)
  })
}

const residentBytes = () => {
  for (let i = 0; i < 4; i++) gc()
  return process.memoryUsage().rss
}

const ROWS = {
  firstVm: async () => {
    if (engine.run(await engine.create(), 'return 6 * 7') !== 42) throw new Error('wrong result')
    const { user, system } = process.cpuUsage(began)
    return (user + system) / 1000
  },
  nextVm: async () => {
    const operation = async (n) => {
      for (let i = 0; i < n; i++) {
        const vm = await engine.create()
        engine.run(vm, 'return 6 * 7')
        engine.close(vm)
      }
    }
    return (await timeOf(operation)) / 1e6
  },
  memory: async () => {
    const COUNT = 400
    const vms = []
    const add = async () => {
      const vm = await engine.create()
      engine.run(vm, 'function f(x) return x end')
      vms.push(vm)
    }
    for (let i = 0; i < 20; i++) await add()
    const before = residentBytes()
    for (let i = 0; i < COUNT; i++) await add()
    const bytes = residentBytes() - before
    if (vms.length !== COUNT + 20) throw new Error('they have to live')
    return bytes / COUNT / 2 ** 20
  },
  number: async () => {
    const { identity } = await engine.prepare()
    return repeated(() => identity(42), 42)
  },
  string: async () => {
    const { identity } = await engine.prepare()
    return repeated(() => identity('twenty bytes of text'), 'twenty bytes of text')
  },
  objectIn: async () => {
    const { field } = await engine.prepare()
    return repeated(() => field({ x: 7, y: 8 }), 7)
  },
  objectOut: async () => {
    const { point } = await engine.prepare()
    return repeated(point, { x: 1, y: 2 })
  },
  await: async () => {
    const prepared = await engine.prepare()
    return timeOf((n) => prepared.await(n))
  },
}

console.log(await (ROWS[row] ?? (() => loop(row)))())
process.exit(0)

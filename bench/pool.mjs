// npm run bench:pool: how many tasks a pool does in a second, and what one VM of this thread does. See bench/README.md.
//
//   node bench/pool.mjs [rounds] [tasks] [work]        defaults: 5, 40, 200000; build first
//
// A task is a loop of so many turns, interpreted. The sides take turns, each after a first time that does not count; given are medians of tasks in a second of wall time, since threads are what is measured.

import { availableParallelism } from 'node:os'
import { median } from './lib/statistics.mjs'
import { createVm } from '../dist/node.js'
import { LuaPool } from '../dist/pool.js'

const rounds = Number(process.argv[2] ?? 5)
const tasks = Number(process.argv[3] ?? 40)
const work = Number(process.argv[4] ?? 200_000)

const setup = 'function work(n) local s = 0 for i = 1, n do s = s + i % 7 end return s end'
const vm = createVm()
vm.doString(setup)
const func = vm.getGlobal('work')
const runAll = (pool) => async () => { await Promise.all(Array.from({ length: tasks }, () => pool.run('work', [work]))) }
const threads = availableParallelism()
const pools = { '1 worker': new LuaPool({ threads: 1, setup }), [`${threads} workers`]: new LuaPool({ threads, setup }), [`${threads} workers, VMs reused`]: new LuaPool({ threads, setup, reuse: true }) }
const SIDES = {
  'one VM, this thread': async () => { for (let i = 0; i < tasks; i++) func.call(work) },
  'one VM, a fork for each': async () => {
    for (let i = 0; i < tasks; i++) {
      const fork = vm.fork()
      fork.getGlobal('work').call(work)
      fork.close()
    }
  },
  ...Object.fromEntries(Object.entries(pools).map(([name, pool]) => [name, runAll(pool)])),
}

const samples = Object.fromEntries(Object.keys(SIDES).map((name) => [name, []]))
for (let round = -1; round < rounds; round++) {
  for (const [name, side] of Object.entries(SIDES)) {
    const start = performance.now()
    await side()
    if (round >= 0) samples[name].push((tasks * 1000) / (performance.now() - start))
  }
}
const base = median(samples['one VM, this thread'])
console.log(`${'tasks in a second'.padEnd(30)}${['', 'to one VM'].map((title) => title.padStart(12)).join('')}`)
for (const [name, list] of Object.entries(samples)) console.log(`${name.padEnd(30)}${median(list).toFixed(0).padStart(12)}${(median(list) / base).toFixed(2).padStart(12)}`)
await Promise.all(Object.values(pools).map((pool) => pool.close()))

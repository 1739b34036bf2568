// npm run bench:shared: what an operation on a VM that threads share costs more than on one of one thread, while nobody else uses it. See bench/README.md.
//
//   node bench/shared.mjs [rounds] [operations]        defaults: 21, 100000; build first
//
// Both VMs are in one process and take turns; given are medians of the processor's time, in nanoseconds.

import { median } from './lib/statistics.mjs'
import { createVm, SharedVm } from '../dist/node.js'

const rounds = Number(process.argv[2] ?? 21)
const count = Number(process.argv[3] ?? 100_000)

const shared = SharedVm.from()
const bare = createVm()
const identity = 'return function(a) return a end'
const functions = new Map([[shared, shared.eval(identity)[0]], [bare, bare.doString(identity)[0]]])

const ROWS = {
  setGlobal: (vm) => { for (let i = 0; i < count; i++) vm.setGlobal('x', i) },
  getGlobal: (vm) => { for (let i = 0; i < count; i++) vm.getGlobal('x') },
  'call of a function': (vm) => { const f = functions.get(vm); for (let i = 0; i < count; i++) f.call1(i) },
  'read of a ticket': (vm) => { const ticket = vm.pin(1); for (let i = 0; i < count; i++) vm.read(ticket); vm.unpin(ticket) },
}

function time(row, vm) {
  const start = process.cpuUsage()
  row(vm)
  const { user, system } = process.cpuUsage(start)
  return ((user + system) * 1000) / count
}

console.log(`${'ns'.padEnd(22)}${['one thread', 'shared', 'more'].map((title) => title.padStart(12)).join('')}`)
for (const [name, row] of Object.entries(ROWS)) {
  const [plain, locked, more] = [[], [], []]
  for (let i = 0; i < rounds; i++) {
    plain.push(time(row, bare))
    locked.push(time(row, shared))
    more.push(locked.at(-1) - plain.at(-1))
  }
  console.log(`${name.padEnd(22)}${[plain, locked, more].map((samples) => median(samples).toFixed(0).padStart(12)).join('')}`)
}

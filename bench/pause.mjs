// The longest pause of the collector: fills the heap with live objects of one kind, then runs whole cycles step by step, timing each step.
//
//   node bench/pause.mjs [megabytes] [cycles]        defaults: 1024, 5; build first
//
// A step is what a running program waits for (core.collectDue), here always as long as it gets: as after the allocation of a large block. Given is
// the longest of each cycle, of these the median (what else runs on the machine adds to some), and the phase in which that one began.

import { performance } from 'node:perf_hooks'
import { loadEngine } from './lib/engine.mjs'

const { createVm, machineOf } = await loadEngine()

/** Addresses of the collector's phase and of GC_DUE_AT (src/bytecode/layout.ts, src/core/memory/collector-state.ts). */
const VM_COLLECT_PHASE = 6144
const GC_DUE_AT = VM_COLLECT_PHASE + 116

const megabytes = Number(process.argv[2] ?? 1024)
const cycles = Number(process.argv[3] ?? 5)
const PHASES = ['start', 'mark', 'sweep']

/** Each makes objects until `full()`; half of them are garbage afterwards where the name says so. */
const HEAPS = {
  'small tables': 'local i = 0; while not full() do for _ = 1, 1000 do i = i + 1; live[i] = { i, { x = i } } end end',
  'small tables, half of them dead': 'local i = 0; while not full() do for _ = 1, 1000 do i = i + 1; live[i] = { i, { x = i } } end end; for k = 1, i, 2 do live[k] = false end',
  'tables in one dictionary': 'local i = 0; while not full() do for _ = 1, 1000 do i = i + 1; live[{ i }] = i end end',
  strings: 'local i = 0; while not full() do for _ = 1, 1000 do i = i + 1; live[i] = "string number " .. i end end',
  closures: 'local i = 0; while not full() do for _ = 1, 1000 do i = i + 1; local n = i; live[i] = function() return n end end end',
}

function measure(program) {
  const vm = createVm({ libraries: 'all' })
  const { core, memory } = machineOf(vm)
  vm.setGlobal('full', () => vm.stats().memoryUsed >= megabytes * 1048576)
  vm.doString(`live = {}; collectgarbage("stop"); ${program}`)
  const filled = vm.stats().memoryUsed
  vm.doString('collectgarbage("restart")')
  const worst = []
  let steps = 0
  let total = 0
  for (let cycle = 0; cycle < cycles; cycle++) {
    let longest = { time: 0, phase: 0 }
    do {
      const phase = memory.load(VM_COLLECT_PHASE)
      memory.store(GC_DUE_AT, 0)
      const start = performance.now()
      core.collectDue(0)
      const time = performance.now() - start
      steps++
      total += time
      if (time > longest.time) longest = { time, phase }
    } while (memory.load(VM_COLLECT_PHASE) !== 0)
    worst.push(longest)
  }
  const { time, phase } = worst.sort((a, b) => a.time - b.time)[cycles >> 1]
  return { filled, steps, mean: total / steps, longest: time, phase: PHASES[phase] }
}

for (const [name, program] of Object.entries(HEAPS)) {
  const { filled, steps, mean, longest, phase } = measure(program)
  console.log(
    `${name.padEnd(34)} ${Math.round(filled / 1048576)} MB  ${steps} steps  mean ${mean.toFixed(2)} ms  longest ${longest.toFixed(2)} ms (${phase})`,
  )
}

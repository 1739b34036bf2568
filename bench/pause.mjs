// The longest pause of the collector: fills the heap with live objects of one kind, then runs whole cycles step by step, timing each step.
//
//   node bench/pause.mjs [megabytes] [cycles]        defaults: 1024, 3; build first
//
// A step is what a running program waits for (core.collectDue). The phase in which the longest one began is given behind it.

import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
/** Address of the collector's phase (src/bytecode/layout.ts). */
const VM_COLLECT_PHASE = 6144
import { createVm } from '../dist/node.js'

const megabytes = Number(process.argv[2] ?? 1024)
const cycles = Number(process.argv[3] ?? 3)
/** Milliseconds this thread has run: what other programs on the machine take does not count. The clock's where the system does not tell. */
function threadTime() {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[0]) / 1e6
  } catch {
    return performance.now()
  }
}

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
  const { core, memory } = vm.machine
  vm.setGlobal('full', () => vm.stats().memoryUsed >= megabytes * 1048576)
  vm.doString(`live = {}; collectgarbage("stop"); ${program}`)
  const filled = vm.stats().memoryUsed
  vm.doString('collectgarbage("restart")')
  let longest = 0
  let phase = 0
  let steps = 0
  let total = 0
  for (let cycle = 0; cycle < cycles; cycle++) {
    do {
      const before = memory.load(VM_COLLECT_PHASE)
      const start = threadTime()
      core.collectDue(0)
      const time = threadTime() - start
      steps++
      total += time
      if (time > longest) {
        longest = time
        phase = before
      }
    } while (memory.load(VM_COLLECT_PHASE) !== 0)
  }
  return { filled, steps, total, longest, phase: PHASES[phase] }
}

for (const [name, program] of Object.entries(HEAPS)) {
  const { filled, steps, total, longest, phase } = measure(program)
  console.log(
    `${name.padEnd(34)} ${Math.round(filled / 1048576)} MB  ${steps} steps  mean ${(total / steps).toFixed(2)} ms  longest ${longest.toFixed(2)} ms (${phase})`,
  )
}

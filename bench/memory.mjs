// Time and peak memory of allocation-heavy programs, interpreted, against lua5.4: npm run build first.
//
//   node bench/memory.mjs [runs]        default 3; the best time and the smallest peak of them count
//
// The peak is the process's largest resident set (Linux: VmHWM); what Node takes before it runs a program is measured and taken off.

import { execFileSync } from 'node:child_process'

const runs = Number(process.argv[2] ?? 3)

const PROGRAMS = {
  'binary trees': 'local p = dofile("bench/programs/trees.lua") p.run(18)',
  'string churn': 'local p = dofile("bench/programs/churn.lua") p.run(200000)',
  closures: 'local t = {} for r = 1, 4 do for i = 1, 1000000 do local n = i t[i] = function() n = n + 1 return n end end end',
  'small objects': 'local t = {} for r = 1, 4 do for i = 1, 1000000 do t[i] = { x = i, y = i + 1 } end end',
  strings: 'local t = {} for r = 1, 4 do for i = 1, 1000000 do t[i] = "string" .. i * r end end',
}

const SIDES = { lua: ['lua5.4'], moontrace: [process.execPath, 'dist/cli.cjs', '-j', 'off'] }

const REPORT = ' io.write(os.clock() - start, " ") for line in io.lines("/proc/self/status") do local kb = line:match("VmHWM:%s*(%d+)") if kb then io.write(kb) end end'

/** Seconds and kilobytes of one run. */
function run([command, ...args], program) {
  const text = execFileSync(command, [...args, '-e', `local start = os.clock() ${program}${REPORT}`], { encoding: 'utf8' })
  const [seconds, kilobytes] = text.split(' ').map(Number)
  return { seconds, kilobytes }
}

function best(side, program) {
  const all = Array.from({ length: runs }, () => run(side, program))
  return { seconds: Math.min(...all.map(({ seconds }) => seconds)), kilobytes: Math.min(...all.map(({ kilobytes }) => kilobytes)) }
}

const idle = best(SIDES.moontrace, '').kilobytes
console.log(`an idle moontrace: ${(idle / 1024).toFixed(0)} MB`)
for (const [name, program] of Object.entries(PROGRAMS)) {
  const lua = best(SIDES.lua, program)
  const own = best(SIDES.moontrace, program)
  const peak = own.kilobytes - idle
  console.log(
    `${name.padEnd(14)} time ${lua.seconds.toFixed(2)} s, ${own.seconds.toFixed(2)} s: ${(own.seconds / lua.seconds).toFixed(2)}x` +
      `   peak ${(lua.kilobytes / 1024).toFixed(0)} MB, ${(peak / 1024).toFixed(0)} MB: ${(peak / lua.kilobytes).toFixed(2)}x`,
  )
}

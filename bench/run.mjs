// npm run bench: every program on every side, one process per run, sides in turn. See bench/README.md.
//
//   --only a,b     programs            --runs N     processes per measurement (default 3)
//   --sides a,b    engines             --quick      one run, one warm-up, one repetition
//   --out file     JSON to write       --redraw f   only draw the charts of a stored JSON again
//   --before f     another state's command (its dist/cli.cjs), in turns with this one's: "before" with the JIT off and on

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { renderChart } from './lib/chart.mjs'
import { available, commit, progress, select } from './lib/command.mjs'
import { findPrograms } from './lib/programs.mjs'
import { means, renderTable, summarise } from './lib/report.mjs'
import { allSides, measure, root, sidesOf } from './lib/sides.mjs'

/** Kinds of measurement and their titles. */
const kinds = { whole: 'whole process', steady: 'steady state' }

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    sides: { type: 'string' },
    runs: { type: 'string', default: '3' },
    quick: { type: 'boolean', default: false },
    out: { type: 'string' },
    redraw: { type: 'string' },
    before: { type: 'string' },
  },
})

if (options.redraw !== undefined) {
  writeCharts(JSON.parse(readFileSync(options.redraw, 'utf8')), options.redraw)
} else {
  await bench()
}

async function bench() {
  const programs = select(findPrograms(), options.only, 'program')
  const sides = available(select([...allSides, ...sidesOf(options.before)], options.sides, 'side'))
  const settings = options.quick ? { runs: 1, warmups: 1, repetitions: 1 } : { runs: Number(options.runs), warmups: 3, repetitions: 3 }
  const reference = sides[0]
  if (reference === undefined || !(settings.runs >= 1)) throw new Error('nothing to measure')

  const results = []
  for (const [index, program] of programs.entries()) {
    results.push(await benchProgram(program, sides, reference, settings, `[${index + 1}/${programs.length}] ${program.name}`))
  }
  const report = {
    date: new Date().toISOString(),
    commit: commit(),
    cpu: cpus()[0]?.model ?? 'unknown processor',
    node: process.version,
    settings: { ...settings, quick: options.quick },
    reference: reference.name,
    sides: sides.map((side) => ({ name: side.name, version: side.version(), size: side.size })),
    programs: results,
    means: means(results, sides.map((side) => side.name), Object.keys(kinds)),
  }
  for (const [kind, title] of Object.entries(kinds)) console.log(`\n${renderTable(report, kind, title)}\n`)
  console.log(`xN: time divided by that of ${reference.name} at the same size; below 1 is faster. fengari runs at a smaller size.`)
  let failed = false
  for (const result of results) {
    for (const [side, { steady }] of Object.entries(result.sides)) {
      if (steady.error === undefined) continue
      failed = true
      console.log(`${result.name} on ${side}: ${steady.error}`)
    }
  }
  const out = options.out ?? join(root, 'bench/results', `${report.date.slice(0, 10)}-${report.commit.replace('+', '-dirty')}.json`)
  mkdirSync(dirname(out), { recursive: true })
  writeFileSync(out, `${JSON.stringify(report, null, 2)}\n`)
  writeCharts(report, out)
  if (failed) process.exitCode = 1
}

/** All runs of one program. The reference also runs at every other size that a side uses. */
async function benchProgram(program, sides, reference, settings, label) {
  const jobs = sides.filter((side) => side.needs === undefined || program[side.needs]).map((side) => ({ side, size: side.size }))
  for (const size of new Set(jobs.map((job) => job.size))) {
    if (size !== reference.size) jobs.unshift({ side: reference, size })
  }
  const samples = jobs.map((job) => ({ ...job, whole: [], steady: [], error: undefined }))
  const at = (side, size) => samples.find((sample) => sample.side === side && sample.size === size)
  for (let run = 0; run < settings.runs; run++) {
    for (const sample of samples) {
      if (sample.error !== undefined) continue
      progress(`${label}: run ${run + 1} of ${settings.runs}, ${sample.side.name}`)
      const whole = await measure(sample.side, program.path, program[sample.size], 0, 1)
      const steady = whole.error ? whole : await measure(sample.side, program.path, program[sample.size], settings.warmups, settings.repetitions)
      sample.whole.push(whole.wall)
      sample.steady.push(...steady.seconds)
      sample.checksum = steady.checksum
      sample.error = steady.error
      const expected = at(reference, sample.size)?.checksum
      if (sample.error === undefined && expected !== undefined && (steady.checksum !== expected || whole.checksum !== expected)) {
        sample.error = `wrong checksum: ${steady.checksum} instead of ${expected}`
      }
    }
  }
  progress('')
  const own = jobs.filter((job) => job.size === job.side.size)
  const summaries = own.map(({ side, size }) => [side.name, summarise(at(side, size), at(reference, size), Object.keys(kinds))])
  return { name: program.name, n: program.n, slow: program.slow, sides: Object.fromEntries(summaries) }
}

function writeCharts(report, jsonPath) {
  const base = jsonPath.replace(/\.json$/, '')
  for (const [kind, title] of Object.entries(kinds)) writeFileSync(`${base}-${kind}.svg`, renderChart(report, kind, title))
  console.log(`${base}.json, -steady.svg, -whole.svg`)
}

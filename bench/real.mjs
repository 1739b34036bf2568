// npm run bench:real: programs of other projects, each in a process of its own (cold) and ten times in one (warm), sides in turn. See
// bench/README.md; bench/real/programs.mjs lists the programs.
//
//   --only a,b     sets, or programs with or without their set      --runs N    processes per measurement (default 3)
//   --sides a,b    engines                                          --cold, --warm   only this
//   --sources dir  where the projects' checkouts are (default build/real, where what is missing is cloned)
//   --json file    where to write the report; charts go beside it

import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { renderChart } from './lib/chart.mjs'
import { available, commit, progress, select } from './lib/command.mjs'
import { means, renderTable, summarise } from './lib/report.mjs'
import { allSides, run, runProgram } from './lib/sides.mjs'
import { median } from './lib/statistics.mjs'
import { generatePrograms } from './real/generate.mjs'
import { allPrograms, sources } from './real/programs.mjs'

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    sides: { type: 'string', default: 'lua5.4,luajit,moontrace -j off,moontrace' },
    runs: { type: 'string', default: '3' },
    cold: { type: 'boolean', default: false },
    warm: { type: 'boolean', default: false },
    sources: { type: 'string' },
    json: { type: 'string' },
  },
})

/** Kinds of measurement and their titles. */
const coldKinds = { cold: 'cold, less start-up', cpu: 'cold, processor time' }
const warmKinds = { best: 'warm, best run', median: 'warm, median run' }
const kinds = { ...(options.warm && !options.cold ? {} : coldKinds), ...(options.cold && !options.warm ? {} : warmKinds) }
const interpreted = 'moontrace -j off'
const compiled = 'moontrace'

const sides = available(select(allSides, options.sides, 'side'))
const runs = Number(options.runs)
const [reference] = sides
if (reference === undefined || !(runs >= 1)) throw new Error('nothing to measure')

const wanted = options.only?.split(',').map((name) => name.trim())
const chosen = allPrograms.filter((program) => wanted?.some((name) => `${program.name}/`.startsWith(`${name}/`) || program.name.endsWith(`/${name}`)) ?? true)
for (const program of chosen.filter((program) => program.skipped)) console.log(`${program.name} skipped: ${program.skipped}`)
const programs = chosen.filter((program) => !program.skipped)
if (programs.length === 0) throw new Error(`no program of ${options.only}`)
const files = generatePrograms(programs, options.sources && resolve(options.sources))

const startUps = new Map(sides.map((side) => [side, { wall: [], cpu: [] }]))
const measured = []
for (const [index, program] of programs.entries()) {
  measured.push({ program, samples: await measureProgram(program, `[${index + 1}/${programs.length}] ${program.name}`) })
}
report()

/** All runs of one program, by side. */
async function measureProgram(program, label) {
  const samples = new Map(sides.map((side) => [side, { cold: [], cpu: [], warm: [], checksums: new Map(), error: undefined }]))
  for (let turn = 0; turn < runs; turn++) {
    for (const [side, sample] of samples) {
      if (sample.error !== undefined) continue
      progress(`${label}: run ${turn + 1} of ${runs}, ${side.name}`)
      if (kinds.cold !== undefined) await measureCold(program, side, sample)
      if (kinds.best !== undefined && sample.error === undefined) await measureWarm(program, side, sample)
      for (const [what, checksum] of sample.checksums) {
        const right = samples.get(program.integers && side.name.startsWith('luajit') ? side : reference).checksums.get(what)
        if (right !== undefined && checksum !== right) sample.error ??= `wrong checksum: ${checksum} instead of ${right}`
      }
    }
  }
  progress('')
  return samples
}

async function measureCold(program, side, sample) {
  const startUp = await run(side, ['-e', ''])
  startUps.get(side).wall.push(startUp.wall)
  startUps.get(side).cpu.push(startUp.cpu)
  const { wall, cpu, error } = take(sample, 'cold', await runProgram(side, [files.get(program)]))
  if (error !== undefined) return
  sample.cold.push(wall)
  sample.cpu.push(cpu)
}

/** Ten runs, each of a quarter of the calls. */
async function measureWarm(program, side, sample) {
  const times = Math.max(1, Math.round(program.times / 4))
  const { seconds } = take(sample, 'warm', await runProgram(side, [files.get(program), '10', String(times)]))
  sample.warm.push(...seconds)
}

/** Keeps what a process printed: an error, or its checksum, which has to be that of the side's earlier runs. */
function take(sample, what, result) {
  sample.error ??= result.error
  const before = sample.checksums.get(what) ?? result.checksum
  if (before !== result.checksum) sample.error ??= `wrong checksum: ${result.checksum} instead of ${before}`
  sample.checksums.set(what, before)
  return result
}

function report() {
  const startUp = (side, what) => median(startUps.get(side)[what])
  const secondsOf = (side, { cold, cpu, warm, error }) => ({
    cold: cold.map((wall) => wall - startUp(side, 'wall')),
    cpu: cpu.map((time) => time - startUp(side, 'cpu')),
    best: warm.length === 0 ? [] : [Math.min(...warm)],
    median: warm,
    error,
  })
  const results = measured.map(({ program, samples }) => {
    const own = new Map([...samples].map(([side, sample]) => [side, secondsOf(side, sample)]))
    const cells = sides.map((side) => [side.name, summarise(own.get(side), own.get(reference), Object.keys(kinds))])
    return { name: program.name, set: program.set, sides: Object.fromEntries(cells) }
  })
  const meansOf = (list) => means(list, sides.map((side) => side.name), Object.keys(kinds))
  const whole = {
    date: new Date().toISOString(),
    commit: commit(),
    cpu: cpus()[0]?.model ?? 'unknown processor',
    node: process.version,
    settings: { runs },
    reference: reference.name,
    sides: sides.map((side) => ({ name: side.name, version: side.version(), startUp: kinds.cold && startUp(side, 'wall') })),
    programs: results,
    sets: Object.keys(sources)
      .map((set) => ({ name: `mean of ${set}`, list: results.filter((result) => result.set === set) }))
      .filter(({ list }) => list.length > 0)
      .map(({ name, list }) => ({ name, means: meansOf(list) })),
    means: meansOf(results),
  }
  for (const [kind, title] of Object.entries(kinds)) console.log(`\n${renderTable(whole, kind, title)}`)
  console.log(`\nxN: time divided by that of ${reference.name}; below 1 is faster.`)
  for (const kind of Object.keys(kinds)) tellLosses(results, kind)
  tellErrors(results)
  if (options.json !== undefined) writeReport(whole, options.json)
}

/** Where the JIT takes longer than the interpreter alone. */
function tellLosses(results, kind) {
  const ratios = results
    .map(({ name, sides: cells }) => ({ name, ratio: cells[compiled]?.[kind].seconds / cells[interpreted]?.[kind].seconds }))
    .filter(({ ratio }) => !Number.isNaN(ratio))
  if (ratios.length === 0) return
  const losses = ratios.filter(({ ratio }) => ratio > 1.05).sort((a, b) => b.ratio - a.ratio)
  const gains = ratios.filter(({ ratio }) => ratio <= 0.5)
  console.log(`${kinds[kind]}: of ${ratios.length} programs the JIT makes ${gains.length} twice as fast, ${losses.length} more than 5 % slower`)
  if (losses.length > 0) console.log(`  ${losses.map(({ name, ratio }) => `${name} ${ratio.toFixed(2)}`).join(', ')}`)
}

function tellErrors(results) {
  for (const { name, sides: cells } of results) {
    for (const [side, byKind] of Object.entries(cells)) {
      const { error } = Object.values(byKind)[0]
      if (error === undefined) continue
      process.exitCode = 1
      console.log(`${name} on ${side}: ${error}`)
    }
  }
}

function writeReport(whole, file) {
  mkdirSync(dirname(resolve(file)), { recursive: true })
  writeFileSync(file, `${JSON.stringify(whole, null, 2)}\n`)
  const base = file.replace(/\.json$/, '')
  for (const [kind, title] of Object.entries(kinds)) writeFileSync(`${base}-${kind}.svg`, renderChart(whole, kind, title))
}

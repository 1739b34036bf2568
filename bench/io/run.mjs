// npm run bench:io: a million lines written and read, moontrace against lua5.4: wall time of the process without its start-up, and processor time of the program with
// all its threads. See bench/README.md.
//
//   --only a,b     programs            --runs N     processes per measurement (default 5)

import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../lib/sides.mjs'

const { values: options } = parseArgs({ options: { only: { type: 'string' }, runs: { type: 'string', default: '5' } } })
const here = join(root, 'bench/io')
const folder = mkdtempSync(join(tmpdir(), 'moontrace-bench-'))
const SIDES = [
  ['lua5.4', 'lua5.4', []],
  ['moontrace -j off', process.execPath, [join(root, 'dist/cli.cjs'), '-j', 'off']],
  ['moontrace', process.execPath, [join(root, 'dist/cli.cjs')]],
]
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]

/** One process whose output goes to a file. @returns milliseconds: wall time of the process, processor time of the program alone */
function run([name, command, args], program, output) {
  const fd = openSync(output, 'w')
  const start = performance.now()
  const { stderr, status } = spawnSync(command, [...args, join(here, 'driver.lua'), program, folder], { stdio: ['ignore', fd, 'pipe'], encoding: 'utf8' })
  const wall = performance.now() - start
  closeSync(fd)
  if (status !== 0) throw new Error(`${program} on ${name}: ${stderr}`)
  return { wall, processor: Number(stderr) }
}

/** Each side's runs of a program, in turns. */
function runAll(program) {
  const results = SIDES.map(() => [])
  for (let i = 0; i < Number(options.runs); i++) {
    SIDES.forEach((side, n) => {
      results[n].push(run(side, program, join(folder, `output-${n}`)))
      if (!readFileSync(join(folder, `output-${n}`)).equals(readFileSync(join(folder, 'output-0')))) throw new Error(`${program} on ${side[0]}: wrong output`)
    })
  }
  return results
}

try {
  spawnSync('lua5.4', [join(here, 'files.lua'), folder], { stdio: 'inherit' })
  const names = readdirSync(here).filter((name) => name.endsWith('.lua') && name !== 'driver.lua' && name !== 'files.lua')
  const wanted = options.only?.split(',').map((name) => `${name.trim()}.lua`)
  const empty = join(folder, 'empty.lua')
  writeFileSync(empty, 'return function() end')
  const startUp = runAll(empty).map((runs) => median(runs.map(({ wall }) => wall)))
  console.log(`${'program'.padEnd(14)}${SIDES.map(([name]) => name.padStart(20)).join('')}   processor time:${SIDES.map(([name]) => name.padStart(20)).join('')}`)
  const cells = (times) => times.map((time, n) => `${time.toFixed(0)} ms${n === 0 ? '' : ` x${(time / times[0]).toFixed(2)}`}`.padStart(20)).join('')
  for (const program of names.filter((name) => wanted?.includes(name) ?? true)) {
    const results = runAll(join(here, program))
    const wall = results.map((runs, n) => median(runs.map((one) => one.wall)) - startUp[n])
    console.log(`${program.replace('.lua', '').padEnd(14)}${cells(wall)}                  ${cells(results.map((runs) => median(runs.map(({ processor }) => processor))))}`)
  }
} finally {
  rmSync(folder, { recursive: true })
}

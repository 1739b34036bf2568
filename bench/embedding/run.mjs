// npm run bench:embedding: what an embedder pays, moontrace against wasmoon and fengari. See bench/README.md.
//
//   --rows a,b     rows             --runs N     processes per measurement (default 3)
//   --sides a,b    sides            --json file  the medians

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { median } from '../lib/statistics.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const { values: options } = parseArgs({
  options: { rows: { type: 'string' }, sides: { type: 'string' }, runs: { type: 'string', default: '3' }, json: { type: 'string' } },
})

const ROWS = {
  firstVm: 'first VM of a process, ms', nextVm: 'next VM, created and closed, ms', memory: 'a live VM, MB', number: 'host calls Lua, number, ns',
  string: 'host calls Lua, string in and out, ns', objectIn: 'host calls Lua, object in, ns', objectOut: 'host calls Lua, table out, ns', plain: 'Lua calls host, two numbers, ns',
  method: 'Lua calls a method of a class, ns', stringIn: 'Lua calls host, string in, ns', stringOut: 'Lua calls host, string out, ns', tableIn: 'Lua calls host, table in, ns',
  tableOut: 'Lua calls host, object out, ns', await: 'await, round trip, ns',
}
const SIDES = ['moontrace', 'moontrace-interpreted', 'wasmoon', 'fengari']
const choose = (given, all) => given?.split(',').map((name) => {
  if (!all.includes(name)) throw new Error(`there is no ${name}: ${all.join(', ')}`)
  return name
}) ?? all
const rows = choose(options.rows, Object.keys(ROWS))
const sides = choose(options.sides, SIDES)

const measure = (side, row) => Number(execFileSync(process.execPath, ['--expose-gc', join(here, 'measure.mjs'), side, row], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }))
const shown = (value) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3))

console.log(`${'median; behind it, how many times as much as moontrace'.padEnd(56)}${sides.map((side) => side.padStart(24)).join('')}`)
const medians = {}
for (const row of rows) {
  const samples = sides.map(() => [])
  for (let i = 0; i < Number(options.runs); i++) for (const [n, side] of sides.entries()) samples[n].push(measure(side, row))
  const values = samples.map(median)
  medians[row] = Object.fromEntries(sides.map((side, n) => [side, values[n]]))
  console.log(`${ROWS[row].padEnd(56)}${values.map((value, n) => `${shown(value)}${n === 0 ? '' : ` x${shown(value / values[0])}`}`.padStart(24)).join('')}`)
}
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ node: process.version, date: new Date().toISOString().slice(0, 10), runs: Number(options.runs), medians }, undefined, 1)}\n`)

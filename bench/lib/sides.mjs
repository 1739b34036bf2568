// The engines under comparison: how each is started, which size it gets, and how one process is measured.
// A side runs bench/driver.lua in a process of its own; nothing is shared between two measurements.

import { execFile, execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const require = createRequire(import.meta.url)

export const root = at('')
const driver = 'bench/driver.lua'
const timeoutMs = 600_000

/**
 * @typedef {object} Side
 * @property {string} name as in --sides and in the report
 * @property {string[]} command what precedes the driver
 * @property {() => string | undefined} version undefined when the side is not available
 * @property {'n' | 'slow'} size the field of the program that gives its size
 * @property {'luajit' | 'fengari'} [needs] the program's field that must not be false
 */

/** @type {Side[]} In the order in which they take turns; the first is what the others are compared with. */
export const allSides = [
  { name: 'lua5.4', command: ['lua5.4'], version: () => banner('lua5.4', ['-v']), size: 'n' },
  { name: 'luajit', command: ['luajit'], version: () => banner('luajit', ['-v']), size: 'n', needs: 'luajit' },
  { name: 'luajit -joff', command: ['luajit', '-joff'], version: () => banner('luajit', ['-v']), size: 'n', needs: 'luajit' },
  { name: 'wasmoon', command: [process.execPath, 'bench/runners/wasmoon.mjs'], version: () => packageVersion('wasmoon'), size: 'n' },
  {
    name: 'fengari',
    command: [process.execPath, 'bench/runners/fengari.mjs'],
    version: () => packageVersion('fengari'),
    size: 'slow',
    needs: 'fengari',
  },
  { name: 'moontrace -j off', command: [process.execPath, 'dist/cli.cjs', '-j', 'off'], version: ownVersion, size: 'n' },
  { name: 'moontrace', command: [process.execPath, 'dist/cli.cjs', '-j', 'on'], version: ownVersion, size: 'n' },
]

/** The sides of another state of the project. @param {string | undefined} command its command's file @returns {Side[]} */
export function sidesOf(command) {
  if (command === undefined) return []
  const side = (name, jit) => ({ name, command: [process.execPath, command, '-j', jit], version: () => banner(process.execPath, [command, '-v']), size: 'n' })
  return [side('before -j off', 'off'), side('before', 'on')]
}

function banner(program, args) {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).split('  ')[0].trim()
  } catch {
    return undefined
  }
}

function packageVersion(name) {
  try {
    return `${name} ${require(at(`node_modules/${name}/package.json`)).version}`
  } catch {
    return undefined
  }
}

function ownVersion() {
  return existsSync(at('dist/cli.cjs')) ? `moontrace ${require(at('package.json')).version}` : undefined
}

/**
 * One process: the driver with a program, a size, warm-ups and repetitions.
 * @returns {Promise<Measurement>}
 */
export function measure(side, program, size, warmups, repetitions) {
  return runProgram(side, [driver, program, String(size), String(warmups), String(repetitions)])
}

/**
 * @typedef {object} Measurement
 * @property {number} wall seconds of the process
 * @property {number} cpu processor seconds of the process and its threads, in steps of 10 ms; not a number where there is no /proc
 * @property {string} [checksum] as the program printed it
 * @property {number[]} seconds as the program printed them
 * @property {string} [error]
 */

/** One process that has to print a checksum. */
export async function runProgram(side, args) {
  const measured = await run(side, args)
  return measured.error === undefined && measured.checksum === undefined ? { ...measured, error: 'printed no checksum' } : measured
}

/** One process of a side. No two at a time: the processor time is that of all processes that ended meanwhile. */
export function run(side, args) {
  const [file, ...prefix] = side.command
  return new Promise((resolve) => {
    const before = childSeconds()
    const start = process.hrtime.bigint()
    const child = execFile(file, [...prefix, ...args], { cwd: root, timeout: timeoutMs, maxBuffer: 1 << 24 }, (failure, stdout, stderr) => {
      const wall = Number(process.hrtime.bigint() - start) / 1e9
      const cpu = childSeconds() - before
      const checksum = /^checksum (.*)$/m.exec(stdout)?.[1]
      const seconds = [...stdout.matchAll(/^seconds (.*)$/gm)].map((match) => Number(match[1]))
      const error = failure?.killed ? `no result within ${timeoutMs / 1000} s` : failure ? lastLine(stderr) || failure.message : undefined
      resolve({ wall, cpu, checksum, seconds, error })
    })
    child.stdin?.end()
  })
}

/** Processor seconds of the children that have ended: proc(5), fields 16 and 17 of stat, in ticks of 10 ms. */
function childSeconds() {
  if (!existsSync('/proc/self/stat')) return Number.NaN
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ')
  return (Number(fields[13]) + Number(fields[14])) / 100
}

/** The line that says what went wrong: of a Node trace the one with "Error", else the first. */
function lastLine(text) {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines.find((line) => /Error/.test(line)) ?? lines[0] ?? ''
}

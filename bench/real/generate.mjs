// Gets the sources of bench/real.mjs and makes of each program one file that runs by itself: harness, modules, the program with its changes.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from '../lib/sides.mjs'
import { sources } from './programs.mjs'

const cache = join(root, 'build/real')
const ownFile = (name) => readFileSync(fileURLToPath(new URL(name, import.meta.url)), 'utf8')

/**
 * Clones what is missing and writes the files.
 * @param {import('./programs.mjs').Program[]} programs
 * @param {string} [folder] where the repositories are already, each under its own name
 * @returns {Map<import('./programs.mjs').Program, string>} the file of each program
 */
export function generatePrograms(programs, folder = cache) {
  const files = new Map()
  for (const program of programs) {
    const source = sources[program.set]
    const checkout = join(folder, source.folder)
    if (!existsSync(checkout)) execFileSync('git', ['clone', '--depth', '1', source.repository, checkout], { stdio: 'inherit' })
    const file = join(cache, 'programs', `${program.name}.lua`)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, programText(program, join(checkout, source.programs)))
    files.set(program, file)
  }
  return files
}

function programText(program, folder) {
  const read = (path) => readFileSync(join(folder, path), 'utf8')
  const head = `-- ${program.name}: made by bench/real.mjs from ${sources[program.set].repository}\nlocal TIMES = ${program.times}\n${ownFile('harness.lua')}`
  if (program.set === 'luau') return `${head}${ownFile('luau.lua')}${changed(read(program.path), program)}\n`
  const main = program.path.replace('.lua', '')
  const preloads = modulesOf(program.path, read).map(([name, text]) => preload(name, name === main ? changed(text, program) : text))
  return `${head}${preloads.join('')}
local benchmark = require("${main}")
bench.runCode(function()
  local right = benchmark:inner_benchmark_loop(${program.inner})
  bench.check(right)
  assert(right, "wrong result")
end)
`
}

/** The module at `path` and all that it requires of its own folder. */
function modulesOf(path, read, found = new Map()) {
  const name = path.replace('.lua', '')
  if (found.has(name)) return [...found]
  const text = read(path)
  found.set(name, text)
  for (const [, other] of text.matchAll(/\brequire\s*\(?['"]([\w-]+)['"]/g)) {
    if (other !== 'bit') modulesOf(`${other}.lua`, read, found)
  }
  return [...found]
}

/** Modules for 5.3 and later hold operators that LuaJIT does not parse, so that they are compiled where they are required. */
function preload(name, text) {
  if (!name.endsWith('-53')) return `package.preload["${name}"] = function(...)\n${text}\nend\n`
  return `package.preload["${name}"] = function(...) return assert(load([==[${text}]==], "@${name}.lua"))(...) end\n`
}

function changed(text, program) {
  return (program.changes ?? []).reduce((before, [what, by]) => {
    const parts = before.split(what)
    if (parts.length < 2 || (typeof what === 'string' && parts.length > 2)) throw new Error(`${program.name}: not once in its source: ${what}`)
    return before.replace(what, typeof what === 'string' ? () => by : by)
  }, text)
}

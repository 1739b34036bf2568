// What the commands of this folder share: choosing by name, progress on the terminal, the state of the checkout.

import { execFileSync } from 'node:child_process'
import { root } from './sides.mjs'

/** The items of a list that a comma-separated option names. */
export function select(list, names, what) {
  if (names === undefined) return list
  return names.split(',').map((name) => {
    const found = list.find((item) => item.name === name.trim())
    if (found === undefined) throw new Error(`no ${what} "${name}"; there are: ${list.map((item) => item.name).join(', ')}`)
    return found
  })
}

/** The sides that are installed; names the others. */
export function available(sides) {
  return sides.filter((side) => {
    if (side.version() !== undefined) return true
    console.log(`${side.name} is not installed or not built: skipped`)
    return false
  })
}

export function progress(line) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`)
  else if (line !== '') process.stderr.write(`${line}\n`)
}

/** Short hash of what is checked out, with a + behind it where something is changed. */
export function commit() {
  return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '-uno') === '' ? '' : '+')
}

function git(...args) {
  try {
    return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return 'unknown'
  }
}

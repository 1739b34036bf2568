// Finds the benchmark programs and reads the header fields that the harness needs.

import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { root } from './sides.mjs'

const folder = 'bench/programs'

/**
 * @typedef {object} Program
 * @property {string} name
 * @property {string} path relative to the project's root
 * @property {number} n
 * @property {number} slow
 * @property {boolean} luajit
 * @property {boolean} fengari
 */

/** @returns {Program[]} */
export function findPrograms() {
  return readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.lua'))
    .sort()
    .map((file) => readProgram(`${folder}/${file}`))
}

function readProgram(path) {
  const table = /\nreturn \{ run = run, (.*) \}\s*$/.exec(readFileSync(join(root, path), 'utf8'))?.[1]
  if (table === undefined) throw new Error(`${path} does not end with "return { run = run, ... }"`)
  const field = (name) => new RegExp(`\\b${name} = (\\w+)`).exec(table)?.[1]
  return {
    name: basename(path, '.lua'),
    path,
    n: Number(field('n')),
    slow: Number(field('slow')),
    luajit: field('luajit') !== 'false',
    fengari: field('fengari') !== 'false',
  }
}

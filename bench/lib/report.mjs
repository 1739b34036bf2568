// From raw measurements to the result that is stored, and from that to the table on the terminal.

import { styleText } from 'node:util'
import { geometricMean, median } from './statistics.mjs'

/**
 * @typedef {object} Cell
 * @property {number} [seconds] median
 * @property {number} [ratio] seconds of this side / seconds of the reference at the same size; below 1 is faster
 * @property {string} [error]
 */

/**
 * Reduces the samples of one program on one side. Both sides of a ratio were measured at the same size.
 * @param {{ whole: number[], steady: number[], error?: string }} own
 * @param {{ whole: number[], steady: number[], error?: string } | undefined} reference
 * @returns {{ whole: Cell, steady: Cell }}
 */
export function summarise(own, reference) {
  const cell = (kind) => {
    if (own.error !== undefined) return { error: own.error }
    const seconds = median(own[kind])
    if (reference === undefined || reference.error !== undefined) return { seconds }
    return { seconds, ratio: seconds / median(reference[kind]) }
  }
  return { whole: cell('whole'), steady: cell('steady') }
}

/** Geometric means of the ratios per side, over the programs that the side completed. */
export function means(results, sides) {
  return Object.fromEntries(
    sides.map((side) => {
      const ratios = (kind) => results.map((result) => result.sides[side]?.[kind].ratio).filter((ratio) => ratio !== undefined)
      return [side, { whole: geometricMean(ratios('whole')), steady: geometricMean(ratios('steady')), programs: ratios('steady').length }]
    }),
  )
}

/** @param {'whole' | 'steady'} kind */
export function renderTable(report, kind) {
  const sides = report.sides.map((side) => side.name)
  const title = kind === 'whole' ? 'Whole process' : 'Steady state'
  const reference = report.reference
  const rows = [[title, ...sides]]
  for (const result of report.programs) {
    rows.push([result.name, ...sides.map((side) => renderCell(result.sides[side]?.[kind], side === reference))])
  }
  rows.push(['geometric mean', ...sides.map((side) => (side === reference ? '1' : renderRatio(report.means[side][kind])))])
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  const lines = rows.map((row, index) => {
    const line = row.map((text, column) => (column === 0 ? text.padEnd(widths[column]) : paint(text.padStart(widths[column])))).join('  ')
    return index === 0 || index === rows.length - 1 ? styleText('bold', line) : line
  })
  return lines.join('\n')
}

function renderCell(cell, isReference) {
  if (cell === undefined) return '-'
  if (cell.error !== undefined) return cell.error.startsWith('wrong checksum') ? 'WRONG' : 'ERROR'
  const time = `${Math.round(cell.seconds * 1000)} ms`
  return isReference || cell.ratio === undefined ? time : `${time} ${renderRatio(cell.ratio).padStart(6)}`
}

function renderRatio(ratio) {
  if (Number.isNaN(ratio)) return '-'
  return `x${ratio < 0.1 ? ratio.toFixed(3) : ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(1)}`
}

function paint(text) {
  return /WRONG|ERROR/.test(text) ? styleText('red', text) : text
}

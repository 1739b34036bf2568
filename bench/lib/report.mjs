// From raw measurements of one or more kinds to the result that is stored, and from that to the table on the terminal.

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
 * @param {Record<string, number[]> & { error?: string }} own seconds by kind of measurement
 * @param {Record<string, number[]> & { error?: string } | undefined} reference
 * @param {string[]} kinds
 * @returns {Record<string, Cell>}
 */
export function summarise(own, reference, kinds) {
  const cell = (kind) => {
    if (own.error !== undefined) return { error: own.error }
    const seconds = median(own[kind])
    if (reference === undefined || reference.error !== undefined) return { seconds }
    return { seconds, ratio: seconds / median(reference[kind]) }
  }
  return Object.fromEntries(kinds.map((kind) => [kind, cell(kind)]))
}

/** Geometric means of the ratios per side and kind of measurement, over the programs that the side completed. */
export function means(results, sides, kinds) {
  return Object.fromEntries(
    sides.map((side) => {
      const ratios = (kind) => results.map((result) => result.sides[side]?.[kind].ratio).filter((ratio) => ratio !== undefined)
      return [side, { ...Object.fromEntries(kinds.map((kind) => [kind, geometricMean(ratios(kind))])), programs: ratios(kinds[0]).length }]
    }),
  )
}

/** The rows below the programs: means of the report's sets, if it has any, and of all programs. */
export function meanRows(report) {
  return [...(report.sets ?? []), { name: 'geometric mean', means: report.means }]
}

/** @param {string} kind of measurement, a key of a program's sides */
export function renderTable(report, kind, title) {
  const sides = report.sides.map((side) => side.name)
  const reference = report.reference
  const rows = [[title, ...sides]]
  for (const result of report.programs) {
    rows.push([result.name, ...sides.map((side) => renderCell(result.sides[side]?.[kind], side === reference))])
  }
  for (const row of meanRows(report)) rows.push([row.name, ...sides.map((side) => (side === reference ? '1' : renderRatio(row.means[side][kind])))])
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

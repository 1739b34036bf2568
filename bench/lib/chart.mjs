// An SVG bar chart of a stored report: how many times as fast as the reference each side is, per program, on a
// logarithmic axis. Written by hand: one rectangle per bar needs no charting library.

import { meanRows } from './report.mjs'

const colours = ['#4e79a7', '#f28e2b', '#b07aa1', '#76b7b2', '#9c755f', '#59a14f', '#e15759', '#bab0ac']
const plotWidth = 640
const right = 60
const barHeight = 9
const groupGap = 10
const top = 70

/** @param {string} kind of measurement, a key of a program's sides */
export function renderChart(report, kind, title) {
  const sides = report.sides.map((side) => side.name).filter((side) => side !== report.reference)
  const groups = [
    ...report.programs.map((program) => ({ name: program.name, ratios: sides.map((side) => program.sides[side]?.[kind].ratio) })),
    ...meanRows(report).map((row) => ({ name: row.name, mean: true, ratios: sides.map((side) => row.means[side][kind]) })),
  ]
  const speeds = groups.flatMap((group) => group.ratios.filter((ratio) => ratio > 0).map((ratio) => 1 / ratio))
  const low = Math.floor(Math.log10(Math.min(0.5, ...speeds)))
  const high = Math.ceil(Math.log10(Math.max(2, ...speeds)))
  const left = Math.max(130, ...groups.map((group) => 6 * group.name.length + 16))
  const x = (speed) => left + ((Math.log10(speed) - low) / (high - low)) * plotWidth
  const groupHeight = sides.length * barHeight + groupGap
  const height = top + groups.length * groupHeight + 40
  const bottom = height - 34

  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${left + plotWidth + right} ${height}" font-family="system-ui, sans-serif" font-size="11">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    text(left, 20, `Speed relative to ${report.reference}, ${title} (logarithmic; right is faster)`, {
      'font-size': 14,
      'font-weight': 600,
    }),
    text(left, height - 10, `${report.cpu}, ${report.date.slice(0, 10)}, commit ${report.commit}`, { fill: '#666666' }),
  ]
  sides.forEach((side, index) => {
    const offset = left + (index % 7) * (plotWidth / Math.min(7, sides.length))
    parts.push(rectangle(offset, 38, 10, 10, colours[index % colours.length]), text(offset + 14, 47, side, {}))
  })
  for (let exponent = low; exponent <= high; exponent++) {
    for (const factor of exponent === high ? [1] : [1, 2, 5]) {
      const speed = factor * 10 ** exponent
      const stroke = speed === 1 ? '#333333' : factor === 1 ? '#bbbbbb' : '#eeeeee'
      parts.push(`<line x1="${round(x(speed))}" x2="${round(x(speed))}" y1="${top - 8}" y2="${bottom}" stroke="${stroke}"/>`)
      if (factor === 1) parts.push(text(x(speed), bottom + 12, `${Number(speed.toPrecision(1))}x`, { 'text-anchor': 'middle' }))
    }
  }
  groups.forEach((group, row) => {
    const y = top + row * groupHeight
    const weight = group.mean ? { 'font-weight': 600 } : {}
    parts.push(text(left - 8, y + (sides.length * barHeight) / 2 + 4, group.name, { 'text-anchor': 'end', ...weight }))
    group.ratios.forEach((ratio, index) => {
      if (!(ratio > 0)) return
      const from = Math.min(x(1), x(1 / ratio))
      const width = Math.max(1, Math.abs(x(1 / ratio) - x(1)))
      const title = `${group.name}, ${sides[index]}: ${(1 / ratio).toPrecision(3)}x`
      parts.push(rectangle(from, y + index * barHeight, width, barHeight - 1, colours[index % colours.length], title))
    })
  })
  parts.push('</svg>')
  return `${parts.join('\n')}\n`
}

function rectangle(x, y, width, height, fill, title) {
  const head = `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${height}" fill="${fill}"`
  return title === undefined ? `${head}/>` : `${head}><title>${escapeText(title)}</title></rect>`
}

function text(x, y, content, attributes) {
  const list = Object.entries({ fill: '#222222', ...attributes }).map(([name, value]) => ` ${name}="${value}"`)
  return `<text x="${round(x)}" y="${round(y)}"${list.join('')}>${escapeText(content)}</text>`
}

function escapeText(value) {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

function round(value) {
  return Math.round(value * 10) / 10
}

// The program that all sides run, and what its host functions do.

/** Functions that call the host `n` times each. `wait` is as the side has it: a call that waits for a promise. */
export const PROGRAM = `
function identity(x) return x end
function field(t) return t.x end
function point() return { x = 1, y = 2 } end
function plain(n) local add = add local s = 0 for i = 1, n do s = add(s, i) end return s end
function method(n) local v = vector local s = 0.0 for i = 1, n do s = s + v:length() end return s end
function stringIn(n) local size = size local s = 0.0 for i = 1, n do s = s + size('twenty bytes of text') end return s end
function stringOut(n) local text = text local s = 0.0 for i = 1, n do s = s + #text() end return s end
function tableIn(n) local sum = sum local s = 0.0 for i = 1, n do s = s + sum({ x = i, y = 2 }) end return s end
function tableOut(n) local pair = pair local s = 0.0 for i = 1, n do s = s + pair(i).x end return s end
`

/** What the loops above come to. */
export const EXPECTED = {
  plain: (n) => (n * (n + 1)) / 2, method: (n) => 5 * n, stringIn: (n) => 20 * n, stringOut: (n) => 20 * n,
  tableIn: (n) => (n * (n + 1)) / 2 + 2 * n, tableOut: (n) => (n * (n + 1)) / 2,
}

export class Vector {
  constructor(x, y) {
    this.x = x
    this.y = y
  }
  length() {
    return Math.sqrt(this.x * this.x + this.y * this.y)
  }
}

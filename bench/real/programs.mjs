// The programs of bench/real.mjs: where each stands in its project, how often it is called, and what is changed in it. A change is a pair: a text
// that stands there exactly once (or a pattern), and what replaces it; nearly all of them show a result to the harness that the program forgets.

/**
 * @typedef {object} Program
 * @property {string} name set, a slash, and the program
 * @property {string} set
 * @property {string} path below the source's folder
 * @property {number} times calls of its function in a cold run, 1 to 2 s under lua5.4; in a warm one a quarter of them
 * @property {number} [inner] are-we-fast-yet: iterations within a call
 * @property {string[]} [modules] are-we-fast-yet: modules it requires
 * @property {[string | RegExp, string][]} [changes]
 * @property {boolean} [integers] needs 5.4's integers, so that LuaJIT's result differs and is only compared with itself
 * @property {string} [skipped] why it cannot run
 */

export const sources = {
  awfy: { repository: 'https://github.com/smarr/are-we-fast-yet', folder: 'are-we-fast-yet', programs: 'benchmarks/Lua' },
  luau: { repository: 'https://github.com/luau-lang/luau', folder: 'luau', programs: 'bench/tests' },
}

const vectors = 'Luau vectors'
const classes = "Luau's class syntax"

/** Luau's compound assignments. */
const compound = [/^(\s*)([\w.[\]]+)\s*([-+*/])=\s*([^;\n]+);?$/gm, '$1$2 = $2 $3 ($4)']

const awfy = {
  bounce: { inner: 100, times: 11 },
  cd: { inner: 100, times: 1 },
  deltablue: { inner: 1000, times: 20 },
  havlak: { inner: 1, times: 1, changes: [['main(inner_iterations, 50,', 'main(inner_iterations, 5,']] },
  json: { inner: 10, times: 6 },
  list: { inner: 100, times: 15 },
  mandelbrot: { inner: 500, times: 3 },
  nbody: { inner: 250000, times: 1 },
  permute: { inner: 100, times: 15 },
  queens: { inner: 100, times: 20 },
  richards: { inner: 10, times: 3 },
  sieve: { inner: 100, times: 30 },
  storage: { inner: 100, times: 4 },
  towers: { inner: 100, times: 6 },
}

const luau = {
  base64: { times: 20 },
  chess: { times: 6 },
  'chess-classes': { skipped: classes },
  life: { times: 11, changes: [['if gen>1000 then break end', 'if gen>1000 then bench.check(thisgen) break end']] },
  matrixmult: {
    times: 45,
    changes: [
      ['t[k] = math.random()', 't[k] = (i * 31 + k * 17) % 101 / 101'],
      ['return os.clock() - startTime', 'bench.check(result, 13)'],
    ],
  },
  'mesh-normal-scalar': {
    times: 15,
    changes: [
      [/^ *type Vertex = \{[^}]*\}\n/m, ''],
      [/local mesh: \{[\s\S]*?\n {4}\} = \{/, 'local mesh = {'],
      ['local v: Vertex =', 'local v ='],
      ['if area == 0 then 0 else 1 / area', 'area == 0 and 0 or 1 / area'],
      [/for _,v in mesh\.vertices do/g, 'for _,v in ipairs(mesh.vertices) do'],
      compound,
    ],
  },
  'mesh-normal-vector': { skipped: vectors },
  pcmmix: { skipped: 'Luau buffers' },
  qsort: { times: 7 },
  sha256: { times: 8 },
  sieve: {
    times: 5,
    changes: [
      ['-- print(n)', 'sum = (sum or 0) + n --'],
      ['local ts1 = os.clock()', 'local ts1 = os.clock() bench.check(sum)'],
    ],
  },
  tictactoe: { times: 5 },
  trig: { times: 25, changes: [['return ts1-ts0', 'bench.check(array, 997) return ts1-ts0']] },
  'vector-math': { skipped: vectors },
  voxelgen: {
    times: 2,
    changes: [
      ['table.insert(theseed,math.random())', 'table.insert(theseed,i*0.6180339887%1)'],
      ['-- local regionStart =', 'bench.check(oMapX, 5) -- local regionStart ='],
    ],
  },
  'shootout/ack': { times: 20 },
  'shootout/binary-trees': { times: 35 },
  'shootout/fannkuch-redux': { times: 65 },
  'shootout/fixpoint-fact': { times: 7, integers: true, changes: [['--print(s)', 'print(s)']] },
  'shootout/heapsort': { times: 50 },
  'shootout/mandel': { times: 12 },
  'shootout/n-body': { times: 35 },
  'shootout/n-body-vector': { skipped: vectors },
  'shootout/qt': { times: 11, changes: [['--print("area",g,b,g+b)', 'print("area",g,b,g+b)']] },
  'shootout/queen': {
    times: 400,
    changes: [
      ['    printsolution(a)\n', '    printsolution(a) solutions = (solutions or 0) + a[1] * N + a[N]\n'],
      ['addqueen({}, 1)', 'addqueen({}, 1) bench.check(solutions)'],
    ],
  },
  'shootout/scimark': { times: 11, changes: [['  run(10, ...)\n', '  bench.check(run(10, ...))\n']] },
  'shootout/spectral-norm': { times: 45 },
  'sunspider/3d-cube': { times: 80 },
  'sunspider/3d-morph': { times: 70 },
  'sunspider/3d-raytrace': { times: 65 },
  'sunspider/controlflow-recursive': { times: 200 },
  'sunspider/crypto-aes': {
    times: 30,
    changes: [
      ['local nonce = os.clock() * 1000', 'local nonce = 20260101'],
      ['"[\\0\\t', '"[%z\\t'],
    ],
  },
  'sunspider/fannkuch': { times: 30 },
  'sunspider/math-cordic': { times: 20 },
  'sunspider/math-partial-sums': { times: 100 },
  'sunspider/n-body-oop': { times: 15, changes: [compound] },
  'sunspider/n-body-oop-classes': { skipped: classes },
  'zefbench/air': { times: 1 },
  'zefbench/basic': { times: 1 },
  'zefbench/cdx': { times: 1 },
  'zefbench/richards': { times: 1 },
}

/** @type {Program[]} */
export const allPrograms = [
  ...Object.entries(awfy).map(([name, program]) => ({ name: `awfy/${name}`, set: 'awfy', path: `${name}.lua`, ...program })),
  ...Object.entries(luau).map(([name, program]) => ({ name: `luau/${name}`, set: 'luau', path: `${name}.lua`, ...program })),
]

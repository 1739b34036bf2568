/**
 * THE table of builtins implemented in the core. `scripts/build-core.mjs` generates the dispatch of the core from it; the host
 * creates one builtin object for each and puts it into its library; a recorder recognises a builtin by its id
 * (place in the list + 1), which is what `BUILTIN_ID` holds.
 */
export interface BuiltinDescription {
  /**
   * Table it goes into: a library's; '' for globals; 'internal', which only the parts written in Lua see; 'string metatable'; 'file' for the methods of files;
   * 'none': other builtins make them.
   */
  readonly library: string;
  readonly name: string;
  /** Core module (file in src/core without .ts) and exported function that implement it. */
  readonly module: string;
  readonly implementation: string;
  /**
   * Whether a call takes a bounded number of steps, or as many as an operand is long, which it then pays for (src/core/base/budget.ts). Numerals
   * in place of numbers are paid for where they are read. test/core/base/work.test.ts holds every builtin to it.
   */
  readonly work: 'constant' | 'length';
}

/** Its name among all functions: `string.rep`, `print`. */
export const fullName = ({ library, name }: Pick<BuiltinDescription, 'library' | 'name'>): string => (library === '' ? name : `${library}.${name}`);

/** @param long names of those whose work grows with an operand; all by default */
const library = (libraryName: string, module: string, names: Readonly<Record<string, string>>, long = Object.keys(names)): BuiltinDescription[] =>
  Object.entries(names).map(([name, implementation]) => ({ library: libraryName, name, module, implementation, work: long.includes(name) ? 'length' : 'constant' }));

export const BUILTINS: readonly BuiltinDescription[] = [
  ...library('', 'lib/base', {
    assert: 'baseAssert', error: 'baseError', getmetatable: 'baseGetmetatable', ipairs: 'baseIpairs', next: 'baseNext',
    pairs: 'basePairs', rawequal: 'baseRawequal', rawget: 'baseRawget', rawlen: 'baseRawlen', rawset: 'baseRawset',
    select: 'baseSelect', setmetatable: 'baseSetmetatable', tonumber: 'baseTonumber', tostring: 'baseTostring', type: 'baseType',
    collectgarbage: 'baseCollectgarbage',
  }, ['assert', 'error', 'next', 'rawequal', 'rawget', 'rawset', 'select', 'tonumber', 'tostring', 'collectgarbage']),
  ...library('', 'lib/io', { print: 'basePrint' }),
  ...library('', 'lib/protected-call', { pcall: 'basePcall', xpcall: 'baseXpcall' }),
  ...library('coroutine', 'lib/coroutine', {
    close: 'coroutineClose', create: 'coroutineCreate', isyieldable: 'coroutineIsyieldable', resume: 'coroutineResume',
    running: 'coroutineRunning', status: 'coroutineStatus', wrap: 'coroutineWrap', yield: 'coroutineYield',
  }, ['resume', 'yield']),
  // Internal: the iterators ipairs and utf8.codes return, and what Lua-written functions are built on. A program with the debug library may get hold of them.
  ...library('internal', 'lib/base', {
    ipairsStep: 'baseIpairsStep', argumentError: 'baseArgumentError', integerArgument: 'baseIntegerArgument',
  }, ['integerArgument']),
  ...library('internal', 'lib/io', { lines: 'ioLines', printText: 'ioPrintText' }),
  ...library('internal', 'lib/string-find', { matchFrom: 'stringMatchFrom' }),
  ...library('internal', 'lib/string-format', { formatConverted: 'stringFormatConverted' }),
  ...library('internal', 'lib/utf8', { codesStep: 'utf8CodesStep', codesStepLax: 'utf8CodesStepLax' }),
  ...library('none', 'lib/io', { linesStep: 'ioLinesStep' }),
  ...library('none', 'lib/base', { runFinalizers: 'baseRunFinalizers' }, ['runFinalizers']),
  ...library('none', 'lib/string-find', { gmatchStep: 'stringGmatchStep' }),
  ...library('none', 'lib/coroutine', { wrapStep: 'coroutineWrapStep' }),
  ...library('internal', 'lib/table-sort', { lessThan: 'tableLessThan' }),
  ...library('math', 'lib/math', {
    abs: 'mathAbs', ceil: 'mathCeil', floor: 'mathFloor', fmod: 'mathFmod', max: 'mathMax', min: 'mathMin', modf: 'mathModf',
    random: 'mathRandom', randomseed: 'mathRandomseed', sqrt: 'mathSqrt', tointeger: 'mathTointeger', type: 'mathType', ult: 'mathUlt',
    exp: 'mathExp', log: 'mathLog', sin: 'mathSin', cos: 'mathCos', tan: 'mathTan', asin: 'mathAsin', acos: 'mathAcos', atan: 'mathAtan',
    deg: 'mathDeg', rad: 'mathRad',
    cosh: 'mathCosh', sinh: 'mathSinh', tanh: 'mathTanh', pow: 'mathPow', frexp: 'mathFrexp', ldexp: 'mathLdexp', log10: 'mathLog10',
  }, []),
  ...library('string', 'lib/string', {
    byte: 'stringByte', char: 'stringChar', len: 'stringLen', lower: 'stringLower', upper: 'stringUpper', rep: 'stringRep',
    reverse: 'stringReverse', sub: 'stringSub',
  }),
  ...library('string', 'chunk/write', { dump: 'stringDump' }),
  ...library('string', 'lib/string-format', { format: 'stringFormat' }),
  ...library('string', 'lib/string-pack', { pack: 'stringPack', packsize: 'stringPacksize', unpack: 'stringUnpack' }),
  ...library('string', 'lib/string-find', { find: 'stringFind', match: 'stringMatch', gmatch: 'stringGmatch', gsub: 'stringGsub' }),
  ...library('table', 'lib/table', {
    concat: 'tableConcat', insert: 'tableInsert', remove: 'tableRemove', pack: 'tablePack', unpack: 'tableUnpack', move: 'tableMove',
  }),
  ...library('utf8', 'lib/utf8', { char: 'utf8Char', codepoint: 'utf8Codepoint', codes: 'utf8Codes', len: 'utf8Len', offset: 'utf8Offset' }),
  ...library('table', 'lib/table-sort', { sort: 'tableSort' }),
  ...library('io', 'lib/io', { write: 'ioWrite', read: 'ioRead' }),
  // Methods of files.
  ...library('file', 'lib/io', { write: 'fileWrite', read: 'fileRead' }),
  // In the metatable of strings; in the order of the events.
  ...library('string metatable', 'lib/string-arithmetic', {
    __add: 'arithmeticAdd', __sub: 'arithmeticSub', __mul: 'arithmeticMul', __mod: 'arithmeticMod', __pow: 'arithmeticPow', __div: 'arithmeticDiv',
    __idiv: 'arithmeticIdiv', __unm: 'arithmeticUnm',
  }),
];

/**
 * Builtins that can be called again, after a collection, when an allocation in them failed: what they allocate, they allocate before they change
 * anything a program can see, their arguments, and the slot of the function itself. One that goes on to change something clears that
 * slot (setNil(base - SLOT_SIZE)). The stress builds let allocations in them fail on purpose.
 */
export const REPEATABLE: ReadonlySet<string> = new Set([
  'baseAssert', 'baseError', 'baseRawset', 'baseSetmetatable', 'baseTonumber', 'baseTostring', 'basePcall', 'coroutineCreate', 'coroutineWrap',
  'stringByte', 'stringChar', 'stringLower', 'stringUpper', 'stringRep', 'stringReverse', 'stringSub', 'stringFormat', 'stringPack', 'stringUnpack',
  'stringFind', 'stringMatch', 'stringGmatch', 'stringGsub', 'tableConcat', 'tableInsert', 'tablePack', 'tableUnpack', 'tableMove', 'utf8Char', 'utf8Codepoint',
]);

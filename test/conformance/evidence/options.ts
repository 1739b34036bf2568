/**
 * The options of the library functions, by function: option strings, conversions, the optional arguments that change what a function does
 * (recorder.lua says how each is told from a call), and the kinds of results of functions that classify (`function ->`).
 */

const words = (text: string): string[] => text.split(' ');

const READ_FORMATS = words('default n l L a 0 count *n *l *L *a');

const FLAGS: Readonly<Record<string, string>> = {
  d: '-+0 ', i: '-+0 ', u: '-0', c: '-', o: '-#0', x: '-#0', X: '-#0', a: '-+#0 ', A: '-+#0 ', f: '-+#0 ', e: '-+#0 ', E: '-+#0 ', g: '-+#0 ', G: '-+#0 ',
  p: '-', s: '-',
};

/** Conversions that take a precision. */
const PRECISION = 'diuoxXaAfeEgGs';

const conversions = Object.entries(FLAGS).flatMap(([conversion, flags]) => [
  conversion,
  `width ${conversion}`,
  ...(PRECISION.includes(conversion) ? [`precision ${conversion}`] : []),
  ...Array.from(flags, (flag) => flag + conversion),
]);

const SIZES = words('b B h H i in I In l L j J T f d n');
const LAYOUT = ['<', '>', '=', '!', '!n', ' ', 'x', 'X'];

export const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  collectgarbage: words('collect stop restart count step isrunning generational incremental setpause setstepmul'),
  dofile: words('file stdin'),
  error: words('default 0 1 2'),
  load: words('t b bt default string function binary env globals'),
  loadfile: words('t b bt default file stdin env globals'),
  'pcall ->': words('true false'),
  select: words('# positive negative'),
  setmetatable: words('table nil'),
  tonumber: words('plain base'),
  'type ->': words('nil boolean number string table function thread userdata'),
  warn: words('@on @off one pieces'),
  xpcall: words('plain arguments'),
  'xpcall ->': words('true false'),

  'coroutine.close': words('suspended dead'),
  'coroutine.close ->': words('true false'),
  'coroutine.isyieldable': words('running thread'),
  'coroutine.isyieldable ->': words('true false'),
  'coroutine.resume ->': words('true false'),
  'coroutine.status ->': words('suspended running normal dead'),

  'debug.getinfo': words('number function thread default S l u n t r L f'),
  // And `hook`, which the notes, taken by a hook of their own, hide (test/lua/debug/names.lua).
  'debug.getinfo ->': [
    'what Lua', 'what C', 'what main', 'namewhat global', 'namewhat local', 'namewhat method', 'namewhat field', 'namewhat upvalue', 'namewhat metamethod',
    'namewhat for iterator', 'namewhat ', 'tail call', 'plain call', 'vararg', 'fixed', 'no such level',
  ],
  'debug.gethook ->': ['none', 'c', 'r', 'l', 'crl', ''],
  'debug.getlocal': words('number function thread local vararg'),
  'debug.setlocal': words('running thread local vararg'),
  'debug.sethook': words('none thread c r l count'),
  hook: ['call', 'tail call', 'return', 'line', 'count'],
  'debug.setmetatable': words('nil boolean number string table function thread userdata'),
  'debug.traceback': words('running thread nil string table default level'),

  'file.close ->': ['closed', 'exit', 'signal'],
  'file.lines': READ_FORMATS,
  'file.read': READ_FORMATS,
  'file.seek': words('set cur end'),
  'file.setvbuf': words('no full line'),
  'io.close': words('nil userdata'),
  'io.input': words('nil string userdata'),
  'io.lines': READ_FORMATS,
  'io.open': words('r w a r+ w+ a+ rb wb ab r+b w+b a+b'),
  'io.output': words('nil string userdata'),
  'io.popen': words('r w'),
  'io.read': READ_FORMATS,
  'io.type ->': ['file', 'closed file', 'nil'],

  'math.atan': words('plain quadrant'),
  'math.log': words('plain base'),
  'math.random': ['0', '1', '2'],
  'math.randomseed': ['0', '1', '2'],
  'math.type ->': words('integer float nil'),

  // Those of C99; o and E in front of some are the locale's other forms.
  'os.date': [
    ...'aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%', ...words('Ec EC Ex EX Ey EY Od Oe OH OI Om OM OS Ou OU OV Ow OW Oy'), '!', '*t', 'default',
  ],
  'os.execute ->': words('available exit signal'),
  'os.setlocale': words('all collate ctype monetary numeric time'),
  'os.time': words('now table'),
  'package.searchpath': ['2', '3', '4'],

  'string.dump': words('plain strip'),
  'string.find': words('pattern init plain'),
  'string.format': [...conversions, 'q', '%'],
  'string.gmatch': words('pattern init'),
  'string.gsub': words('string number table function all limit'),
  'string.match': words('pattern init'),
  'string.pack': [...SIZES, ...LAYOUT, 's', 'sn', 'z', 'cn'],
  'string.packsize': [...SIZES, ...LAYOUT, 'cn'],
  'string.rep': words('plain separator'),
  'string.unpack': [...SIZES, ...LAYOUT, 's', 'sn', 'z', 'cn'],

  'table.concat': ['1', '2', '3', '4'],
  'table.insert': ['2', '3'],
  'table.move': ['4', '5'],
  'table.remove': ['1', '2'],
  'table.sort': words('plain comparator'),
  'table.unpack': ['1', '2', '3'],

  'utf8.codepoint': words('strict lax'),
  'utf8.codes': words('strict lax'),
  'utf8.len': words('strict lax'),
  'utf8.offset': words('positive zero negative default from'),
};

/**
 * Random calls of the string, utf8 and table libraries: patterns, formats of numbers and strings, conversions, packing. All are valid, and short.
 * NaN reaches no format, since the sign of a NaN is left open.
 */
import type { ExpressionContext, ExpressionGenerator } from './expressions.ts';
import { type Expression, expression } from './tree.ts';

const patterns = [
  'a', 'o+', '[a-m]+', '%d+', '%a', '%w+', '(%a)(%d?)', '^%s*(.-)%s*$', '.-e', '[^aeiou]', '%f[%w]%w+', '()l', '(.)%1', '%b()', 'x*', '[%]%-a]', '.', '^k', '1$', '(%w+) (%w+)',
  '%x%x', '[\\0-\\31]', '%p', '(a*(.)%w(%s*))', '', '%-?%d+%.?%d*', '[[:alpha:]]', '%u%l*',
];
const subjects = ['"hello world"', '"k1=v1, k2=v2"', '"  trimmed  "', '"f(a(b)c)d"', '"12 -3.5 0x1F"', '"aabbccdd"', '"x\\0y\\255z"', '"Lua Moon Trace"', '""'];
const replacements = ['"<%0>"', '"%1"', '"[%1%%]"', '""', '"x"', '{ a = "A", o = 0, l = false, ["12"] = 1.5 }', 'string.upper', 'function(m) if #m > 1 then return #m end end'];
const integerFormats = ['%d', '%5d', '%-5d|', '%05d', '%+d', '% d', '%x', '%X', '%#x', '%o', '%#o', '%.3d', '%8.4d', '%i', '%-8x|', '%.0d'];
const floatFormats = ['%g', '%.3f', '%e', '%10.2f', '%-10.1e|', '%+.3g', '%.14g', '%.17g', '%#.0f', '%a', '%.0f', '%G', '%E', '%08.2f', '% .1f', '%.1a', '%5.0e'];
const stringFormats = ['%s', '%10s', '%-10s|', '%.3s', '%8.2s', '%q', '%-3s|'];
const packed = ['<i4', '>i2', '<I3', '=j', '<d', '>n', '!4 i1 i4', 's1', 'z', '<i7', '>I5', 'b', 'H'];

export class TextGenerator {
  constructor(readonly expressions: ExpressionGenerator) {}

  /** A string. */
  string(depth: number, context: ExpressionContext): Expression {
    const { expressions } = this;
    const { random } = expressions;
    const int = (): Expression => expressions.make('int', Math.min(depth, 1), context);
    const float = (): Expression => expressions.make('float', Math.min(depth, 1), context);
    const text = (): Expression => this.#subject(context);
    return random.pick<() => Expression>([
      () => expression('str', `string.format("${random.pick(integerFormats)}", `, int(), ')'),
      () => expression('str', `format("${random.pick(floatFormats)}", `, float(), ')'),
      () => expression('str', `string.format("${random.pick(stringFormats)}", ((`, text(), '):gsub("%z", "0")))'),
      () => expression('str', 'string.format("%q", ', int(), ')'),
      () => expression('str', 'string.format("%s/%s", ', expressions.make('bool', 0, context), ', ', int(), ')'),
      () => expression('str', 'string.format("%c%c", ', int(), ' % 256, ', int(), ' & 127)'),
      () => expression('str', '((', text(), `):match("${random.pick(patterns)}") or "none")`, ' .. ""'),
      () => expression('str', '((', text(), `):gsub("${random.pick(patterns)}", ${random.pick(replacements)}, `, random.pick(['nil', '1', '2', '0', '-1']), '))'),
      () => expression('str', 'words(', text(), `, "${random.pick(patterns)}")`),
      () => expression('str', 'show(tonumber(', text(), '))'),
      () => expression('str', `show(tonumber(${random.pick(['"ff"', '"zz"', '"-7f"', '"1e1"', '" 12 "', '"8"', '"0x10"'])}, ${random.pick([2, 8, 10, 16, 36])}))`),
      () => expression('str', 'tostring(', int(), ' / 8)'),
      () => expression('str', `table.concat({ `, int(), ', ', text(), ', ', int(), ` }, ${random.pick(['""', '","', '", "'])}, ${random.pick(['1', '2', '1, 2', '2, 3', '3, 2'])})`),
      () => expression('str', 'utf8.char(', int(), ' & 0x7fff, 65, ', int(), ' & 0xfffff)'),
      () => expression('str', `show(utf8.len(`, text(), ', 1, -1, ', random.pick(['true', 'false']), '))'),
      () => this.#packing(int, text),
      () => expression('str', '(', text(), '):rep(', int(), ' % 4, "-")'),
      () => expression('str', `(#{ (`, text(), '):byte(1, -1) } .. "")'),
    ])();
  }

  /** An integer. */
  integer(depth: number, context: ExpressionContext): Expression {
    const { expressions } = this;
    const { random } = expressions;
    const int = (): Expression => expressions.make('int', Math.min(depth, 1), context);
    const text = (): Expression => this.#subject(context);
    return random.pick<() => Expression>([
      () => expression('int', '((', text(), `):find("${random.pick(patterns)}", `, int(), ' % 12 - 4) or -1)'),
      () => expression('int', '((', text(), `):find(`, text(), ', 1, true) or 0)'),
      () => expression('int', '(select(2, (', text(), `):gsub("${random.pick(patterns)}", "%0%0")))`),
      () => expression('int', '((', text(), '):byte(', int(), ' % 9 - 3) or 7)'),
      () => expression('int', '#(', text(), ')'),
      () => expression('int', '(math.tointeger(tonumber(', text(), ')) or 3)'),
      () => expression('int', 'select("#", table.unpack({ ', int(), ', ', int(), ` }, 1, ${random.integer(0, 5)}))`),
      () => expression('int', '(select(', random.pick(['-1', '-2', '1', '2']), ', ', int(), ', ', int(), '))'),
      () => expression('int', 'table.pack(', int(), ', nil, ', int(), ').n'),
      () => expression('int', '(string.unpack("<i4", string.pack("<i4", ', int(), ' & 0x7fffffff)))'),
    ])();
  }

  #packing(int: () => Expression, text: () => Expression): Expression {
    const { random } = this.expressions;
    const format = random.pick(packed);
    if (format === 'z') return expression('str', 'string.pack("z", ((', text(), '):gsub("%z", "")))');
    if (format === 's1') return expression('str', 'string.pack("s1", ', text(), ')');
    if (format === '!4 i1 i4') return expression('str', 'string.pack("!4 i1 i4", ', int(), ' & 127, ', int(), ' & 0xffff)');
    return expression('str', `string.pack("${format}", `, int(), ' & 127)');
  }

  #subject(context: ExpressionContext): Expression {
    const { random } = this.expressions;
    return random.chance(0.5) ? expression('str', random.pick(subjects)) : expression('str', '(', this.expressions.leaf('str', context), '):sub(-40)');
  }
}

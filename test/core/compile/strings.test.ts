/** Values of string literals. */
import { describe, expect, it } from 'vitest';
import { compileText } from './compile-text.ts';

/** Value of a string literal as a byte string. */
function literalValue(literal: string): string {
  const [constant] = compileText(`local s = ${literal}`).constants;
  return String.fromCharCode(...(constant as Uint8Array));
}

describe('quoted strings', () => {
  it.each([
    ['""', ''],
    [`'it"s'`, 'it"s'],
    [`"it's"`, "it's"],
    [String.raw`'\a\b\f\n\r\t\v\\\"\''`, '\x07\b\f\n\r\t\v\\"\''],
    [String.raw`'\x41\xfF\x00'`, 'A\xff\0'],
    [String.raw`'\65\065\0650\0\2559'`, 'AAA0\0\xff9'],
    [String.raw`'a\z   b'`, 'ab'],
    ["'a\\z \n\t\r\n b\\z'", 'ab'],
    ["'a\\\nb\\\r\nc\\\n\rd\\\re'", 'a\nb\nc\nd\ne'],
    [String.raw`'\u{41}\u{e9}\u{20ac}\u{10FFFF}'`, 'A\xc3\xa9\xe2\x82\xac\xf4\x8f\xbf\xbf'],
    [String.raw`'\u{7FF}\u{800}\u{FFFF}\u{10000}'`, '\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80'],
    [String.raw`'\u{1FFFFF}\u{200000}'`, '\xf7\xbf\xbf\xbf\xf8\x88\x80\x80\x80'],
    [String.raw`'\u{3FFFFFF}\u{4000000}\u{7FFFFFFF}'`, '\xfb\xbf\xbf\xbf\xbf\xfc\x84\x80\x80\x80\x80\xfd\xbf\xbf\xbf\xbf\xbf'],
    [String.raw`'\u{000000000000000041}'`, 'A'],
    ["'\xff\x80\x01'", '\xff\x80\x01'],
  ])('%j', (literal, value) => {
    expect(literalValue(literal)).toBe(value);
  });
});

describe('long strings', () => {
  it.each([
    ['[[]]', ''],
    ['[[a\\n]]', 'a\\n'],
    ['[[\na]]', 'a'],
    ['[[\r\n\na]]', '\na'],
    ['[[a\r\nb\n\rc\rd\ne]]', 'a\nb\nc\nd\ne'],
    ['[==[a]]b]=]c]==]', 'a]]b]=]c'],
    ['[=[[=[]=]', '[=['],
    ['[=[]]=]', ']'],
    ['[[a]b]]', 'a]b'],
  ])('%j', (literal, value) => {
    expect(literalValue(literal)).toBe(value);
  });
});

describe('comments', () => {
  it.each(['--', '-- x', '--[ x', '--[==x]]', '--[[ x ]]', '--[[\n\n]]', '--[==[ ]] ]=] ]==]', '--[==\n', '--]]'])('%j', (comment) => {
    expect(compileText(`local a ${comment}\nlocal b`).locals).toHaveLength(2);
  });

  it('count lines of long comments', () => {
    expect(compileText('--[[\n\n]] local a = b').lines.at(-1)).toBe(3);
  });
});

/** Limits are PUC-Rio's, and no source exhausts the host's stack. */
import { describe, expect, it } from 'vitest';
import { LUA54 } from '../../support/needs.ts';
import { compileText, errorOf, referenceErrors } from './compile-text.ts';
import { findDefect } from '../../support/binary-chunk.ts';

const lines = (count: number, line: (n: number) => string): string => Array.from({ length: count }, (_, n) => line(n + 1)).join('\n');
const manyLocals = (count: number): string => lines(count, (n) => `local a${n}`);
const upvalues = `${lines(150, (n) => `local a${n}`)} function f()\n${lines(150, (n) => `local b${n}`)} function g()
${lines(150, (n) => `x = a${n} + b${n}`)} end end`;

const CASES: readonly (readonly [name: string, source: string])[] = [
  ['200 locals', manyLocals(200)],
  ['201 locals', manyLocals(201)],
  ['201 names in a list', `function f()\nlocal ${lines(201, (n) => `a${n}`).replaceAll('\n', ', ')} end`],
  ['201 parameters', `\nlocal function f(${lines(201, (n) => `a${n}`).replaceAll('\n', ', ')}) end`],
  ['hidden variables of a for', `${manyLocals(198)} for x in y do end`],
  ['256 upvalues', upvalues],
  ['arguments', `f(${'a, '.repeat(300)}1)`],
  ['arguments on lines', `f(${'a,\n'.repeat(300)}1)`],
  ['returned values', `return ${'a,\n'.repeat(300)}1`],
  ['values of locals', `local x = ${'a,'.repeat(300)}1`],
  ['nested calls', `${manyLocals(199)}\nreturn ${'f('.repeat(60)}1${')'.repeat(60)}`],
  ['nested method calls', `${manyLocals(199)}\nreturn ${'a:f('.repeat(60)}1${')'.repeat(60)}`],
  ['nested operands', `${manyLocals(199)}\nreturn ${'f(x) + ('.repeat(60)}1${')'.repeat(60)}`],
  ['nested tables', `${manyLocals(199)}\nx = ${'{'.repeat(60)}1${'}'.repeat(60)}`],
  ['195 parentheses', `return ${'('.repeat(195)}1${')'.repeat(195)}`],
  ['196 parentheses', `return ${'('.repeat(196)}1${')'.repeat(196)}`],
  ['197 blocks', 'do '.repeat(197) + 'end '.repeat(197)],
  ['198 blocks', 'do '.repeat(198) + 'end '.repeat(198)],
  ['98 functions', 'return function() '.repeat(98) + 'end '.repeat(98)],
  ['99 functions', 'return function() '.repeat(99) + 'end '.repeat(99)],
  ['196 targets', `local a; a${', a'.repeat(195)} = 1`],
  ['197 targets', `local a; a${', a'.repeat(196)} = 1`],
  ['195 concatenations', `local a; return a${'..a'.repeat(195)}`],
  ['196 concatenations', `local a; return a${'..a'.repeat(196)}`],
  ['powers', `local a; return a${'^a'.repeat(1000)}`],
  ['negations', `local a; return ${'- '.repeat(1000)}a`],
  ['open tables', `return ${'{'.repeat(1000)}`],
  ['197 labels in a row', lines(197, (n) => `::a${n}::`)],
  ['198 labels in a row', lines(198, (n) => `::a${n}::`)],
];

describe('limits', () => {
  it.skipIf(LUA54.isMissing)(LUA54.title('agree with the reference implementation'), () => {
    const expected = referenceErrors(CASES.map(([, source]) => source));
    CASES.forEach(([name, source], index) => {
      expect(errorOf(source), name).toBe(expected[index]);
    });
  });

  it('name the limit, the function and the token', () => {
    expect(errorOf(manyLocals(201))).toBe('c:201: too many local variables (limit is 200) in main function near <eof>');
    expect(errorOf(upvalues)).toBe("c:428: too many upvalues (limit is 255) in function at line 300 near '+'");
    expect(errorOf(`f(${'a,\n'.repeat(300)}1)`)).toBe("c:255: function or expression needs too many registers near 'a'");
    expect(errorOf(`return ${'('.repeat(196)}1`)).toBe('C stack overflow');
  });
});

describe('long sources', () => {
  it.each([
    ['sums', `local a; return a${'+a'.repeat(50000)}`],
    ['calls', `local a; return a${'()'.repeat(50000)}`],
    ['fields', `local a; return a${'.b'.repeat(50000)}`],
    ['conditions', `local a, b; return a${' and a or b'.repeat(50000)}`],
    ['alternatives', `local a; if a then ${'elseif a == 1 then f() '.repeat(20000)} end`],
    ['semicolons', ';'.repeat(100000)],
    ['constants', `return {${lines(10000, (n) => `k${n} = ${n}.5,`)}}`],
    ['method names', `local a; ${lines(5000, (n) => `a:m${n}(x${n}); x${n} = a.m${n} + ${n}`)}`],
  ])('%s', (_, source) => {
    expect(findDefect(compileText(source))).toBeUndefined();
  });

  // The body is longer than a comparison can jump.
  const body = 'f() '.repeat(20000);
  it.each([
    ['while', `local a; while a < 1 do ${body} end`],
    ['and/or value', `local a, b; b = a and g({${'f(),'.repeat(20000)}}) or 5`],
    ['kept test value', `local a, b, c; b = c or (a < 1 and g({${'f(),'.repeat(20000)}}))`],
    ['two nested', `local a; if a < 1 then if a == nil then ${body} else ${body} end end`],
    ['for', `for i = 1, 2 do if i > 1 then ${body} break end ${body} end`],
    ['goto', `local a; ::top:: if a ~= 1 then goto bottom end ${body} goto top; ::bottom::`],
  ])('far jump: %s', (_, source) => {
    const prototype = compileText(source);
    expect(findDefect(prototype)).toBeUndefined();
    expect(prototype.lines.length).toBe(prototype.code.length / 2);
  });
});

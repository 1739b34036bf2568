/** Messages of syntax errors are PUC-Rio's, to the letter. */
import { describe, expect, it } from 'vitest';
import { LuaError } from '../../../src/engine/errors/errors.ts';
import { createVm } from '../../../src/api/index-node.ts';
import { compileSource } from '../../support/binary-chunk.ts';
import { LUA54 } from '../../support/needs.ts';
import { compileText, errorOf, referenceErrors } from './compile-text.ts';
import { ERROR_CASES } from './error-cases.ts';

describe('syntax errors', () => {
  it.each(ERROR_CASES)('%j', (source, message) => {
    expect(errorOf(source)).toBe(`c:${message}`);
  });

  it.skipIf(LUA54.isMissing)(LUA54.title('agree with the reference implementation'), () => {
    expect(ERROR_CASES.map(([, message]) => `c:${message}`)).toEqual(referenceErrors(ERROR_CASES.map(([source]) => source)));
  });

  it('carry a code', () => {
    expect(() => compileText('x = ')).toThrow(LuaError);
    expect(() => compileText('x = ')).toThrow(expect.objectContaining({ code: 'syntax' }));
  });
});

describe('chunk names in messages', () => {
  const name = 'n'.repeat(100);
  it.each([
    ['=stdin', 'stdin'],
    [`=${name}`, 'n'.repeat(59)],
    ['@script.lua', 'script.lua'],
    [`@${'n'.repeat(59)}`, 'n'.repeat(59)],
    [`@${name}end`, `...${'n'.repeat(53)}end`],
    ['return 1', '[string "return 1"]'],
    ['x = 1\ny = 2', '[string "x = 1..."]'],
    ['\nx', '[string "..."]'],
    [name, `[string "${'n'.repeat(45)}..."]`],
    ['', '[string ""]'],
    ['n'.repeat(44), `[string "${'n'.repeat(44)}"]`],
    ['n'.repeat(45), `[string "${'n'.repeat(45)}..."]`],
  ])('%j', (source, id) => {
    expect(createVm().load("return debug.getinfo(1, 'S').short_src", source).call1()).toBe(id);
    expect(() => compileSource('x =', source)).toThrow(`${id}:1: unexpected symbol near <eof>`);
  });
});

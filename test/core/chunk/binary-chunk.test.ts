/** Binary chunks: what is damaged or forged is refused, what the compiler makes is not. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { encodeHigh, encodeLow } from '../../../src/bytecode/instruction.ts';
import { Op, type OpName } from '../../../src/bytecode/opcode-table.ts';
import type { Prototype } from '../../support/prototype.ts';
import { createVm } from '../../../src/api/index-node.ts';
import { decodeBase64 } from '../../../src/engine/base64.ts';
import { LUA_LIBRARIES } from '../../../src/engine/generated/lua-libraries.ts';
import { withoutShebang } from '../../../src/engine/load/source-text.ts';
import { chunkDefect, compileSource, dumpSource, findDefect, parseBinaryChunk, withChecksum, writeBinaryChunk } from '../../support/binary-chunk.ts';

const compile = (source: string): Prototype => compileSource(source, '@chunk.lua');

const source = `local a <const>, b = 1, -2.5
  local t <close> = nil
  for i, v in ipairs({ 1, 2, ... }) do b = b + i * v end
  return function(x, ...) local s = x .. 'text' for i = 1, 10 do s = s .. i end return s, b, ... end`;
const sample = compile(source);
const chunk = dumpSource(source, '@chunk.lua');

const problemOf = (bytes: Uint8Array): string => chunkDefect(bytes) ?? 'none';

test('the engine reads and writes the format', () => {
  expect(writeBinaryChunk(sample, false)).toEqual(chunk);
  expect(writeBinaryChunk(sample, true)).toEqual(dumpSource(source, '@chunk.lua', true));
  const everything = `local s = "text\\xff" .. ("long"):rep(3) .. '${'x'.repeat(100)}'
    local function f(x, ...) for i = 1, 10 do s = s .. i end return a, s, ... end
    return f, {nil, true, false, 9223372036854775807, -1e300, 0x1p-1074, k = function() return s end}`;
  const dumped = dumpSource(everything);
  expect(dumpSource(dumped)).toEqual(dumped);
  expect(writeBinaryChunk(parseBinaryChunk(dumped), false)).toEqual(dumped);
});

test('the chunk of a library has lines, but no names of variables', () => {
  const stripped = parseBinaryChunk(dumpSource(source, '@chunk.lua', 'names'));
  expect(stripped.locals).toEqual([]);
  expect(stripped.upvalues.map(({ name }) => name)).toEqual(['']);
  expect([stripped.source, stripped.lines, stripped.code]).toEqual([sample.source, sample.lines, sample.code]);
  for (const image of Object.values(LUA_LIBRARIES)) {
    const all = (prototype: Prototype): Prototype[] => [prototype, ...prototype.prototypes.flatMap(all)];
    for (const { locals, lines } of all(parseBinaryChunk(decodeBase64(image)))) expect([locals, lines.length > 0]).toEqual([[], true]);
  }
});

test('a stripped chunk has no names, lines or source', () => {
  const stripped = parseBinaryChunk(dumpSource(source, '@chunk.lua', true));
  expect(stripped.source).toBe('=?');
  expect(stripped.lines).toHaveLength(0);
  expect(stripped.locals).toEqual([]);
  expect(stripped.upvalues.map(({ name }) => name)).toEqual(['']);
  expect(stripped.code).toEqual(sample.code);
});

test('no prefix is accepted, each is called truncated', () => {
  for (let length = 1; length < chunk.length; length++) expect(problemOf(chunk.subarray(0, length))).toBe('truncated chunk');
});

test('a changed bit is noticed, wherever it is', () => {
  for (let at = 0; at < chunk.length; at++) {
    const changed = chunk.slice();
    changed[at] = (changed[at] as number) ^ (1 << (at % 8));
    expect(problemOf(changed), `byte ${at}`).not.toBe('none');
  }
});

test('with a valid checksum a changed byte is refused, or yields verified code', () => {
  for (let at = 45; at < chunk.length; at++) {
    for (const value of [0, 1, 127, 255]) {
      const changed = chunk.slice();
      changed[at] = value;
      const fixed = withChecksum(changed);
      if (problemOf(fixed) === 'none') expect(parseBinaryChunk(dumpSource(fixed))).toEqual(parseBinaryChunk(fixed));
    }
  }
});

test('everything in the project verifies', () => {
  const files = ['test/lua', 'bench/programs', 'src/stdlib/lua'].flatMap((folder) =>
    (readdirSync(folder, { recursive: true }) as string[]).filter((name) => name.endsWith('.lua')).map((name) => `${folder}/${name}`));
  for (const file of files) expect(chunkDefect(dumpSource(withoutShebang(readFileSync(file)), file)), file).toBeUndefined();
});

test('a dump does not show what the program has run', () => {
  const vm = createVm();
  const [same] = vm.doString(`
    local function f(n) local t = {} for i = 1, n do t.x = (t.x or 0) + i end while n > 0 do n = n - 1 end return t.x end
    local before = string.dump(f)
    f(100000)
    return before == string.dump(f)`);
  expect(same).toBe(true);
  vm.close();
});

describe('forged functions', () => {
  const base = compile('local a, b = ... return a');
  const words = (...instructions: readonly (readonly [name: OpName, a?: number, b?: number, c?: number, k?: number])[]): Uint32Array =>
    Uint32Array.from(instructions.flatMap(([name, a = 0, b = 0, c = 0, k = 0]) => [encodeLow(Op[name], k, a), encodeHigh(b, c)]));
  const forge = (code: Uint32Array, rest: Partial<Prototype> = {}): Prototype =>
    ({ ...base, isVararg: false, parameterCount: 0, maxStack: 8, lines: new Int32Array(0), locals: [], code, ...rest });
  const cache: readonly [OpName] = ['MOVE'];
  /** A function that captures a register of the one around it. */
  const capturing = (index: number): Prototype => forge(words(['RETURN0']), { upvalues: [{ name: 'x', fromStack: true, index, kind: 0 }] });
  const numbers: readonly (readonly [OpName, number, number])[] = [['LOADI', 0, 1], ['LOADI', 16, 9], ['LOADI', 32, 1]];

  test.each<[string, Prototype]>([
    ['invalid register', forge(words(['MOVE', 640, 0], ['RETURN0']))],
    ['misaligned operand', forge(words(['MOVE', 8, 0], ['RETURN0']))],
    ['invalid constant', forge(words(['LOADK', 0, 99], ['RETURN0']))],
    ['invalid upvalue', forge(words(['GETUPVAL', 0, 9], ['RETURN0']))],
    ['invalid function', forge(words(['CLOSURE', 0, 3], ['RETURN0']))],
    ['invalid opcode', forge(Uint32Array.from([200, 0, ...words(['RETURN0'])]))],
    ['invalid opcode', forge(words(['LOOP_JIT'], cache, ['RETURN0']))],
    ['function does not end with a return', forge(words(['LOADI', 0, 0]))],
    ['function does not end with a return', forge(words())],
    ['invalid jump', forge(words(['JMP', 0, 0xfff8, 0xffff], ['RETURN0']))],
    ['invalid jump', forge(words(['JMP', 0, 64], ['RETURN0']))],
    ['invalid jump', forge(words(['JMP', 0, 0xfff8, 0x7fff], ['RETURN0']))],
    ['invalid jump', forge(words(['JMP', 0, 4], ['LOADI'], ['RETURN0']))],
    ['invalid jump', forge(words(['LOOP', 0, 8], cache, ['RETURN0']))],
    ['invalid jump into a second word', forge(words(['JMP', 0, 16], ['NEWTABLE'], ['SETLIST', 0, 1], cache, ['RETURN0']))],
    ['invalid jump', forge(words(['LOADI'], ['LFALSESKIP'], ['RETURN0']))],
    ['open list without values', forge(words(['RETURN', 0, 0, 0]))],
    ['open list without use', forge(words(['LOADI'], ['CALL', 0, 1, 0], ['RETURN0']))],
    ['open list out of place', forge(words(['LOADI'], ['CALL', 0, 1, 0], ['CALL', 16, 0, 1], ['RETURN0']))],
    ['jump into an open list', forge(words(['LOADI'], ['TEST', 0, 8], ['CALL', 0, 1, 0], ['RETURN', 0, 0]))],
    ['invalid variable arguments', forge(words(['VARARG', 0, 0, 2], ['RETURN0']))],
    ['invalid variable arguments', forge(words(['RETURN', 0, 1, 1]), { isVararg: true })],
    ['misplaced VARARGPREP', forge(words(['LOADI', 0, 0], ['VARARGPREP', 0], ['RETURN0']))],
    ['invalid return', forge(words(['VARARGPREP'], ['RETURN0']), { isVararg: true })],
    ['invalid return', forge(words(['RETURN', 0, 1, 2]))],
    ['tail call without return', forge(words(['LOADI', 16], ['TAILCALL', 16, 1, 0], ['CALL', 0, 0, 1], ['RETURN0']))],
    ['return without closing', forge(words(['LOADI'], ['TBC', 0], ['RETURN0']))],
    ['to-be-closed variables out of order', forge(words(['LOADNIL', 0, 1], ['TBC', 16], ['TBC', 0], ['RETURN', 0, 1, 0, 1]))],
    ['to-be-closed variables out of order', forge(words(['LOADI'], ['TBC', 0], ['TBC', 0], ['RETURN', 0, 1, 0, 1]))],
    ['to-be-closed variable overwritten', forge(words(['LOADNIL', 0, 1], ['TBC', 16], ['CALL', 0, 1, 1], ['RETURN', 0, 1, 0, 1]))],
    ['to-be-closed variable overwritten', forge(words(['LOADI'], ['TBC', 0], ['LOADI'], ['RETURN', 0, 1, 0, 1]))],
    ['invalid frame size', forge(words(['RETURN0']), { maxStack: 1 })],
    ['invalid frame size', forge(words(['RETURN0']), { parameterCount: 9, maxStack: 5 })],
    ['invalid line information', forge(words(['RETURN0']), { lines: new Int32Array(7) })],
    ['invalid field name', forge(words(['GETFIELD', 0, 0, 0], cache, ['RETURN0']), { constants: [1n], parameterCount: 1 })],
    ['invalid numeric constant', forge(words(['ADDK', 0, 0, 0], ['RETURN0']), { constants: [null], parameterCount: 1 })],
    ['invalid numeric constant', forge(words(['LTK', 0, 0, 0], ['RETURN0']), { constants: [new Uint8Array()], parameterCount: 1 })],
    ['invalid local variable', forge(words(['RETURN0']), { locals: [{ name: 'x', register: 200, startPc: 0, endPc: 8 }] })],
    // What nobody wrote.
    ['unassigned register', forge(words(['RETURN1', 0]))],
    ['unassigned register', forge(words(['RETURN1', 16]), { parameterCount: 1 })],
    ['unassigned register', forge(words(['LOADI'], ['RETURN', 0, 3]))],
    ['unassigned register', forge(words(['MOVE', 0, 16], ['RETURN0']))],
    ['unassigned register', forge(words(['NEWTABLE'], ['SETI', 0, 1, 16], ['RETURN0']))],
    ['unassigned register', forge(words(['LOADI'], ['EQ', 0, 16, 0], ['RETURN0']))],
    ['unassigned register', forge(words(['LOADI'], ['CONCAT', 0, 2], ['RETURN0']))],
    ['unassigned register', forge(words(['NEWTABLE'], ['SETLIST', 0, 2], cache, ['RETURN0']))],
    ['unassigned register behind a call', forge(words(['LOADNIL', 0, 2], ['CALL', 0, 1, 2], ['RETURN1', 16]))],
    ['unassigned register in front of an open list', forge(words(['LOADI', 32], ['CALL', 32, 1, 0], ['CALL', 0, 0, 1], ['RETURN0']))],
    ['unassigned register in front of an open list', forge(words(['LOADI', 16], ['CALL', 16, 1, 0], ['RETURN', 0, 0]))],
    ['unassigned register on one of two ways', forge(words(['LOADI'], ['TEST', 0, 8], ['LOADI', 16], ['RETURN1', 16]))],
    ['unassigned register where TESTSET does not jump', forge(words(['LOADI'], ['TESTSET', 16, 0, 0], ['RETURN1', 16]))],
    ['unassigned register in a second round', forge(words(['LOADNIL', 0, 1], ['NOT', 16, 16], ['CALL', 0, 1, 2], ['LOOP', 0, 0xffe0, 0xffff], cache, ['RETURN0']))],
    ['unassigned register', forge(words(['CLOSURE', 0], ['RETURN', 0, 1, 0, 1]), { prototypes: [capturing(1)] })],
    ['unassigned register that the collector may have cleared', forge(words(['LOADNIL', 0, 2], ['NEWTABLE', 0], ['RETURN1', 16]))],
    ['unassigned register that the collector may have cleared', forge(words(['LOADNIL', 0, 3], ['CONCAT', 0, 2], ['RETURN1', 48]))],
    ['unassigned register that the collector may have cleared', forge(words(['LOADNIL', 0, 3], ['CLOSURE', 0], ['RETURN1', 16]), { prototypes: [forge(words(['RETURN0']))] })],
    ['loop without preparation', forge(words(...numbers, ['FORPREP', 0, 32], ['LOADI', 48], ['NEWTABLE', 0], ['FORLOOP', 0, 0xffe0, 0xffff], cache, ['RETURN0']))],
    ['captured variable overwritten', forge(words(['LOADNIL', 0, 2], ['CLOSURE', 32], ['NEWTABLE', 0], ['RETURN', 0, 1, 0, 1]), { prototypes: [capturing(1)] })],
    ['captured variable overwritten', forge(words(['LOADNIL', 0, 2], ['CLOSURE', 0], ['CALL', 0, 1, 1], ['RETURN', 0, 1, 0, 1]), { prototypes: [capturing(1)] })],
    ['unassigned register', forge(words(['CALL', 0, 1, 1], ['RETURN0']))],
    ['unassigned register', forge(words(['FORPREP', 0, 16], ['FORLOOP', 0, 0xfff0, 0xffff], cache, ['RETURN0']))],
    // Loops and lists that rely on what their registers hold.
    ['loop without preparation', forge(words(...numbers, ['JMP', 0, 8], ['FORPREP', 0, 16], ['FORLOOP', 0, 0xfff0, 0xffff], cache, ['RETURN0']))],
    ['loop without preparation', forge(words(...numbers, ['FORPREP', 0, 24], ['NEWTABLE', 16], ['FORLOOP', 0, 0xffe8, 0xffff], cache, ['RETURN0']))],
    ['loop without preparation', forge(words(...numbers, ['FORPREP', 0, 24], ['CLOSURE', 48], ['FORLOOP', 0, 0xffe8, 0xffff], cache, ['RETURN', 0, 1, 0, 1]), { prototypes: [capturing(0)] })],
    ['captured loop', forge(words(...numbers, ['CLOSURE', 48], ['FORPREP', 0, 16], ['FORLOOP', 0, 0xfff0, 0xffff], cache, ['RETURN', 0, 1, 0, 1]), { prototypes: [capturing(0)] })],
    ['invalid loop', forge(words(...numbers, ['FORPREP', 0, 16], ['FORLOOP', 16, 0xfff0, 0xffff], cache, ['RETURN0']))],
    ['invalid loop', forge(words(...numbers, ['FORPREP', 0, 0], ['FORLOOP', 0, 0xfff0, 0xffff], cache, ['RETURN0']))],
    ['invalid loop', forge(words(['LOADNIL', 0, 4], ['TFORPREP', 0, 0], ['TFORLOOP', 0, 0xfff0, 0xffff], cache, ['RETURN', 0, 1, 0, 1]))],
    ['invalid loop', forge(words(['LOADNIL', 0, 4], ['TFORPREP', 0, 0], ['TFORCALL', 0, 1], ['LOADI'], ['TFORLOOP', 0, 0xffe0, 0xffff], cache, ['RETURN', 0, 1, 0, 1]))],
    ['list without table', forge(words(['LOADNIL', 0, 1], ['SETLIST', 0, 2], cache, ['RETURN0']))],
    ['list without table', forge(words(['NEWTABLE'], ['LOADI', 16], ['TEST', 16, 8], ['MOVE', 0, 16], ['SETLIST', 0, 2], cache, ['RETURN0']))],
    ['list without table', forge(words(['NEWTABLE'], ['CLOSURE', 16], ['SETLIST', 0, 2], cache, ['RETURN', 0, 1, 0, 1]), { prototypes: [capturing(0)] })],
  ])('%s', (problem, prototype) => {
    expect(problem).toContain(findDefect(prototype));
  });

});

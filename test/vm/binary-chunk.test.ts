/** Binary chunks: what is damaged or forged is refused, what the compiler makes is not. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { encodeHigh, encodeLow } from '../../src/bytecode/instruction.ts';
import { Op, type OpName } from '../../src/bytecode/opcode-table.ts';
import type { Prototype } from '../../src/bytecode/prototype.ts';
import { findDefect } from '../../src/bytecode/verify-prototype.ts';
import { compileChunk } from '../../src/syntax/compile.ts';
import { parseBinaryChunk, withChecksum, writeBinaryChunk } from '../../src/engine/load/binary-chunk.ts';
import { createVm } from '../../src/api/index-node.ts';
import { ImageError } from '../../src/engine/load/prototype-image.ts';
import { encodeText } from '../../src/engine/text.ts';

const compile = (source: string): Prototype => compileChunk(encodeText(source), '@chunk.lua');

const sample = compile(`local a <const>, b = 1, -2.5
  local t <close> = nil
  for i, v in ipairs({ 1, 2, ... }) do b = b + i * v end
  return function(x, ...) local s = x .. 'text' for i = 1, 10 do s = s .. i end return s, b, ... end`);
const chunk = writeBinaryChunk(sample, false);

const problemOf = (bytes: Uint8Array): string => {
  try {
    parseBinaryChunk(bytes);
  } catch (error) {
    if (error instanceof ImageError) return error.message;
    throw error;
  }
  return 'none';
};

test('a chunk comes back as it was', () => {
  expect(parseBinaryChunk(chunk)).toEqual(sample);
});

test('a stripped chunk has no names, lines or source', () => {
  const stripped = parseBinaryChunk(writeBinaryChunk(sample, true));
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
      const problem = problemOf(withChecksum(changed));
      if (problem === 'none') expect(findDefect(parseBinaryChunk(withChecksum(changed)))).toBeUndefined();
    }
  }
});

test('everything in the project verifies', () => {
  const files = ['test/lua', 'bench/programs', 'src/stdlib/lua'].flatMap((folder) =>
    (readdirSync(folder, { recursive: true }) as string[]).filter((name) => name.endsWith('.lua')).map((name) => `${folder}/${name}`));
  for (const file of files) expect(findDefect(compileChunk(readFileSync(file), file)), file).toBeUndefined();
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
    ({ ...base, isVararg: false, parameterCount: 0, lines: new Int32Array(0), locals: [], code, ...rest });
  const cache: readonly [OpName] = ['MOVE'];

  test.each<[string, Prototype]>([
    ['invalid register 40', forge(words(['MOVE', 640, 0], ['RETURN0']))],
    ['misaligned operand', forge(words(['MOVE', 8, 0], ['RETURN0']))],
    ['invalid constant', forge(words(['LOADK', 0, 99], ['RETURN0']))],
    ['invalid upvalue', forge(words(['GETUPVAL', 0, 9], ['RETURN0']))],
    ['invalid function', forge(words(['CLOSURE', 0, 3], ['RETURN0']))],
    ['invalid opcode 200', forge(Uint32Array.from([200, 0, ...words(['RETURN0'])]))],
    ['invalid opcode', forge(words(['LOOP_JIT'], cache, ['RETURN0']))],
    ['function does not end with a return', forge(words(['MOVE', 0, 0]))],
    ['incomplete instruction', forge(words(['RETURN0'], ['SETLIST', 0, 1]))],
    ['invalid jump', forge(words(['JMP', 0, 0xfff8, 0xffff], ['RETURN0']))],
    ['invalid jump', forge(words(['JMP', 0, 64], ['RETURN0']))],
    ['invalid jump', forge(words(['LOOP', 0, 8], cache, ['RETURN0']))],
    ['open list without values', forge(words(['RETURN', 0, 0, 0]))],
    ['open list without use', forge(words(['CALL', 0, 1, 0], ['RETURN0']))],
    ['open list out of place', forge(words(['CALL', 0, 1, 0], ['CALL', 16, 0, 1], ['RETURN0']))],
    ['invalid variable arguments', forge(words(['VARARG', 0, 0, 2], ['RETURN0']))],
    ['invalid variable arguments', forge(words(['RETURN', 0, 1, 1]), { isVararg: true })],
    ['misplaced VARARGPREP', forge(words(['MOVE', 0, 0], ['VARARGPREP', 0], ['RETURN0']))],
    ['tail call without return', forge(words(['TAILCALL', 16, 1, 0], ['CALL', 0, 0, 1], ['RETURN0']))],
    ['return without closing', forge(words(['TBC', 0], ['RETURN0']))],
    ['to-be-closed variables out of order', forge(words(['TBC', 16], ['TBC', 0], ['RETURN', 0, 1, 0, 1]))],
    ['to-be-closed variables out of order', forge(words(['TBC', 0], ['TBC', 0], ['RETURN', 0, 1, 0, 1]))],
    ['to-be-closed variable overwritten', forge(words(['TBC', 16], ['CALL', 0, 1, 1], ['RETURN', 0, 1, 0, 1]))],
    ['invalid frame size', forge(words(['RETURN0']), { maxStack: 1 })],
    ['invalid frame size', forge(words(['RETURN0']), { parameterCount: 9, maxStack: 5 })],
    ['invalid line information', forge(words(['RETURN0']), { lines: new Int32Array(7) })],
    ['invalid field name', forge(words(['GETFIELD', 0, 0, 0], cache, ['RETURN0']), { constants: [1n] })],
    ['invalid numeric constant', forge(words(['ADDK', 0, 0, 0], ['RETURN0']), { constants: [null] })],
    ['invalid local variable', forge(words(['RETURN0']), { locals: [{ name: 'x', register: 200, startPc: 0, endPc: 8 }] })],
  ])('%s', (problem, prototype) => {
    expect(findDefect(prototype)).toContain(problem);
  });

  test('a loop over what is no number makes no address out of a number', () => {
    const code = words(['LOADI', 0, 1], ['NEWTABLE', 16], ['LOADI', 32, 1], ['FORLOOP', 0, 0xfff0, 0xffff], cache, ['RETURN', 16, 2, 0]);
    const forged = forge(code, { maxStack: 8 });
    expect(findDefect(forged)).toBeUndefined();
    const vm = createVm();
    expect(vm.load(writeBinaryChunk(forged, false)).call()).toEqual([0]);
    vm.collect();
    vm.close();
  });
});

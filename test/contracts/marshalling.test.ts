/** Values that do not fit their types, and bytes that are wrong: refused on both sides, with the place in the message. */
import { describe, expect, test } from 'vitest';
import { type ContractFunction, decodeRecord, encodeRecord, type Field, findContract, generateLuaCodec, LuaHostBridge, parseApi } from '../../contracts/index.ts';
import { LuaError, type LuaTable, type Vm } from '../../src/api/index.ts';
import { PIPELINE_API } from './pipeline-api.ts';

const api = parseApi(PIPELINE_API);
const logger = findContract(api, 'host', 'host.logger')!;
const transformer = findContract(api, 'guest', 'data.Transformer')!;
const [, withLevel, total] = logger.functions as [ContractFunction, ContractFunction, ContractFunction];
const [, centre] = transformer.functions as [ContractFunction, ContractFunction];

const field = (type: string): readonly Field[] => parseApi(`${PIPELINE_API.split('[[guest_contract]]')[0]}\n[[guest_contract]]\nname = "t.T"\nversion = "1"\nfunctions = [{ name = "f", params = [{ name = "p", type = "${type}" }] }]`).contracts[0]!.functions[0]!.params;

describe('the host refuses', () => {
  test.each([
    ['u8', 256, /p: u8 from 0 to 255 expected, got 256/], ['u8', -1, /got -1/], ['u8', 1.5, /got 1\.5/], ['u8', '1', /got "1"/], ['u8', undefined, /got undefined/], ['u8', Number.NaN, /NaN/],
    ['i8', 128, /i8 from -128 to 127/], ['u64', 2n ** 64n, /got 18446744073709551616n/], ['u64', -1n, /-1n/], ['i64', 2n ** 63n, /i64/], ['Ptr', -1, /Ptr/],
    ['f32', 3.5e38, /f32/], ['f32', '1', /a number/], ['f64', 1n, /a number/], ['bool', 1, /a boolean/], ['bool', null, /null/],
    ['StringView', 1, /a string/], ['StringView', '\ud800', /surrogates/], ['Buffer', 'x', /Uint8Array/], ['Buffer', [1], /an array/], ['LogLevel', 2, /LogLevel/], ['LogLevel', 'Info', /LogLevel/],
    ['Access', 4, /bits of 3/], ['Point', undefined, /Point/], ['Point', [1, 2], /Point/], ['Point', { x: 1 }, /p\.y: a number/], ['Shape', { name: '', points: [{ x: 0, y: 0 }, { x: 0, y: '' }], access: 0 }, /p\.points\[1\]\.y: a number/],
    ['Array<u8>', 'abc', /Array<u8>/], ['Array<u8>', new DataView(new ArrayBuffer(1)), /Array<u8>/], ['Array<u8>', [1, undefined, 2], /p\[1\]/], ['Array<u8>', new Float64Array([0.5]), /got 0\.5/],
    ['Array<u8>', { length: 1 }, /Array<u8>/],
  ])('%s: %o', (type, value, message) => {
    let error: unknown;
    try {
      encodeRecord(field(type), [value], 'record');
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ reason: 'bad-value', abiCode: 1, message: expect.stringMatching(message) });
  });

  test('what throws when it is read, and what says that it has no end', () => {
    const getter = { get x(): number { throw new Error('mine'); }, y: 1 };
    expect(() => encodeRecord(field('Point'), [getter], 'record')).toThrow(expect.objectContaining({ reason: 'bad-value', cause: new Error('mine') }));
    const long = new Proxy([], { get: (_, key) => (key === 'length' ? 2 ** 40 : 0) });
    expect(() => encodeRecord(field('Array<u8>'), [long], 'record')).toThrow(/at most 1073741824 bytes/);
  });

  test('nothing of a getter that writes a record itself, and no record is kept for the next', () => {
    const point = { get x(): number { return encodeRecord(field('u64'), [2n ** 64n - 1n], 'inner').length; }, y: 1 };
    const first = encodeRecord(field('Point'), [point], 'record');
    encodeRecord(field('Array<u64>'), [[1n, 2n ** 63n]], 'record');
    expect(decodeRecord(field('Point'), first, 'record')).toEqual([{ x: 8, y: 1 }]);
    expect([...encodeRecord(field('Shape'), [{ name: '', points: [], access: 0 }], 'record')]).toEqual(new Array(40).fill(0));
  });

  test('what is nested without end', () => {
    const tree = parseApi('[[types]]\nname = "Tree"\nfields = [{ name = "children", type = "Array<Tree>" }]\n[[guest_contract]]\nname = "t.T"\nversion = "1"\nfunctions = [{ name = "f", params = [{ name = "p", type = "Tree" }] }]').contracts[0]!.functions[0]!.params;
    const endless: { children: unknown[] } = { children: [] };
    endless.children.push(endless);
    expect(() => encodeRecord(tree, [endless], 'record')).toThrow(/in one another/);
    // Bytes that refer to themselves.
    const bytes = new Uint8Array(16);
    bytes[8] = 1;
    expect(() => decodeRecord(tree, bytes, 'record')).toThrow(expect.objectContaining({ reason: 'invalid-pointer' }));
    expect(encodeRecord(tree, [{ children: [{ children: [] }, { children: [] }] }], 'record').length).toBe(16 + 32);
  });

  test('nothing of typed arrays whose values fit', () => {
    expect(decodeRecord(field('Array<f64>'), encodeRecord(field('Array<f64>'), [new Float64Array([0.5, -0])], 'record'), 'record')).toEqual([[0.5, -0]]);
  });
});

describe('bytes are refused', () => {
  const args = encodeRecord(centre.params, [{ name: 'abc', points: [{ x: 0, y: 2 }], access: 3 }], 'record');
  const changed = (at: number, byte: number): Uint8Array => args.with(at, byte);

  test.each([
    ['too short', args.subarray(0, 39), 'buffer-too-small', 2],
    ['none', new Uint8Array(), 'buffer-too-small', 2],
    ['a string behind the end', changed(0, 200), 'invalid-pointer', 8],
    ['a length behind the end', changed(15, 1), 'invalid-pointer', 8],
    ['elements that are not aligned', changed(16, 44), 'invalid-pointer', 8],
    ['more elements than there are', changed(24, 2), 'invalid-pointer', 8],
    ['bytes that two refer to', changed(0, args[16]!).with(8, 16), 'invalid-pointer', 8],
    ['no UTF-8', changed(40, 0xff), 'bad-value', 1],
    ['no value of the enum', changed(32, 4), 'bad-value', 1],
  ] as const)('%s', (_, bytes, reason, abiCode) => {
    expect(() => decodeRecord(centre.params, bytes, 'record')).toThrow(expect.objectContaining({ reason, abiCode }));
  });

  test('a bool that is neither 0 nor 1', () => {
    expect(() => decodeRecord(field('bool'), Uint8Array.of(2), 'record')).toThrow(expect.objectContaining({ reason: 'bad-value' }));
  });

  test('never with another error, whatever they are', () => {
    for (let seed = 0; seed < 20_000; seed++) {
      const bytes = args.slice();
      for (let i = 0; i < 1 + (seed % 3); i++) bytes[(seed * 31 + i * 17) % bytes.length] = (seed * 7 + i * 101) % 256;
      try {
        decodeRecord(centre.params, bytes, 'record');
      } catch (error) {
        expect(error).toMatchObject({ name: 'ContractError' });
      }
    }
  });
});

describe('Lua refuses', () => {
  /** A caller of the logger whose calls arrive in `sent`. */
  function setUp(): { vm: Vm; sent: unknown[][] } {
    const bridge = new LuaHostBridge(api);
    const sent: unknown[][] = [];
    const codec = bridge.vm.load(generateLuaCodec(api)).call1() as LuaTable;
    const caller = (codec.get('callers') as LuaTable).get('host.logger') as { call1(send: unknown): LuaTable };
    const toBytes = (bytes: unknown): Uint8Array => (typeof bytes === 'string' ? new TextEncoder().encode(bytes) : (bytes as Uint8Array));
    bridge.vm.setGlobal('logger', caller.call1((number: number, bytes: unknown) => {
      sent.push(decodeRecord(logger.functions[number]!.params, toBytes(bytes), 'sent'));
      return encodeRecord(logger.functions[number]!.returns, [2n ** 64n - 1n], 'result');
    }));
    bridge.vm.setGlobal('LogLevel', (codec.get('enums') as LuaTable).get('LogLevel'));
    return { vm: bridge.vm, sent };
  }



  test.each([
    ['logger.log()', "bad argument #1 to 'log' (string expected, got nil)"],
    ['logger.log("\\xff")', "bad argument #1 to 'log' (UTF-8 expected, got string)"],
    ['logger.log_with_level("Info", "x")', "bad argument #1 to 'log_with_level' (LogLevel expected, got string)"],
    ['logger.log_with_level(2, "x")', "bad argument #1 to 'log_with_level' (LogLevel expected, got 2)"],
    ['logger.log_with_level(LogLevel.Info, {})', "bad argument #2 to 'log_with_level' (string expected, got table)"],
    ['logger.total(256, 0, "")', "bad argument #1 to 'total' (u8 expected, got 256)"],
    ['logger.total(1.5, 0, "")', "bad argument #1 to 'total' (u8 expected, got 1.5)"],
    ['logger.total("1", 0, "")', "bad argument #1 to 'total' (u8 expected, got string)"],
    ['logger.total(1, -1.0, "")', "bad argument #2 to 'total' (u64 expected, got -1.0)"],
    ['logger.total(1, 0x1p64, "")', "bad argument #2 to 'total' (u64 expected, got 1.844674407371e+19)"],
    ['logger.total(1, 0, true)', "bad argument #3 to 'total' (string expected, got true)"],
  ])('%s', (call, message) => {
    const { vm, sent } = setUp();
    expect(() => vm.doString(`local x = 1\n${call}`, '=script')).toThrow(new RegExp(`^script:2: ${message.replace(/[()+.#[\]]/g, '\\$&')}`));
    expect(sent).toEqual([]);
    vm.close();
  });

  test('values in tables at the line of the call', () => {
    const shapes = parseApi(PIPELINE_API.replace('[[host_contract]]', '[[host_contract]]\nname = "host.shapes"\nversion = "1"\nfunctions = [{ name = "draw", params = [{ name = "shape", type = "Shape" }, { name = "list", type = "Array<LogLevel>" }] }]\n[[host_contract]]'));
    const bridge = new LuaHostBridge(shapes);
    const codec = bridge.vm.load(generateLuaCodec(shapes)).call1() as LuaTable;
    bridge.vm.setGlobal('shapes', ((codec.get('callers') as LuaTable).get('host.shapes') as { call1(send: unknown): LuaTable }).call1(() => new Uint8Array()));
    const refuse = (call: string): string => {
      try {
        bridge.vm.doString(`\n\n${call}`, '=script');
      } catch (error) {
        if (error instanceof LuaError) return error.message;
      }
      return 'nothing';
    };
    expect(refuse('shapes.draw(1)')).toBe("script:3: bad argument #1 to 'draw' (Shape expected, got 1)");
    expect(refuse('shapes.draw { points = {}, access = 0 }')).toBe("script:3: bad argument #1 to 'draw' (Shape.name: string expected, got nil)");
    expect(refuse('shapes.draw { name = "", points = 1, access = 0 }')).toBe("script:3: bad argument #1 to 'draw' (Shape.points: Array<Point> expected, got 1)");
    expect(refuse('shapes.draw { name = "", points = { 7 }, access = 0 }')).toBe("script:3: bad argument #1 to 'draw' (Point expected, got 7)");
    expect(refuse('shapes.draw { name = "", points = { { x = 1, y = 2 }, { x = "", y = 2 } }, access = 0 }')).toBe("script:3: bad argument #1 to 'draw' (Point.x: f32 expected, got string)");
    expect(refuse('shapes.draw { name = "", points = {}, access = 8 }')).toBe("script:3: bad argument #1 to 'draw' (Shape.access: Access expected, got 8)");
    expect(refuse('shapes.draw({ name = "", points = {}, access = 0 }, { 1, 2 })')).toBe("script:3: bad argument #2 to 'draw' (LogLevel expected, got 2)");
    expect(refuse('shapes.draw({ name = "", points = {}, access = 0 }, { 1, "x" })')).toBe("script:3: bad argument #2 to 'draw' (LogLevel expected, got string)");
    bridge.close();
  });

  test('nothing that fits: integral floats, integers as bits, strings of bytes', () => {
    const { vm, sent } = setUp();
    expect(vm.doString('return logger.total(7.0, -1, "\\xff\\0"), logger.total(7, 0x1p63, "")')).toEqual([-1, -1]);
    vm.doString('logger.log_with_level(LogLevel.Error, "é")');
    expect(sent).toEqual([[7, 2n ** 64n - 1n, Uint8Array.of(255, 0)], [7, 2n ** 63n, new Uint8Array()], [16, 'é']]);
    vm.close();
  });

  test('changes that a program makes to the libraries do not reach the stubs', () => {
    const { vm, sent } = setUp();
    vm.doString('string.pack, table.concat, math.type, utf8.len, type, error = nil string.sub = function() return "x" end');
    vm.doString('logger.log("text")');
    expect(sent).toEqual([['text']]);
    vm.close();
  });
});

test('the bytes of arguments and results are those of C on a 64-bit machine', () => {
  expect([...encodeRecord(total.params, [1, 2n, Uint8Array.of(9)], 'record')]).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 40, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9]);
  expect([...encodeRecord(withLevel.params, [1, 'ab'], 'record')]).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 24, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 97, 98]);
});

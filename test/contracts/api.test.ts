/** What api.toml says, what is refused, and the ids and versions of contracts. */
import { describe, expect, test } from 'vitest';
import { bundleId, contractId, ContractError, extentOf, findContract, fnv1a64, isCompatible, layoutOf, parseApi, parseVersion } from '../../contracts/index.ts';
import { MoontraceError } from '../../src/api/index.ts';
import { PIPELINE_API } from './pipeline-api.ts';

describe('ids', () => {
  test('are FNV-1a of 64 bits', () => {
    expect(fnv1a64('')).toBe(0xcbf29ce484222325n);
    expect(fnv1a64('a')).toBe(0xaf63dc4c8601ec8cn);
    expect(fnv1a64('foobar')).toBe(0x85944171f73967e8n);
  });

  test('are those of polyplug', () => {
    expect(contractId('guest', 'pipeline.Validator', 1)).toBe(0x45173a959eec57c5n);
    expect(contractId('host', 'host.logger', 1)).toBe(0xf53eb5f2845853bbn);
    expect(bundleId('lua_transformer')).toBe(17498045201333065941n);
  });
});

describe('versions', () => {
  test.each([['1', [1, 0, 0]], ['1.2', [1, 2, 0]], ['10.20.30', [10, 20, 30]], ['0.0.0', [0, 0, 0]]])('%s', (text, [major, minor, patch]) => {
    expect(parseVersion(text, 'version', 'bad-api')).toEqual({ major, minor, patch });
  });

  test.each(['', '1.', '.1', '1.2.3.4', '-1', '1.65536', '4294967296', '^1.0', '1.0.0-alpha', ' 1'])('%j is none', (text) => {
    expect(() => parseVersion(text, 'version', 'bad-bundle')).toThrow(expect.objectContaining({ reason: 'bad-bundle' }));
  });

  test('fit if the major one is equal and the minor one not smaller', () => {
    const fits = (provided: string, required: string): boolean => isCompatible(parseVersion(provided, '', 'bad-api'), parseVersion(required, '', 'bad-api'));
    expect([fits('1.2', '1.0'), fits('1.2', '1.2.9'), fits('1.0', '1.2'), fits('2.0', '1.0'), fits('1.0', '2.0')]).toEqual([true, true, false, false, false]);
  });
});

describe('an api.toml', () => {
  const api = parseApi(PIPELINE_API);

  test('is read with its types', () => {
    expect(api.enums.map(({ name, variants }) => [name, variants.map(({ value }) => value)])).toEqual([['LogLevel', [0n, 1n, 16n]], ['Access', [0n, 1n, 2n, 3n]]]);
    expect(layoutOf(api.structs[1]!.fields)).toMatchObject({ size: 40, align: 8, fields: [{ name: 'name', offset: 0 }, { name: 'points', offset: 16 }, { name: 'access', offset: 32 }] });
    expect(extentOf(api.structs[0]!)).toEqual({ size: 16, align: 8, fields: expect.anything() });
  });

  test('is read with its contracts, whose functions have numbers by their order', () => {
    const logger = findContract(api, 'host', 'host.logger')!;
    expect(logger).toMatchObject({ id: 0xf53eb5f2845853bbn, version: { major: 1, minor: 1, patch: 0 }, isSingleton: true, docs: 'Logging.' });
    expect(logger.functions.map(({ name, returns }) => [name, returns.length])).toEqual([['log', 0], ['log_with_level', 0], ['total', 1]]);
    expect(findContract(api, 'guest', 'host.logger')).toBeUndefined();
  });

  test('may be empty, and may name what stands below', () => {
    expect(parseApi('')).toEqual({ enums: [], structs: [], contracts: [] });
    const { structs } = parseApi('[[types]]\nname = "A"\nfields = [{ name = "b", type = "B" }]\n[[types]]\nname = "B"\nfields = [{ name = "list", type = "Array<A>" }]');
    expect(structs[0]!.fields[0]!.type).toBe(structs[1]);
  });

  const type = (fields: string): string => `[[types]]\nname = "T"\nfields = [${fields}]`;
  const variant = (value: string, repr = 'u8'): string => `[[enum]]\nname = "E"\nrepr = "${repr}"\nvariants = [{ name = "A", value = "1" }, { name = "B", value = "${value}" }]`;
  const contract = (rest: string): string => `[[guest_contract]]\nname = "a.B"\nversion = "1.0"\n${rest}`;
  const fn = (rest: string): string => contract(`functions = [{ name = "f", ${rest} }]`);
  const deep = Array.from({ length: 100 }, (_, i) => `[[types]]\nname = "T${i}"\nfields = [${i < 99 ? `{ name = "f", type = "T${i + 1}" }` : ''}]`).join('\n');
  const wide = Array.from({ length: 30 }, (_, i) => `[[types]]\nname = "T${i}"\nfields = [{ name = "a", type = "${i < 29 ? `T${i + 1}` : 'u64'}" }, { name = "b", type = "${i < 29 ? `T${i + 1}` : 'u64'}" }]`).join('\n');

  test.each([
    ['no TOML', 'name =', /line 1/],
    ['a key there is not', '[[plugin_contract]]\nname = "a"', /plugin_contract/],
    ['a key of a field that there is not', type('{ name = "x", type = "u8", size = 1 }'), /types\[0\]: fields\[0\]: size/],
    ['a table where an array belongs', '[types]\nname = "T"', /array of tables/],
    ['no name', '[[types]]\nfields = []', /name: missing/],
    ['a number as a name', '[[types]]\nname = 1', /string expected/],
    ['a name that is none', '[[types]]\nname = "a-b"', /identifier/],
    ['a reserved word of Lua', type('{ name = "end", type = "u8" }'), /reserved/],
    ['a reserved word of JavaScript', type('{ name = "class", type = "u8" }'), /reserved/],
    ['__proto__', type('{ name = "__proto__", type = "u8" }'), /identifier/],
    ['a type of the ABI defined anew', '[[types]]\nname = "u8"', /type of the ABI/],
    ['a type that is there twice', '[[types]]\nname = "T"\n[[types]]\nname = "T"', /twice/],
    ['a type with the name of an enum', '[[enum]]\nname = "T"\nrepr = "u8"\n[[types]]\nname = "T"', /twice/],
    ['a field that is there twice', type('{ name = "x", type = "u8" }, { name = "x", type = "u8" }'), /twice/],
    ['an unknown type', type('{ name = "x", type = "u128" }'), /no type 'u128'/],
    ['a field of void', type('{ name = "x", type = "void" }'), /void/],
    ['an array of arrays', type('{ name = "x", type = "Array<Array<u8>>" }'), /array of arrays/],
    ['an array of void', type('{ name = "x", type = "Array<void>" }'), /array of nothing/],
    ['an array of nothing', type('{ name = "x", type = "Array<>" }'), /no type ''/],
    ['an array of a struct without fields', `${type('{ name = "x", type = "Array<N>" }')}\n[[types]]\nname = "N"`, /no fields/],
    ['a struct that holds itself', type('{ name = "x", type = "T" }'), /holds itself/],
    ['structs too deep in one another', deep, /too deeply/],
    ['a struct that is too large', wide, /larger than/],
    ['control characters in docs', '[[types]]\nname = "T"\ndocs = "\\u0001"', /control/],
    ['an unknown language', '[[types]]\nname = "T"\n[types.langs.cobol]\nattributes = []', /cobol/],
    ['an enum of a signed format', variant('2', 'i8'), /repr/],
    ['a value that does not fit', variant('256'), /does not fit 8 bits/],
    ['a value from below', variant('C'), /'C' is no variant above/],
    ['a value that shifts too far', variant('1 << 8'), /shift/],
    ['a value with rubbish behind', variant('1 1'), /unexpected '1'/],
    ['a value that is none', variant('$'), /unexpected/],
    ['an empty value', variant(''), /value expected/],
    ['an open parenthesis', variant('(1'), /'\)' expected/],
    ['parentheses without end', variant('('.repeat(10_000)), /too deeply/],
    ['a variant that is there twice', '[[enum]]\nname = "E"\nrepr = "u8"\nvariants = [{ name = "A", value = "1" }, { name = "A", value = "2" }]', /twice/],
    ['a contract without a version', '[[guest_contract]]\nname = "a.B"', /version: missing/],
    ['a contract with a wrong name', '[[guest_contract]]\nname = "a..B"\nversion = "1"', /dotted/],
    ['a host contract that is not of the host', '[[host_contract]]\nname = "logger"\nversion = "1"', /host\./],
    ['a contract that is there twice', `${contract('')}\n[[guest_contract]]\nname = "a.B"\nversion = "2"`, /twice/],
    ['a guest contract that is a singleton', contract('singleton = true'), /singleton/],
    ['a function that is there twice', contract('functions = [{ name = "f" }, { name = "f" }]'), /twice/],
    ['a parameter that is there twice', fn('params = [{ name = "a", type = "u8" }, { name = "a", type = "u8" }]'), /twice/],
    ['too many parameters', fn(`params = [${Array.from({ length: 101 }, (_, i) => `{ name = "a${i}", type = "u8" }`).join(', ')}]`), /100 parameters/],
    ['a result of no type', fn('return = { docs = "x" }'), /type: missing/],
  ])('is refused for %s', (_, text, message) => {
    const error = thrownBy(() => parseApi(text));
    expect(error).toMatchObject({ name: 'ContractError', code: 'contract', reason: 'bad-api', abiCode: 1 });
    expect((error as Error).message).toMatch(message);
  });

  test('is refused if it is no text', () => {
    expect(thrownBy(() => parseApi(undefined as never))).toMatchObject({ reason: 'bad-api' });
  });
});

describe('values of variants', () => {
  const variantValue = (expression: string): bigint => parseApi(`[[enum]]\nname = "E"\nrepr = "u8"\nvariants = [{ name = "A", value = "1" }, { name = "B", value = "${expression}" }]`).enums[0]!.variants[1]!.value;

  test.each([['0xFF', 255n], ['0b101', 5n], ['1_0', 10n], ['A', 1n], ['A << 3 | A', 9n], ['~A', 254n], ['~A << 0', 254n], ['(A | 2) << 1', 6n], ['1 << (1 | 2)', 8n]])('%s', (expression, value) => {
    expect(variantValue(expression)).toBe(value);
  });
});

test('errors are errors of the package, each told apart', () => {
  const error = thrownBy(() => parseApi('x = 1'));
  expect(error).toBeInstanceOf(ContractError);
  expect(error).toBeInstanceOf(MoontraceError);
  expect(new MoontraceError('closed', '')).not.toBeInstanceOf(ContractError);
});

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

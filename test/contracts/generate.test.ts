/** What is made of an API: TypeScript (the golden file is compiled with all tests, and used by them), LuaCATS annotations, and Lua that any Lua 5.4 runs. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeRecord, findContract, generateAnnotations, generateLuaCodec, generateTypes, parseApi } from '../../contracts/index.ts';
import { createVm } from '../../src/api/index.ts';
import { runLua54 } from '../support/lua54.ts';
import { LUA54 } from '../support/needs.ts';
import { apiOf, Random, referenceEncode } from './reference-encoder.ts';
import { PIPELINE_API } from './pipeline-api.ts';

const GOLDEN = join(import.meta.dirname, 'golden');
const api = parseApi(PIPELINE_API);

/** Compares with a golden file. UPDATE_GOLDEN=1 writes it. */
function expectGolden(name: string, text: string): void {
  const path = join(GOLDEN, name);
  if (process.env['UPDATE_GOLDEN']) {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
  }
  expect(text).toBe(readFileSync(path, 'utf8'));
}

test('TypeScript', () => {
  expectGolden('pipeline.ts', generateTypes(api));
});

test('TypeScript with docs that would end a comment', () => {
  expect(generateTypes(parseApi('[[types]]\nname = "T"\ndocs = "a */ b"'))).toContain('/** a *\\/ b */');
});

describe('annotations', () => {
  test('for each contract, and for the types', () => {
    const files = generateAnnotations(api);
    for (const [name, text] of Object.entries(files)) expectGolden(join('annotations', name), text);
    expect(readdirSync(join(GOLDEN, 'annotations')).sort()).toEqual(Object.keys(files).sort());
  });

  test('are Lua, with docs of several lines and enums of 64 bits, too', () => {
    const vm = createVm();
    const wild = parseApi('[[enum]]\nname = "E"\nrepr = "u64"\ndocs = "a\\nb"\nvariants = [{ name = "Top", value = "1 << 63", docs = "c\\nd" }]\n[[host_contract]]\nname = "host.x"\nversion = "1"\ndocs = "e\\nf"\nfunctions = [{ name = "f", docs = "g\\nh", params = [{ name = "a", type = "E", docs = "i\\nj" }] }]');
    for (const text of [...Object.values(generateAnnotations(api)), ...Object.values(generateAnnotations(wild))]) vm.load(text).call();
    expect(vm.doString(`local types = load(...)() return types.E.Top`.replace('...', `[==[${generateAnnotations(wild)['contracts.types.lua']}]==]`))).toEqual([-(2n ** 63n)]);
    vm.close();
  });
});

describe('the Lua of an API', () => {
  test('has the values of enums', () => {
    const vm = createVm();
    vm.setGlobal('codec', vm.load(generateLuaCodec(api)).call1());
    expect(vm.doString('return codec.enums.LogLevel.Error, codec.enums.Access.All')).toEqual([16, 3]);
    vm.close();
  });

  test.skipIf(LUA54.isMissing)(LUA54.title('makes the same bytes in lua5.4'), () => {
    const random = new Random(7);
    random.addTypes();
    const functions = Array.from({ length: 6 }, () => Array.from({ length: 1 + random.below(12) }, () => random.type()));
    const sample = parseApi(apiOf(random, functions));
    const folder = mkdtempSync(join(tmpdir(), 'moontrace-'));
    writeFileSync(join(folder, 'codec.lua'), generateLuaCodec(sample));
    const quote = (bytes: Uint8Array): string => `"${Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}"`;
    const cases = functions.flatMap((params, i) => Array.from({ length: 4 }, () => [i, quote(referenceEncode(params, params.map((spec) => random.value(spec))))] as const));
    writeFileSync(join(folder, 'run.lua'), `
      local codec = dofile("${join(folder, 'codec.lua')}")
      local sent
      local caller = codec.callers['host.test'](function(_, bytes) sent = bytes return bytes end)
      local relay = codec.providers['test.guest'](caller)
      local same = 0
      for _, case in ipairs { ${cases.map(([i, bytes]) => `{ ${i + 1}, ${bytes} }`).join(', ')} } do
        pcall(relay[case[1]], case[2])
        if sent == case[2] then same = same + 1 end
      end
      print(same)`);
    expect(runLua54(join(folder, 'run.lua'))).toBe(`${cases.length}\n`);
    rmSync(folder, { recursive: true });
  });

  test('takes records and contracts of any size', () => {
    const many = Array.from({ length: 300 }, (_, i) => `{ name = "f${i}", type = "${['u8', 'StringView', 'Buffer', 'f64'][i % 4]}" }`);
    const big = parseApi(`[[types]]\nname = "Big"\nfields = [${many.join(', ')}]\n[[host_contract]]\nname = "host.big"\nversion = "1"\n` +
      Array.from({ length: 300 }, (_, i) => `[[host_contract.functions]]\nname = "call${i}"\nparams = [{ name = "big", type = "Big" }${i === 299 ? `, ${many.slice(0, 99).join(', ')}` : ''}]\nreturn = "Big"\n`).join(''));
    const vm = createVm();
    vm.setGlobal('codec', vm.load(generateLuaCodec(big)).call1());
    const value = Object.fromEntries(many.map((_, i) => [`f${i}`, [i % 256, `é${i}`, Uint8Array.of(i % 256, 255), i / 2][i % 4]]));
    const params = findContract(big, 'host', 'host.big')!.functions[0]!.params;
    const bytes = encodeRecord(params, [value], 'test');
    vm.setGlobal('bytes', bytes);
    expect(vm.doString(`
      local t = setmetatable({}, { __index = function() return function(big) return big end end })
      local relay = codec.providers['host.big'](t)
      return relay[1](bytes) == bytes, relay[300] ~= nil`)).toEqual([true, true]);
    vm.close();
  });
});

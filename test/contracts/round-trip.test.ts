/** Random values of random types, through every way there is, compared with bytes that were made apart (reference-encoder.ts). */
import { describe, expect, test } from 'vitest';
import { decodeRecord, encodeRecord, findContract, generateLuaCodec, LuaHostBridge, parseApi } from '../../contracts/index.ts';
import { createJit } from '../../jit/index.ts';
import type { LuaFunction, LuaTable } from '../../src/api/index.ts';
import { apiOf, Random, referenceEncode, type Spec } from './reference-encoder.ts';

const SEEDS = Number(process.env['CONTRACT_SEEDS'] ?? 12);
const FUNCTIONS = 4;
const VALUES = 5;

interface Sample {
  readonly random: Random;
  readonly functions: readonly (readonly Spec[])[];
  readonly api: ReturnType<typeof parseApi>;
}

function sample(seed: number): Sample {
  const random = new Random(seed);
  random.addTypes();
  const functions = Array.from({ length: FUNCTIONS }, () => Array.from({ length: random.below(20) }, () => random.type()));
  return { random, functions, api: parseApi(apiOf(random, functions)) };
}

/** Bytes of a Lua string; they are a copy. */
const bytesOf = (value: unknown): Uint8Array => (typeof value === 'string' ? new TextEncoder().encode(value) : Uint8Array.from((value as Uint8Array | undefined) ?? []));

const ECHO = 'local echo = {} for i = 0, ... do echo["call" .. i] = function(first) return first end end return echo';

describe.each([['interpreted', false], ['compiled', true]] as const)('values of all types, %s', (_, isCompiled) => {
  test.each(Array.from({ length: SEEDS }, (__, i) => i + 1))('seed %d', (seed) => {
    const { random, functions, api } = sample(seed);
    const bridge = new LuaHostBridge(api, isCompiled ? { jit: createJit({ tunables: { share: 100, hotloop: 2, hotexit: 2 } }) } : {});
    const contract = findContract(api, 'host', 'host.test')!;
    bridge.register('host.test', bridge.vm.load(ECHO).call1(FUNCTIONS - 1) as LuaTable);
    // A provider that hands its arguments on to a caller: Lua reads them, and writes them all.
    const codec = bridge.vm.load(generateLuaCodec(api)).call1() as LuaTable;
    const stubs = (kind: 'callers' | 'providers', argument: unknown): LuaTable => ((codec.get(kind) as LuaTable).get('test.guest') as LuaFunction).call1(argument as LuaTable) as LuaTable;
    let sent: Uint8Array = new Uint8Array();
    let reply: Uint8Array = new Uint8Array();
    const relay = stubs('providers', stubs('callers', (_number: unknown, bytes: unknown) => {
      sent = bytesOf(bytes);
      return reply;
    }));
    for (const [i, params] of functions.entries()) {
      const fn = contract.functions[i]!;
      for (let round = 0; round < VALUES; round++) {
        const values = params.map((spec) => random.value(spec));
        const args = referenceEncode(params, values);
        const result = params.length === 0 ? new Uint8Array() : referenceEncode([params[0]!], [values[0]]);
        // The host writes and reads.
        expect(encodeRecord(fn.params, values, 'test')).toEqual(args);
        expect(decodeRecord(fn.params, args, 'test')).toEqual(values);
        // Lua reads, and writes what it read.
        const out = new Uint8Array(result.length);
        expect(bridge.call(contract.id, i, args, out)).toEqual({ code: 0, message: '', length: result.length });
        expect(out).toEqual(result);
        expect((bridge.caller('host.test')[fn.name] as (...args: unknown[]) => unknown)(...values)).toEqual(values[0]);
        reply = result;
        expect(bytesOf((relay.get(i + 1) as LuaFunction).call1(args))).toEqual(result);
        expect(sent).toEqual(args);
      }
    }
    bridge.close();
  });
});

/** Tables: kinds of arrays, borders, traversal, and a random model test of everything against a JS Map. */
import { beforeEach, describe, expect, it } from 'vitest';
import * as layout from '../../../src/bytecode/layout.ts';
import { CoreError, Ref, TestCore, type Value } from '../harness.ts';

let core: TestCore;
beforeEach(async () => {
  core = await TestCore.create();
});

const { ARRAY_EMPTY, ARRAY_FLOAT, ARRAY_INT, ARRAY_MIXED } = layout;
const fill = (...values: Value[]): Ref => {
  const table = core.table();
  values.forEach((value, i) => core.set(table, BigInt(i + 1), value));
  return table;
};
const list = (table: Ref): Value[] => Array.from({ length: core.length(table) }, (_, i) => core.get(table, BigInt(i + 1)));
const dictionarySize = (table: Ref) => core.u32(table.pointer + layout.TABLE_DICT_SIZE);

describe('array part', () => {
  it('chooses its kind by its values', () => {
    expect(core.kind(core.table(10))).toBe(ARRAY_EMPTY);
    expect(core.kind(fill(1n, 2n, 3n))).toBe(ARRAY_INT);
    expect(core.kind(fill(1.5, 2.5))).toBe(ARRAY_FLOAT);
    expect(core.kind(fill('a'))).toBe(ARRAY_MIXED);
    expect(core.kind(fill(1.5, 2n))).toBe(ARRAY_MIXED);
    expect(list(fill(1.5, 2n, 3.0))).toEqual([1.5, 2n, 3]);
    expect(list(fill(1n, 2n, true, 'x', false, 2.5))).toEqual([1n, 2n, true, 'x', false, 2.5]);
    core.verify();
  });

  it('lets an emptied array change between integers and floats', () => {
    const table = fill(1n);
    core.set(table, 1n, undefined);
    expect(core.length(table)).toBe(0);
    core.set(table, 1n, 1.5);
    expect(core.kind(table)).toBe(ARRAY_FLOAT);
    core.verify();
  });

  it('has a border as its length', () => {
    const table = fill(1n, 2n, 3n, 4n);
    core.set(table, 4n, undefined);
    expect(core.kind(table)).toBe(ARRAY_INT);
    expect(core.length(table)).toBe(3);
    core.set(table, 2n, undefined);
    expect(core.kind(table)).toBe(ARRAY_MIXED);
    expect(core.length(table)).toBe(3);
    core.set(table, 3n, undefined);
    expect(core.length(table)).toBe(1);
    core.verify();
  });

  it('fetches followers from the dictionary', () => {
    const table = core.table();
    for (let i = 100; i >= 1; i--) core.set(table, BigInt(i), BigInt(i));
    expect(core.length(table)).toBe(100);
    expect(list(table)).toEqual(Array.from({ length: 100 }, (_, i) => BigInt(i + 1)));
    core.verify();
    const other = core.table();
    for (const key of [5n, 3n, 2n, 4n, 1n]) core.set(other, key, 'v');
    expect(core.length(other)).toBe(5);
    core.verify();
  });

  it('takes dense keys over from the dictionary', () => {
    const table = core.table();
    for (let i = 2; i <= 1000; i++) core.set(table, BigInt(i), BigInt(i));
    expect(core.length(table)).toBeGreaterThan(500);
    expect(core.get(table, 777n)).toBe(777n);
    expect(core.get(table, 1n)).toBe(undefined);
    core.verify();
    core.set(table, 1n, 1n);
    expect(core.length(table)).toBe(1000);
    core.verify();
  });

  it('normalises float keys', () => {
    const table = fill(10n, 20n);
    expect(core.get(table, 2)).toBe(20n);
    core.set(table, 3, 30n);
    expect(core.length(table)).toBe(3);
    core.set(table, -0, 'zero');
    expect(core.get(table, 0n)).toBe('zero');
    core.set(table, 2 ** 53, 'big');
    expect(core.get(table, 2n ** 53n)).toBe('big');
    core.set(table, 2 ** 63, 'float');
    expect(core.get(table, 2 ** 63)).toBe('float');
    expect(core.get(table, -(2n ** 63n))).toBe(undefined);
    core.set(table, -(2 ** 63), 'lowest');
    expect(core.get(table, -(2n ** 63n))).toBe('lowest');
    core.verify();
  });

  it('does not grow without end under a queue', () => {
    for (const start of [1, 1000]) {
      const queue = core.table();
      core.pin(queue);
      core.collect();
      const used = core.bytesUsed;
      let head = start;
      let tail = start;
      for (let i = 0; i < 50000; i++) {
        core.set(queue, BigInt(tail), BigInt(tail));
        tail++;
        if (tail - head > 20) {
          expect(core.get(queue, BigInt(head))).toBe(BigInt(head));
          core.set(queue, BigInt(head), undefined);
          head++;
        }
      }
      core.verify();
      expect(core.bytesUsed - used).toBeLessThan(8000);
    }
  });

  it('stores lists of constructors at once', () => {
    const append = (table: Ref, last: number, values: Value[]) => {
      values.forEach((value, i) => core.write(core.slot(16 + i), value));
      core.call['tableAppendValues']!(table.pointer, last, core.slot(16), values.length);
    };
    const ints = core.table(6);
    append(ints, 0, [1n, 2n, 3n]);
    append(ints, 3, [4n, 5n, 6n]);
    expect(core.kind(ints)).toBe(ARRAY_INT);
    expect(core.u32(ints.pointer + layout.TABLE_ARRAY_CAPACITY)).toBe(6);
    expect(list(ints)).toEqual([1n, 2n, 3n, 4n, 5n, 6n]);
    append(ints, 6, [1.5, undefined, 'x', undefined]);
    expect(core.length(ints)).toBe(9);
    expect(core.get(ints, 8n)).toBe(undefined);
    const holes = core.table(4);
    append(holes, 0, [undefined, undefined]);
    expect(core.length(holes)).toBe(0);
    append(holes, 2, ['a', undefined]);
    expect(core.length(holes)).toBe(3);
    const mixedWithKeys = core.table();
    core.set(mixedWithKeys, 3n, 'three');
    append(mixedWithKeys, 0, [1.5, 2.5]);
    expect(list(mixedWithKeys)).toEqual([1.5, 2.5, 'three']);
    const overwritten = core.table();
    core.set(overwritten, 1n, 'old');
    append(overwritten, 0, ['new', 'second']);
    expect(list(overwritten)).toEqual(['new', 'second']);
    core.verify();
  });

  it('has fast paths that agree with the slow ones', () => {
    const setFast = (table: Ref, key: bigint, value: Value) => core.call['setFast']!(table.pointer, key, core.write(core.slot(1), value));
    const table = fill(1n, 2n);
    expect(setFast(table, 1n, 5n)).toBe(1);
    expect(setFast(table, 3n, 7n)).toBe(1);
    expect(setFast(table, 3n, 7.5)).toBe(0);
    expect(setFast(table, 3n, undefined)).toBe(0);
    expect(setFast(table, 0n, 1n)).toBe(0);
    expect(setFast(table, 5n, 1n)).toBe(0);
    expect(setFast(table, -(2n ** 63n), 1n)).toBe(0);
    expect(setFast(core.table(8), 1n, 1n)).toBe(0);
    expect(core.call['getFast']!(table.pointer, 3n, core.slot(2))).toBe(1);
    expect(core.read(core.slot(2))).toBe(7n);
    expect(core.call['getFast']!(table.pointer, 4n, core.slot(2))).toBe(0);
    expect(core.call['traceAppendRoom']!(table.pointer)).toBe(1);
    expect(list(table)).toEqual([5n, 2n, 7n]);
    core.verify();
  });
});

describe('keys', () => {
  it('rejects nil and NaN', () => {
    const table = core.table();
    expect(() => core.set(table, undefined, 1n)).toThrow(new CoreError('table index is nil'));
    expect(() => core.set(table, NaN, 1n)).toThrow(new CoreError('table index is NaN'));
    expect(core.get(table, undefined)).toBe(undefined);
    expect(core.get(table, NaN)).toBe(undefined);
    expect(core.call['traceTableSet']!(table.pointer, core.write(core.slot(0), undefined), core.write(core.slot(1), 1n))).toBe(0);
  });

  it('finds long strings by their bytes', () => {
    const table = core.table();
    core.pin(table);
    const key = 'k'.repeat(100);
    core.set(table, key, 1n);
    core.set(table, key, 2n);
    core.collect();
    expect(core.get(table, key)).toBe(2n);
    expect(dictionarySize(table)).toBe(1);
    expect(core.get(table, `${key}k`)).toBe(undefined);
  });

  it('keeps true, false, light userdata and objects apart', () => {
    const table = core.table();
    const other = core.table();
    const light = new Ref(layout.TAG_LIGHT, other.pointer);
    core.write(core.slot(0), 77n);
    core.set(table, true, 'true');
    core.set(table, false, 'false');
    core.set(table, other, 'other');
    core.set(table, light, 'light');
    core.set(table, BigInt(other.pointer), 'integer');
    expect([true, false, other, light, BigInt(other.pointer)].map((key) => core.get(table, key))).toEqual(['true', 'false', 'other', 'light', 'integer']);
    core.verify();
  });
});

describe('traversal', () => {
  it('rejects keys that are not there', () => {
    const table = fill(1n);
    for (const key of [99n, 'x', 1.5, true, core.table()] as Value[]) {
      core.write(core.slot(8), key);
      expect(() => core.call['tableNext']!(table.pointer, core.slot(8), core.slot(8))).toThrow(new CoreError("invalid key to 'next'"));
    }
  });

  it('goes through array, record and dictionary, and allows removal on the way', () => {
    const build = () => {
      const table = core.table();
      core.pin(table);
      for (let i = 1; i <= 20; i++) core.set(table, BigInt(i), i % 2 ? BigInt(i) : `v${i}`);
      for (let i = 0; i < 10; i++) core.set(table, `name${i}`, true);
      for (let i = 0; i < 20; i++) core.set(table, i + 0.5, core.table());
      for (let i = 0; i < 10; i++) core.set(table, core.table(), `long key ${i}`.repeat(10));
      for (let i = 0; i < 10; i++) core.set(table, `long key ${i}`.repeat(10), BigInt(i));
      return table;
    };
    const table = build();
    let order: Value[] = [];
    core.traverse(table, (key) => order.push(key));
    expect(order.length).toBe(70);
    expect(order.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, i) => BigInt(i + 1)));
    expect(order.slice(20, 30)).toEqual(Array.from({ length: 10 }, (_, i) => `name${i}`));
    for (const collect of [false, true]) {
      const each = build();
      order = [];
      core.traverse(each, (key) => {
        order.push(key);
        core.set(each, key, undefined);
        if (collect && order.length % 5 === 0) {
          // The key being visited stays alive in the traversal's slot, as it would on a stack.
          const slot = core.slot(8);
          const handle = core.u32(slot + 8) >= layout.TAG_STRING ? core.call['pinObject']!(core.u32(slot)) : 0;
          core.collect();
          if (handle) core.call['unpinObject']!(handle);
        }
      });
      expect(order.length).toBe(70);
      expect(core.length(each)).toBe(0);
      core.verify();
      let left = 0;
      core.traverse(each, () => left++);
      expect(left).toBe(0);
    }
  });
});

describe('model', () => {
  /** Text that tells values and keys apart. */
  const nameOf = (value: Value): string =>
    value instanceof Ref ? `ref${value.pointer}` : typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 62 ? `bigint${BigInt(value)}` : `${typeof value}${String(value)}`;

  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8, 9]) {
    const exhausted = seed > 6;
    it(`agrees with a Map, seed ${seed}${exhausted ? ', while memory runs out' : ''}`, () => {
      let state = seed * 7919;
      const random = (below: number) => {
        state = (Math.imul(state, 1103515245) + 12345) >>> 0;
        return Math.floor((state / 2 ** 32) * below);
      };
      const objects = Array.from({ length: 12 }, () => core.table());
      for (const object of objects) core.pin(object);
      const subjects = Array.from({ length: 4 }, (_, i) => ({ table: core.table(i * 3, i * 2), model: new Map<string, [Value, Value]>() }));
      for (const { table } of subjects) core.pin(table);
      const range = [10, 40, 300][seed % 3]!;
      const makeKey = (): Value => {
        switch (random(12)) {
          case 0: case 1: case 2: case 3: case 4: return BigInt(random(range) + 1);
          case 5: return BigInt(random(1 << 20)) - 1000n;
          case 6: case 7: return `k${random(range)}`;
          case 8: return `a long key number ${random(range)} `.repeat(4);
          case 9: return random(range) + [0, 0.25][random(2)]!;
          case 10: return objects[random(objects.length)];
          default: return random(2) === 0;
        }
      };
      const favourite = random(4);
      const makeValue = (): Value => {
        switch (random(3) ? favourite : random(8)) {
          case 0: return BigInt(random(1000));
          case 1: return random(1000) + 0.5;
          case 2: return `value ${random(500)}`;
          case 3: return objects[random(objects.length)];
          case 4: return random(2) === 0;
          default: return undefined;
        }
      };
      /** Stores in table and model; without memory in neither. */
      const assign = (table: Ref, model: Map<string, [Value, Value]>, key: Value, value: Value) => {
        try {
          if (exhausted && random(3) === 0) core.call['setMemoryLimit']!(core.bytesUsed + random(random(2) ? 100 : 3000));
          core.set(table, key, value);
        } catch (error) {
          expect((error as CoreError).message).toBe('not enough memory');
          core.verify();
          return;
        } finally {
          core.call['setMemoryLimit']!(0);
        }
        if (value === undefined) model.delete(nameOf(key));
        else model.set(nameOf(key), [key, value]);
      };
      for (let step = 0; step < 4000; step++) {
        const { table, model } = subjects[random(subjects.length)]!;
        const action = random(100);
        if (action < 55) {
          assign(table, model, makeKey(), makeValue());
        } else if (action < 65) {
          const value = makeValue();
          const next = BigInt(core.length(table) + 1);
          expect(model.has(nameOf(next))).toBe(false);
          if (value !== undefined) assign(table, model, next, value);
        } else if (action < 90) {
          const key = makeKey();
          expect(core.get(table, key)).toEqual(model.get(nameOf(key))?.[1]);
        } else if (action < 92) {
          const seen = new Map<string, Value>();
          const removals = random(3);
          core.traverse(table, (key, value) => {
            expect(seen.has(nameOf(key))).toBe(false);
            seen.set(nameOf(key), value);
            if (removals && random(3) === 0) {
              core.set(table, key, undefined);
              model.delete(nameOf(key));
              seen.set(`removed ${nameOf(key)}`, undefined);
            }
          });
          for (const [name, [, value]] of model) expect(seen.get(name)).toEqual(value);
          expect([...seen.keys()].filter((name) => !name.startsWith('removed') && !seen.has(`removed ${name}`)).length).toBe(model.size);
        } else if (action < 95) core.collect();
        else if (action < 96) core.call['setMetatable']!(table.pointer, random(2) ? objects[random(objects.length)]!.pointer : 0);
        else if (action === 99 && random(20) === 0) core.call['tableToDictionaryMode']!(table.pointer);
        const length = core.length(table);
        if (length) expect(model.has(nameOf(BigInt(length)))).toBe(true);
        expect(model.has(nameOf(BigInt(length + 1)))).toBe(false);
        if (step % 50 === 0) core.verify();
      }
      for (const { table, model } of subjects) {
        for (const [key, value] of model.values()) expect(core.get(table, key)).toEqual(value);
      }
    });
  }
});

/** Shapes: sharing, limits, metatables, lookup in long chains, collection of what no table uses. */
import { beforeEach, describe, expect, it } from 'vitest';
import * as layout from '../../../src/bytecode/layout.ts';
import { TestCore, type Ref } from '../harness.ts';

let core: TestCore;
beforeEach(async () => {
  core = await TestCore.create();
});

const setField = (table: Ref, name: string, value: bigint) => {
  core.write(core.slot(1), value);
  core.call['tableSetString']!(table.pointer, core.string(name), core.slot(1));
};
const withFields = (...names: string[]): Ref => {
  const table = core.table();
  for (const name of names) setField(table, name, 1n);
  return table;
};

describe('shapes', () => {
  it('are shared by tables with the same fields in the same order', () => {
    expect(core.shape(withFields('x', 'y'))).toBe(core.shape(withFields('x', 'y')));
    expect(core.shape(withFields('y', 'x'))).not.toBe(core.shape(withFields('x', 'y')));
    expect(core.shape(withFields())).toBe(core.u32(layout.VM_ROOT_SHAPE));
  });

  it('find every field of long chains, branches included', () => {
    const names = Array.from({ length: 120 }, (_, i) => `field${i}`);
    const table = withFields(...names);
    const shape = core.shape(table);
    names.forEach((name, i) => expect(core.call['shapeLookup']!(shape, core.string(name))).toBe(i));
    expect(core.call['shapeLookup']!(shape, core.string('other'))).toBe(-1);
    const branch = withFields(...names.slice(0, 50), 'other', ...names.slice(60));
    expect(core.call['shapeLookup']!(core.shape(branch), core.string('other'))).toBe(50);
    expect(core.call['shapeLookup']!(core.shape(branch), core.string('field55'))).toBe(-1);
    expect(core.call['shapeLookup']!(core.shape(branch), core.string('field60'))).toBe(51);
    for (let i = 0; i < 120; i++) expect(core.text(core.call['shapeKeyAt']!(shape, i))).toBe(names[i]);
    core.verify();
  });

  it('cost memory linear in the length of the chain', () => {
    core.collect();
    const used = core.bytesUsed;
    withFields(...Array.from({ length: 100 }, (_, i) => `field${i}`));
    // 100 shapes and strings, slots of doubling size, vectors of doubling size.
    expect(core.bytesUsed - used).toBeLessThan(100 * (48 + 32) + 128 * 16 * 2 + 128 * 8 * 2 + 2000);
  });

  it('give way to a dictionary beyond 128 fields, for good', () => {
    const table = withFields(...Array.from({ length: 128 }, (_, i) => `f${i}`));
    core.pin(table);
    expect(core.shape(table)).not.toBe(0);
    setField(table, 'more', 2n);
    expect(core.shape(table)).toBe(0);
    expect(core.u32(table.pointer + layout.TABLE_SLOTS)).toBe(0);
    expect(core.get(table, 'f77')).toBe(1n);
    expect(core.get(table, 'more')).toBe(2n);
    core.collect();
    core.verify();
  });

  it('do not explode with computed keys', () => {
    core.collect();
    const used = core.bytesUsed;
    const tables = core.table();
    core.pin(tables);
    for (let i = 0; i < 200; i++) {
      const table = core.table();
      core.set(tables, BigInt(i + 1), table);
      for (let k = 0; k < 50; k++) core.set(table, `k${(i * 7919 + k * 104729) % 100003}`, true);
    }
    expect(core.bytesUsed - used).toBeLessThan(200 * 50 * (32 + 3 * 48));
    expect(core.shape(core.get(tables, 150n) as Ref)).toBe(0);
    core.verify();
    core.collect();
    core.verify();
  });

  it('limit the children of a shape', () => {
    for (let i = 0; i < 1200; i++) withFields('common', `child${i}`);
    const table = withFields('common', 'one too many');
    expect(core.shape(table)).toBe(0);
    expect(core.get(table, 'one too many')).toBe(1n);
    core.verify();
    core.collect();
    core.verify();
    expect(core.shape(withFields('common', 'one too many'))).not.toBe(0);
  });

  it('contain the metatable', () => {
    const a = core.table();
    const b = core.table();
    for (const table of [a, b]) core.pin(table);
    const first = withFields('x', 'y');
    const second = withFields('x', 'y');
    const plain = core.shape(first);
    core.call['setMetatable']!(first.pointer, a.pointer);
    expect(core.shape(first)).not.toBe(plain);
    core.call['setMetatable']!(second.pointer, a.pointer);
    expect(core.shape(second)).toBe(core.shape(first));
    core.call['setMetatable']!(second.pointer, b.pointer);
    expect(core.shape(second)).not.toBe(core.shape(first));
    core.call['setMetatable']!(second.pointer, 0);
    expect(core.shape(second)).toBe(plain);
    expect(core.u32(core.shape(first) + layout.SHAPE_METATABLE)).toBe(a.pointer);
    setField(first, 'z', 3n);
    expect(core.u32(core.shape(first) + layout.SHAPE_METATABLE)).toBe(a.pointer);
    core.call['setMetatable']!(first.pointer, 0);
    expect(core.get(first, 'z')).toBe(3n);
    core.verify();
    core.collect();
    core.verify();
  });

  it('make no chains when metatables alternate', () => {
    const metatables = [core.table(), core.table()];
    const table = withFields('x');
    for (const each of [...metatables, table]) core.pin(each);
    core.call['setMetatable']!(table.pointer, metatables[0]!.pointer);
    core.call['setMetatable']!(table.pointer, metatables[1]!.pointer);
    const used = core.bytesUsed;
    for (let i = 0; i < 100; i++) core.call['setMetatable']!(table.pointer, metatables[i & 1]!.pointer);
    expect(core.bytesUsed).toBe(used);
  });

  it('die with their tables', () => {
    core.collect();
    const used = core.bytesUsed;
    for (let i = 0; i < 300; i++) {
      const metatable = core.table();
      const table = withFields(`a${i}`, `b${i}`, ...Array.from({ length: 20 }, (_, k) => `c${k}`));
      core.call['setMetatable']!(table.pointer, metatable.pointer);
      core.get(table, 'c11');
    }
    core.collect();
    core.verify();
    expect(core.bytesUsed).toBe(used);
  });
});

describe('metamethods', () => {
  it('are found, and their absence is remembered until the name is stored', () => {
    const metatable = core.table();
    const table = core.table();
    core.pin(table);
    core.call['setMetatable']!(table.pointer, metatable.pointer);
    const index = 0;
    expect(core.call['metamethodOf']!(metatable.pointer, index)).toBe(0);
    expect(core.u32(metatable.pointer + layout.TABLE_ABSENT) & 1).toBe(1);
    const epoch = core.u32(layout.VM_METATABLE_EPOCH);
    core.set(metatable, 'other', 1n);
    expect(core.u32(layout.VM_METATABLE_EPOCH)).toBe(epoch);
    core.set(metatable, '__index', table);
    expect(core.u32(layout.VM_METATABLE_EPOCH)).toBe(epoch + 1);
    expect(core.read(core.call['metamethodOf']!(metatable.pointer, index))).toEqual(table);
    core.call['tableToDictionaryMode']!(metatable.pointer);
    expect(core.read(core.call['metamethodOf']!(metatable.pointer, index))).toEqual(table);
    core.set(metatable, '__index', undefined);
    expect(core.call['metamethodOf']!(metatable.pointer, index)).toBe(0);
  });
});

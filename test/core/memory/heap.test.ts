/** Heap and collector: accounting, reuse, limits, pins. */
import { beforeEach, describe, expect, it } from 'vitest';
import * as layout from '../../../src/bytecode/layout.ts';
import { CoreError, TestCore } from '../harness.ts';

let core: TestCore;
beforeEach(async () => {
  core = await TestCore.create();
});

/** A small deterministic generator. */
function randomSource(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('raw memory', () => {
  it('keeps contents apart and gives everything back', () => {
    const random = randomSource(7);
    core.collect();
    const baseline = core.bytesUsed;
    const live: { pointer: number; size: number; mark: number }[] = [];
    for (let step = 0; step < 6000; step++) {
      const action = random(3);
      if (action < 2 || live.length === 0) {
        const size = [random(64), random(1100), random(20000)][random(3)]!;
        const pointer = core.call['allocateRaw']!(size) >>> 0;
        expect(pointer & 15).toBe(0);
        const mark = random(256);
        new Uint8Array(core.memory.buffer, pointer, size).fill(mark);
        live.push({ pointer, size, mark });
        continue;
      }
      const [block] = live.splice(random(live.length), 1);
      const { pointer, size, mark } = block!;
      expect(new Uint8Array(core.memory.buffer, pointer, size).every((byte) => byte === mark)).toBe(true);
      if (random(3) === 0) {
        const newSize = random(30000);
        const moved = core.call['reallocateRaw']!(pointer, size, newSize) >>> 0;
        expect(new Uint8Array(core.memory.buffer, moved, Math.min(size, newSize)).every((byte) => byte === mark)).toBe(true);
        new Uint8Array(core.memory.buffer, moved, newSize).fill(mark);
        live.push({ pointer: moved, size: newSize, mark });
      } else core.call['freeRaw']!(pointer, size);
      if (step % 500 === 0) core.verify();
    }
    for (const { pointer, size } of live) core.call['freeRaw']!(pointer, size);
    core.verify();
    core.collect();
    core.verify();
    expect(core.bytesUsed).toBe(baseline);
  });

  it('does not grow the memory when the same work is repeated', () => {
    const work = () => {
      const blocks: [number, number][] = [];
      for (let i = 0; i < 2000; i++) blocks.push([core.call['allocateRaw']!(i * 3 + 1) >>> 0, i * 3 + 1]);
      for (const [pointer, size] of blocks) core.call['freeRaw']!(pointer, size);
      core.collect();
    };
    work();
    const size = core.memory.buffer.byteLength;
    for (let i = 0; i < 10; i++) work();
    expect(core.memory.buffer.byteLength).toBe(size);
  });

  it('uses the holes that large blocks left for others that grow, rather than the end of memory', () => {
    const largest = 4 << 20;
    const held: [number, number][] = [];
    const grow = () => {
      let size = 2048;
      let pointer = core.call['allocateRaw']!(size) >>> 0;
      for (; size < largest; size *= 2) pointer = core.call['reallocateRaw']!(pointer, size, size * 2) >>> 0;
      held.push([pointer, size]);
      if (held.length > 1) core.call['freeRaw']!(...held.shift()!);
    };
    for (let i = 0; i < 5; i++) grow();
    const size = core.memory.buffer.byteLength;
    for (let i = 0; i < 50; i++) grow();
    expect(core.memory.buffer.byteLength).toBe(size);
    core.verify();
    core.call['freeRaw']!(...held[0]!);
  });

  it('places large neighbours of one size apart in their low bits', () => {
    const size = 1 << 20;
    const blocks = Array.from({ length: 8 }, () => core.call['allocateRaw']!(size) >>> 0);
    for (const [i, block] of blocks.entries()) {
      for (const other of blocks.slice(0, i)) expect(Math.min((block - other) & 4095, (other - block) & 4095)).toBeGreaterThanOrEqual(64);
    }
    for (const block of blocks) core.call['freeRaw']!(block, size);
  });
});

describe('collection', () => {
  it('frees unreachable tables and strings, and brings the accounting back to where it was', () => {
    core.collect();
    const baseline = core.bytesUsed;
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 2000; i++) {
        const table = core.table(0, 2);
        core.set(table, 'name', `string number ${i}`);
        core.set(table, BigInt((i % 7) + 1), core.table(4));
        core.set(table, 1.5, 'x'.repeat(i));
      }
      expect(core.bytesUsed).toBeGreaterThan(baseline + 100000);
      core.verify();
      core.collect();
      core.verify();
      expect(core.bytesUsed).toBe(baseline);
    }
  });

  it('survives lists far deeper than any host stack', () => {
    const head = core.table();
    core.pin(head);
    let last = head;
    for (let i = 0; i < 200000; i++) {
      const next = core.table();
      core.set(last, 1n, next);
      last = next;
    }
    core.collect();
    core.verify();
    let count = 0;
    for (let at = head; at; at = core.get(at, 1n) as typeof at) count++;
    expect(count).toBe(200001);
  });

  it('keeps cycles only while something reaches them', () => {
    core.collect();
    const baseline = core.bytesUsed;
    const a = core.table();
    const b = core.table();
    core.set(a, 'b', b);
    core.set(b, 'a', a);
    core.call['setMetatable']!(a.pointer, b.pointer);
    const handle = core.pin(a);
    core.collect();
    core.verify();
    expect(core.get(core.get(a, 'b') as typeof a, 'a')).toEqual(a);
    expect(core.call['unpinObject']!(handle)).toBe(1);
    core.collect();
    core.verify();
    // The pins' array stays.
    expect(core.bytesUsed - baseline).toBeLessThan(1024);
  });

  it('becomes due by the pause, and always in time before the limit', () => {
    core.collect();
    expect(core.u32(layout.VM_COLLECT_DUE)).toBe(0);
    while (!core.u32(layout.VM_COLLECT_DUE)) core.table(0, 8);
    expect(core.bytesUsed).toBeGreaterThanOrEqual(1 << 20);
    core.collect();
    expect(core.u32(layout.VM_COLLECT_DUE)).toBe(0);
    core.call['setMemoryLimit']!(core.bytesUsed + 100000);
    while (!core.u32(layout.VM_COLLECT_DUE)) core.table(0, 8);
    expect(core.bytesUsed).toBeLessThan(core.u32(layout.VM_BYTES_LIMIT));
    core.setU32(layout.VM_COLLECTOR_STOPPED, 1);
    core.collect();
    while (!core.u32(layout.VM_COLLECT_DUE)) core.table(0, 8);
    expect(core.bytesUsed).toBeLessThanOrEqual(core.u32(layout.VM_BYTES_LIMIT));
  });
});

/** RESERVE of src/core/memory/limit.ts: nothing here is a program's, so nothing can be done again. */
const RESERVE = 262144;

describe('memory limit', () => {
  it('raises "not enough memory" and leaves everything usable', () => {
    const table = core.table();
    core.pin(table);
    core.collect();
    core.call['setMemoryLimit']!(core.bytesUsed + 300000);
    const random = randomSource(3);
    let failures = 0;
    let stored = 0;
    for (let i = 0; i < 30000 && failures < 50; i++) {
      const key = [BigInt(i + 1), BigInt(random(1 << 30)), `key ${i}`, i + 0.5][random(4)]!;
      const before = core.get(table, key);
      try {
        core.set(table, key, 'y'.repeat(random(200)));
        stored++;
      } catch (error) {
        expect(error).toBeInstanceOf(CoreError);
        expect((error as CoreError).message).toBe('not enough memory');
        failures++;
        core.verify();
        expect(core.u32(layout.VM_BYTES_HELD)).toBeLessThanOrEqual(core.u32(layout.VM_BYTES_LIMIT) + RESERVE);
        expect(core.u32(layout.VM_COLLECT_DUE)).toBe(1);
        core.call['setMemoryLimit']!(0);
        expect(core.get(table, key)).toEqual(before);
        core.call['setMemoryLimit']!(core.bytesUsed + 10000);
      }
    }
    expect(failures).toBe(50);
    core.call['setMemoryLimit']!(0);
    let seen = 0;
    core.traverse(table, () => seen++);
    expect(seen).toBeGreaterThan(stored * 0.9);
    core.collect();
    core.verify();
  });

  it('refuses sizes no memory has', () => {
    expect(core.call['tryAllocateRaw']!(0xf0000000)).toBe(0);
    expect(core.call['tryAllocateRaw']!(0xffffffff)).toBe(0);
    expect(() => core.call['newStringUninitialised']!(0x7fffffff)).toThrow('not enough memory');
    core.verify();
  });
});

describe('pins', () => {
  it('tell a stale handle', () => {
    const table = core.table();
    const first = core.pin(table);
    const second = core.pin(table);
    expect(first).not.toBe(0);
    expect(core.call['pinnedValue']!(first)).toBe(table.pointer);
    expect(core.call['unpinObject']!(first)).toBe(1);
    expect(core.call['unpinObject']!(first)).toBe(0);
    expect(core.call['pinnedValue']!(first)).toBe(0);
    const third = core.pin(core.table());
    expect(third).not.toBe(first);
    expect(core.call['pinnedValue']!(first)).toBe(0);
    core.collect();
    core.verify();
    expect(core.call['pinnedValue']!(second)).toBe(table.pointer);
    for (let i = 0; i < 500; i++) core.pin(core.table());
    core.collect();
    core.verify();
  });
});

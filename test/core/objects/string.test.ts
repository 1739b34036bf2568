/** Strings: interning, hashing, comparison. */
import { beforeEach, describe, expect, it } from 'vitest';
import * as layout from '../../../src/bytecode/layout.ts';
import { TestCore } from '../harness.ts';

let core: TestCore;
beforeEach(async () => {
  core = await TestCore.create();
});

describe('strings', () => {
  it('interns up to 40 bytes', () => {
    for (let length = 0; length <= 45; length++) {
      const text = 'abcdefghij'.repeat(5).slice(0, length);
      const a = core.string(text);
      const b = core.string(text);
      expect(a === b).toBe(length <= layout.MAX_SHORT_STRING);
      expect(core.text(a)).toBe(text);
      expect(core.call['equalStrings']!(a, b)).toBe(1);
      expect(core.call['hashOfString']!(a)).toBe(core.call['hashOfString']!(b));
      if (length) {
        const other = core.string(`${text.slice(0, -1)}#`);
        expect(other).not.toBe(a);
        expect(core.call['equalStrings']!(a, other)).toBe(0);
      }
    }
    core.verify();
  });

  it('keeps embedded zeros and all bytes', () => {
    const all = String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i));
    expect(core.text(core.string(all))).toBe(all);
    expect(core.string('a\0b')).not.toBe(core.string('a\0c'));
    expect(core.string('a\0b')).toBe(core.string('a\0b'));
  });

  it('grows and shrinks its table, and drops dead strings', () => {
    core.collect();
    const count = core.u32(layout.VM_STRING_COUNT);
    const kept = core.table();
    core.pin(kept);
    const used = core.bytesUsed;
    for (let i = 0; i < 20000; i++) {
      const s = core.string(`value ${i}`);
      if (i % 1000 === 0) {
        core.set(kept, BigInt(i / 1000 + 1), `value ${i}`);
        expect(core.string(`value ${i}`)).toBe(s);
      }
    }
    expect(core.u32(layout.VM_STRING_BUCKETS)).toBeGreaterThanOrEqual(16384);
    core.verify();
    core.collect();
    core.verify();
    expect(core.u32(layout.VM_STRING_COUNT)).toBe(count + 20);
    expect(core.u32(layout.VM_STRING_BUCKETS)).toBe(256);
    expect(core.bytesUsed - used).toBeLessThan(2000);
    expect(core.get(kept, 3n)).toBe('value 2000');
  });

  it('finishes builders', () => {
    const finish = (text: string) => {
      const s = core.call['newStringUninitialised']!(text.length) >>> 0;
      Buffer.from(core.memory.buffer).write(text, s + layout.STRING_BYTES, 'latin1');
      return core.call['internFinished']!(s) >>> 0;
    };
    const known = core.string('hello');
    const used = core.bytesUsed;
    expect(finish('hello')).toBe(known);
    expect(core.bytesUsed).toBe(used);
    const fresh = finish('world');
    expect(core.string('world')).toBe(fresh);
    const long = finish('z'.repeat(5000));
    expect(core.text(long)).toBe('z'.repeat(5000));
    core.verify();
  });

  it('compares bytes, prefixes first', () => {
    const texts = ['', '\0', '\0\0', 'a', 'a\0', 'a\0b', 'ab', 'abc', 'abcdefgh', 'abcdefgha', 'abcdefghb', 'abcdefgx', 'b', '\xe4', '\xff', 'a'.repeat(50), `${'a'.repeat(50)}b`];
    const byBytes = (a: string, b: string) => Math.sign(Buffer.compare(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1')));
    for (const a of texts) {
      for (const b of texts) expect(Math.sign(core.call['compareStrings']!(core.string(a), core.string(b)))).toBe(byBytes(a, b));
    }
  });

  it('marks the names of metamethods', () => {
    const name = core.string('__index');
    expect(core.u8(name + layout.OBJECT_EXTRA)).toBe(1);
    expect(core.u32(layout.VM_EVENT_NAMES)).toBe(name);
    core.collect();
    expect(core.string('__index')).toBe(name);
    expect(core.text(core.u32(layout.VM_TYPE_NAMES + layout.TAG_TABLE * 4))).toBe('table');
  });
});

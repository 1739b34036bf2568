/** Handles that cannot leak: scopes, what a host function is given, giving back, tickets; and requests by the thousand in little memory. */
import { setImmediate as nextTask } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createJit } from '../../../jit/index.ts';
import { machineOf } from '../../../src/api/engine-port.ts';
import { HostRoots } from '../../../src/api/host-roots.ts';
import { createVm, type LuaFunction, type LuaReference, LuaTable, MoontraceError, results, type Vm } from '../../../src/api/index.ts';
import { valuesOf } from '../../../src/api/vm.ts';

const withCode = (code: string): unknown => expect.objectContaining({ code });
const heldBy = (vm: Vm): number => valuesOf(vm).handles.size;

describe('what a host function is given, and makes,', () => {
  test('is good until it returns, and costs nothing then', () => {
    const vm = createVm();
    const seen: LuaTable[] = [];
    vm.setGlobal('f', (t: LuaTable) => {
      seen.push(t, vm.newTable());
      return t.get<number>('x');
    });
    expect(vm.doString('local sum = 0 for i = 1, 1000 do sum = sum + f({x = i}) end return sum')).toEqual([500500]);
    expect([seen.length, heldBy(vm)]).toEqual([2000, 0]);
    for (const t of seen.slice(0, 4)) expect(() => t.get('x')).toThrow(withCode('released') as Error);
    expect(() => vm.setGlobal('t', seen[0])).toThrow(withCode('released') as Error);
    expect(() => seen[0]!.keep()).toThrow(withCode('released') as Error);
    seen[0]!.release();
  });

  test('lasts by keep()', () => {
    const vm = createVm();
    const handlers: LuaFunction[] = [];
    vm.setGlobal('on', (f: LuaFunction) => void handlers.push(f.keep()));
    vm.doString('local n = 0 on(function(by) n = n + by return n end)');
    vm.collect();
    expect([handlers[0]!.call1(2), handlers[0]!.call1(3)]).toEqual([2, 5]);
  });

  test('may be returned, thrown, or go on to Lua', () => {
    const vm = createVm();
    vm.register({
      give: () => vm.newTable({ a: 1 }), both: (t: LuaTable) => results(t, vm.newTable([t])), fail: () => { throw vm.newTable({ code: 7 }); },
      call: (f: LuaFunction) => results(...f.call()),
    });
    expect(vm.doString('local t = give() local a, b = both(t) return t.a, a == t, b[1] == t')).toEqual([1, true, true]);
    expect(vm.doString('local _, e = pcall(fail) return e.code')).toEqual([7]);
    expect(vm.doString('local _, e = pcall(call, function() error({code = 8}) end) return e.code')).toEqual([8]);
    expect(() => vm.doString('call(fail)')).toThrow(expect.objectContaining({ value: expect.any(LuaTable) as unknown }));
    expect(heldBy(vm)).toBeLessThan(3);
  });

  test('that the host holds already stays held', () => {
    const vm = createVm();
    const t = vm.newTable({ x: 1 });
    vm.setGlobal('f', (given: LuaTable) => {
      expect(given).toBe(t);
      given.release();
      return given.get('x') as number;
    });
    expect(vm.load('return f((...))').call(t)).toEqual([1]);
    expect(t.get('x')).toBe(1);
    t.release();
    expect(() => t.get('x')).toThrow(withCode('released') as Error);
  });
});

describe('scopes', () => {
  test('end what was handed out in them', () => {
    const vm = createVm();
    const outer = vm.newTable();
    let inner: LuaTable | undefined;
    let kept: LuaTable | undefined;
    const result = vm.scope(() => {
      inner = vm.newTable({ a: 1 });
      kept = vm.scope(() => vm.newTable({ b: 2 }).keep());
      outer.set('inner', inner);
      return inner.get('a');
    });
    expect(result).toBe(1);
    expect(() => inner!.get('a')).toThrow(withCode('released') as Error);
    expect([kept!.get('b'), (outer.get('inner') as LuaTable).get('a')]).toEqual([2, 1]);
  });

  test('end also when the action throws, or promises more', () => {
    const vm = createVm();
    const before = heldBy(vm);
    expect(() => vm.scope(() => { vm.newTable(); throw new Error('mine'); })).toThrow('mine');
    expect(() => vm.scope(async () => vm.newTable())).toThrow(withCode('bad-argument') as Error);
    expect(() => vm.scope(5 as never)).toThrow(withCode('bad-argument') as Error);
    const closed = createVm();
    closed.close();
    expect(() => closed.scope(() => 1)).toThrow(withCode('closed') as Error);
    expect(heldBy(vm)).toBe(before);
  });
});

test('release() gives back once what was handed out once; a using block does so at its end', () => {
  const vm = createVm();
  const [a, b] = vm.doString<[LuaTable, LuaTable]>('t = {} return t, t');
  expect(a).toBe(b);
  a.release();
  expect(b.length).toBe(0);
  b.release();
  expect(() => a.length).toThrow(withCode('released') as Error);
  a.release();
  const again = vm.getGlobal<LuaTable>('t');
  expect(again === a).toBe(false);
  // What a compiler makes of `using again = ...`.
  again[Symbol.dispose]();
  expect(() => again.length).toThrow(withCode('released') as Error);
  expect(() => LuaTable.prototype.release.call({} as LuaReference)).toThrow(MoontraceError);
});

describe('tickets', () => {
  test('keep values, and are plain data', () => {
    const vm = createVm();
    const tickets = [5, 'text', { a: 1 }, undefined, () => 3].map((value) => vm.pin(value));
    vm.collect();
    const [number, text, table, nil, f] = tickets.map((ticket) => vm.read(structuredClone(ticket)));
    expect([number, text, (table as LuaTable).toJS(), nil, (f as LuaFunction).call1()]).toEqual([5, 'text', { a: 1 }, undefined, 3]);
    expect(tickets[0]).toEqual({ index: 0, generation: 1 });
    expect(vm.rootCount).toBe(5);
    vm.write(tickets[0]!, 'other');
    expect([vm.read(tickets[0]!), vm.pin(1)]).toEqual(['other', { index: 5, generation: 1 }]);
    vm.unpin(tickets[0]!);
    const next = vm.pin('next');
    expect([next, vm.read(next), vm.read(tickets[0]!)]).toEqual([{ index: 0, generation: 2 }, 'next', undefined]);
    for (const use of [() => vm.write(tickets[0]!, 1), () => vm.unpin(tickets[0]!)]) expect(use).toThrow(withCode('stale-root') as Error);
    vm.unpinAll();
    expect([vm.rootCount, vm.read(next), vm.pin(1)]).toEqual([0, undefined, expect.objectContaining({ generation: expect.any(Number) as number })]);
  });

  test('that are none are refused, and nothing changes', () => {
    const vm = createVm();
    const ticket = vm.pin('kept');
    for (const wrong of [undefined, null, 5, {}, { index: 0 }, { index: 0.5, generation: 1 }, { index: '0', generation: 1 }]) {
      for (const use of [() => vm.read(wrong as never), () => vm.write(wrong as never, 1), () => vm.unpin(wrong as never)]) expect(use).toThrow(withCode('bad-argument') as Error);
    }
    for (const stale of [{ index: 0, generation: 0 }, { index: 0, generation: 2 }, { index: 9, generation: 1 }, { index: -1, generation: 1 }]) expect(vm.read(stale)).toBeUndefined();
    expect(() => vm.pin(Symbol('s') as never)).toThrow(withCode('bad-value') as Error);
    expect(() => vm.write(ticket, 2n ** 70n)).toThrow(withCode('bad-value') as Error);
    expect([vm.read(ticket), vm.rootCount]).toEqual(['kept', 1]);
  });

  test('never name another value: a slot retires when its generations are used up', () => {
    const vm = createVm();
    const roots = new HostRoots(machineOf(vm), 2);
    const seen = Array.from({ length: 10 }, (_, i) => {
      const ticket = roots.pin(i);
      roots.unpin(ticket);
      return ticket;
    });
    expect(seen.map(({ index, generation }) => `${index}:${generation}`)).toEqual(['0:1', '0:2', '0:3', '1:1', '1:2', '1:3', '2:1', '2:2', '2:3', '3:1']);
    for (const ticket of seen) expect(roots.read(ticket)).toBeUndefined();
    roots.pin('a');
    roots.pin('b');
    roots.unpinAll();
    expect([roots.count, roots.pin('c')]).toEqual([0, { index: 4, generation: 2 }]);
  });

  test('agree with a model, whatever is done', () => {
    const vm = createVm();
    const roots = new HostRoots(machineOf(vm), 3);
    const model = new Map<string, number>();
    let seed = 7;
    const random = (n: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return (seed >> 8) % n;
    };
    for (let step = 0; step < 3000; step++) {
      const names = [...model.keys()];
      const name = names[random(Math.max(names.length, 1))];
      const action = random(10);
      if (name === undefined || action < 5) {
        const ticket = roots.pin(step);
        expect(model.has(JSON.stringify(ticket))).toBe(false);
        model.set(JSON.stringify(ticket), step);
      } else if (action < 7) {
        roots.write(JSON.parse(name), -step);
        model.set(name, -step);
      } else if (action === 9 && random(50) === 0) {
        roots.unpinAll();
        model.clear();
      } else {
        roots.unpin(JSON.parse(name));
        model.delete(name);
      }
      expect(roots.count).toBe(model.size);
    }
    for (const [name, value] of model) expect(roots.read(JSON.parse(name))).toBe(value);
  });
});

test('handles that a job made until memory was used up are let go of in later ones', async () => {
  const vm = createVm({ memoryLimit: 16 << 20 });
  expect(() => {
    for (;;) vm.newTable({ n: 1 });
  }).toThrow('not enough memory');
  // The host's collector is only asked for, and takes what the job under way has not touched.
  const runs = (): boolean => {
    try {
      return vm.doString('return 1')[0] === 1;
    } catch {
      return false;
    }
  };
  let tasks = 0;
  while (!runs() && tasks < 20) {
    tasks++;
    await nextTask();
  }
  expect(tasks).toBeLessThan(20);
  vm.close();
});

/** scripts/requests.mjs does a million. */
describe('requests by the thousand, in 8 MB', () => {
  const REQUESTS = 3000;
  const serve = (): { vm: Vm; handler: LuaFunction } => {
    const vm = createVm({ memoryLimit: 8 << 20, jit: createJit() });
    vm.setGlobal('log', (rows: LuaTable) => rows.length);
    return { vm, handler: vm.load('local request = ... local rows = {} for i = 1, 1000 do rows[i] = i end return log(rows) + #request.path') };
  };

  test('with tasks in between', async () => {
    const { vm, handler } = serve();
    for (let i = 0; i < REQUESTS; i++) {
      expect(handler.call1(vm.newTable({ path: '/', body: 'x'.repeat(10_000) }))).toBe(1001);
      if (i % 100 === 0) await nextTask();
    }
  });

  test('that return tables', async () => {
    const { vm } = serve();
    const handler = vm.load<[], [LuaTable]>('local rows = {} for i = 1, 1000 do rows[i] = i end return rows');
    for (let i = 0; i < REQUESTS; i++) {
      expect(handler.call1().get(1000)).toBe(1000);
      if (i % 100 === 0) await nextTask();
    }
  });

  test('in one loop, within scopes', () => {
    const { vm, handler } = serve();
    for (let i = 0; i < REQUESTS; i++) expect(vm.scope(() => handler.call1(vm.newTable({ path: '/', body: 'x'.repeat(10_000) })))).toBe(1001);
  });

  test('of one program', () => {
    const { vm } = serve();
    expect(vm.doString(`local n = 0 for i = 1, ${10 * REQUESTS} do n = n + log({1, 2, 3}) end return n`)).toEqual([30 * REQUESTS]);
  });
});

/** Compiled code goes along: what is made of an image or a fork runs it at once, grows it, and lets go of it (jit/manager/code-transfer.ts). */
import { describe, expect, test, vi } from 'vitest';
import { createVm, type LuaFunction, restoreVm, type Vm, type VmOptions } from '../../../src/api/index-node.ts';
import { machineOf } from '../../../src/api/engine-port.ts';
import { checksum } from '../../../src/engine/image/checksum.ts';
import { createLateJit } from '../../../src/engine/late-jit.ts';
import { TRACE_SIZE } from '../../../src/bytecode/layout.ts';
import { type CreateJitOptions, createJit, type JitEvent } from '../../../jit/index.ts';
import { TraceManager } from '../../../jit/manager/trace-manager.ts';
import { createParameters } from '../../../jit/parameters.ts';
import { DEFAULT_OPTIONS } from '../../../jit/build/options.ts';
import { createEncoderBackend } from '../../../jit/backend/encoder-backend.ts';
import { debugCore } from '../../support/engine.ts';

const eager = (options: CreateJitOptions = {}) => createJit({ checkSlots: true, ...options, tunables: { share: 100, hotloop: 2, hotexit: 100, ...options.tunables } });
const original = (options: VmOptions = {}): Vm => createVm({ core: debugCore(), jit: eager(), ...options });
const call = (vm: Vm, name: string, ...args: number[]): unknown => (vm.getGlobal(name) as LuaFunction).call1(...args);
const verify = (vm: Vm): number => machineOf(vm).core.verifyHeap();
const entered = (vm: Vm): number => vm.stats().traces.reduce((sum, trace) => sum + trace.entered, 0);

const copies: readonly (readonly [string, (vm: Vm, options?: VmOptions) => Vm])[] = [
  ['an image', (vm, options) => restoreVm(vm.snapshot({ code: true }), { core: debugCore(), jit: eager(), ...options })],
  ['a delta', (vm, options) => {
    const base = vm.snapshot();
    vm.doString('math.randomseed(7)');
    return restoreVm(base, { core: debugCore(), jit: eager(), deltas: [vm.snapshot({ code: true, since: base })], ...options });
  }],
  ['a fork', (vm, options) => vm.fork({ jit: eager(), ...options })],
];

const SUM = 'function sum(n) local s = 0 for i = 1, n do s = s + i end return s end sum(500)';
/** Objects, metatables, a branch that is not taken at first, floats, strings. */
const OBJECTS = `
  local Point = {} Point.__index = Point
  function Point.new(x, y) return setmetatable({ x = x, y = y }, Point) end
  function Point:add(o) return Point.new(self.x + o.x, self.y * 0.5 + o.y) end
  function walk(n, odd)
    local a, b, names = Point.new(0, -0.0), Point.new(1, 2), {}
    for i = 1, n do
      a = a:add(b)
      if i % 7 == odd then names[#names + 1] = 'n' .. i elseif i % 5 == odd then a.x = a.x + 1.5 end
    end
    return a.x .. ' ' .. a.y .. ' ' .. #names
  end
  walk(300, 9)`;
const FIB = `local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
  function run(n) local s = 0 for i = 1, n do s = s + fib(i) end return s end`;

describe.each(copies)('%s with compiled code', (_, copyOf) => {
  test('runs it at once', () => {
    const vm = original();
    vm.doString(SUM + OBJECTS);
    const copy = copyOf(vm);
    const { recorded, compiled, restored, memoryUsed } = copy.stats();
    expect([recorded, compiled, restored]).toEqual([0, 0, vm.stats().traces.length]);
    expect(memoryUsed).toBeLessThanOrEqual(vm.stats().memoryUsed);
    expect(entered(copy)).toBe(0);
    expect([call(copy, 'sum', 1000), call(copy, 'walk', 400, 9)]).toEqual([500500, '400 4.0 0']);
    expect(copy.stats().recorded).toBe(0);
    expect(entered(copy)).toBeGreaterThan(0);
    expect(verify(copy)).toBe(0);
  });

  test('grows it: sides of what it came with, other loops, in one function', () => {
    const vm = original();
    vm.doString(OBJECTS);
    const events: JitEvent[] = [];
    const copy = copyOf(vm, { jit: eager({ tunables: { loopbudget: 50 }, listeners: [(event) => events.push(event)] }) });
    expect(events.every(({ kind }) => kind === 'adopted' || kind === 'binary')).toBe(true);
    const known = new Set(events.flatMap((event) => (event.kind === 'adopted' ? [event.number] : [])));
    for (let odd = 0; odd < 5; odd++) expect(call(copy, 'walk', 400, odd)).toBe(vm.load('return walk(...)').call1(400, odd));
    expect(events.some((event) => event.kind === 'compiled' && event.parent !== undefined && known.has(event.parent.trace))).toBe(true);
    expect(events.some((event) => event.kind === 'tree' && known.has(event.root))).toBe(true);
    expect(events.flatMap((event) => (event.kind === 'compiled' ? [event.number] : [])).filter((number) => known.has(number))).toEqual([]);
    copy.doString(SUM);
    expect([call(copy, 'sum', 300), verify(copy)]).toEqual([45150, 0]);
  });

  test('keeps what it names, and lets go of it with the functions it belongs to', () => {
    const vm = original();
    vm.doString(`
      local object = { value = 3 }
      function swap() object = { value = 4, other = true } end
      function take() local s = 0 for i = 1, 100 do s = s + object.value end return s end take()`);
    vm.doString(OBJECTS);
    const copy = copyOf(vm);
    for (let i = 0; i < 3; i++) copy.collect();
    expect([call(copy, 'take'), copy.stats().traces.length, copy.stats().recorded]).toEqual([300, vm.stats().traces.length, 0]);
    copy.doString('swap() collectgarbage() collectgarbage() junk = {} for i = 1, 3000 do junk[i] = { value = -1, other = i } end');
    expect([call(copy, 'take'), verify(copy)]).toEqual([400, 0]);
    copy.doString('take, swap, walk, junk = nil');
    for (let i = 0; i < 3; i++) copy.collect();
    copy.doString('for i = 1, 3 do end');
    copy.collect();
    expect(copy.stats().traces.filter(({ where }) => !where.includes('for i'))).toEqual([]);
    expect(verify(copy)).toBe(0);
  });

  test('in the middle of a collection', () => {
    const vm = original();
    vm.doString(OBJECTS);
    for (let step = 1; step < 60; step += 7) {
      vm.doString(`collectgarbage('stop') for i = 1, ${step} do collectgarbage('step', 1) end`);
      const copy = copyOf(vm);
      expect(verify(copy)).toBe(0);
      copy.doString("collectgarbage('restart')");
      expect([call(copy, 'walk', 300, 9), copy.stats().recorded]).toEqual(['300 4.0 0', 0]);
      copy.collect();
      expect([call(copy, 'walk', 300, 9), verify(copy)]).toEqual(['300 4.0 0', 0]);
    }
  });

  test('keeps trees that name what nothing else does, until a collection of its own', () => {
    const vm = original();
    vm.doString(`
      local Class = { get = function(o) return o.v end }
      function use() local o, s = setmetatable({ v = 2 }, { __index = Class }), 0 for i = 1, 90 do s = s + o:get() end return s end use()`);
    vm.collect();
    const reasons: string[] = [];
    const copy = copyOf(vm, { jit: eager({ listeners: [(event) => event.kind === 'discarded' && reasons.push(event.reason)] }) });
    expect([copy.stats().restored, call(copy, 'use'), reasons]).toEqual([1, 180, []]);
    copy.collect();
    expect([call(copy, 'use'), call(copy, 'use'), reasons, verify(copy)]).toEqual([180, 180, ['abandoned'], 0]);
  });

  test('of whole functions', () => {
    const functions = () => eager({ tunables: { hotfunction: 0 } });
    const vm = original({ jit: functions() });
    vm.doString(`${FIB} for i = 1, 4 do run(12) end`);
    expect(vm.stats().traces.some(({ link }) => link === 'return')).toBe(true);
    const copy = copyOf(vm, { jit: functions() });
    expect([call(copy, 'run', 12), copy.stats().recorded, copy.stats().traces.some(({ link, entered }) => link === 'return' && entered > 0)]).toEqual([376, 0, true]);
    for (let n = 10; n < 18; n++) expect(call(copy, 'run', n)).toBe(call(vm, 'run', n));
    copy.collect();
    expect([call(copy, 'run', 15), verify(copy)]).toEqual([1596, 0]);
  });

  test('without it where there is no JIT, or one that compiles nothing', () => {
    const vm = original();
    vm.doString(SUM + OBJECTS + FIB);
    const { memoryUsed } = copyOf(vm).stats();
    for (const jit of [createJit({ backend: 'null' }), createLateJit(() => undefined)]) {
      const copy = copyOf(vm, { jit });
      expect([copy.stats().restored, copy.stats().traces, copy.stats().memoryUsed < memoryUsed]).toEqual([0, [], true]);
      expect([call(copy, 'sum', 1000), call(copy, 'walk', 400, 9), call(copy, 'run', 12), verify(copy)]).toEqual([500500, '400 4.0 0', 376, 0]);
    }
  });

  test('again and again', () => {
    const interpreting = createVm();
    interpreting.doString(OBJECTS);
    let vm = original();
    vm.doString(OBJECTS);
    for (let i = 0; i < 6; i++) {
      vm = copyOf(vm);
      expect([call(vm, 'walk', 300, i), verify(vm)]).toEqual([call(interpreting, 'walk', 300, i), 0]);
    }
    expect(vm.stats().restored).toBeGreaterThan(1);
  });
});

test('goes along only if it is asked for, and is taken unless it is refused', () => {
  const vm = original();
  vm.doString(SUM);
  const restored = (image: Uint8Array, code?: boolean): number => {
    const copy = restoreVm(image, { core: debugCore(), jit: eager(), ...(code !== undefined && { code }) });
    expect([call(copy, 'sum', 10), verify(copy)]).toEqual([55, 0]);
    return copy.stats().restored;
  };
  expect([restored(vm.snapshot()), restored(vm.snapshot({ code: false })), restored(vm.snapshot({ code: true }), false), restored(vm.snapshot({ code: true }))]).toEqual([0, 0, 0, 1]);
  expect(() => vm.snapshot({ code: 1 } as never)).toThrow(expect.objectContaining({ code: 'bad-option' }) as Error);
  expect(() => restoreVm(vm.snapshot(), { code: 1 } as never)).toThrow(expect.objectContaining({ code: 'bad-option' }) as Error);
});

test('is that of the last delta', () => {
  const vm = original();
  vm.doString(SUM);
  const base = vm.snapshot({ code: true });
  vm.doString(OBJECTS);
  const [first, second] = [vm.snapshot({ since: base, code: true }), vm.snapshot({ since: base })];
  const restored = (...deltas: Uint8Array[]): number => restoreVm(base, { core: debugCore(), jit: eager(), deltas }).stats().restored;
  expect([restored(), restored(first), restored(second)]).toEqual([1, vm.stats().traces.length, 0]);
});

test('a fork compiles no module again', () => {
  const vm = original();
  vm.doString(SUM + OBJECTS);
  const Module = vi.spyOn(WebAssembly, 'Module');
  const fork = vm.fork({ jit: eager() });
  // Whether modules can be compiled at all.
  expect(Module.mock.calls.filter(([bytes]) => (bytes as Uint8Array).length > 8)).toEqual([]);
  Module.mockRestore();
  expect([call(fork, 'walk', 300, 9), fork.stats().recorded]).toEqual(['300 4.0 0', 0]);
  vm.close();
  expect(call(fork, 'sum', 100)).toBe(5050);
});

test('a JIT that is loaded late is loaded for it', () => {
  const vm = original();
  vm.doString(SUM);
  const load = vi.fn(() => eager());
  const copy = restoreVm(vm.snapshot({ code: true }), { core: debugCore(), jit: createLateJit(load) });
  expect([load.mock.calls.length, call(copy, 'sum', 500), copy.stats().recorded, entered(copy)]).toEqual([1, 125250, 0, 1]);
  restoreVm(vm.snapshot(), { core: debugCore(), jit: createLateJit(load) });
  expect(load.mock.calls.length).toBe(1);
});

test('a loop whose code was under way counts again', () => {
  const submitted: number[] = [];
  const never = { name: 'never', isReady: () => true, failure: () => undefined, submit: (job: number) => void submitted.push(job), poll: () => [], settle: () => Promise.resolve(), dispose() {} };
  const usual = { backend: createEncoderBackend(), parameters: createParameters({ share: 100, hotloop: 2 }), optimisations: DEFAULT_OPTIONS, checkSlots: true, isStrict: true, forceExits: false, dropTrees: false, listeners: [], isDumping: false, isObserved: false };
  const vm = original({ jit: new TraceManager({ ...usual, background: never }) });
  vm.doString(SUM);
  expect(submitted.length).toBe(1);
  const copy = restoreVm(vm.snapshot({ code: true }), { core: debugCore(), jit: eager() });
  expect([call(copy, 'sum', 500), copy.stats().restored, copy.stats().recorded, entered(copy)]).toEqual([125250, 0, 1, 1]);
});

describe('code that does not fit', () => {
  /** The image with other code. */
  function recoded(change: (code: Uint8Array) => void): Uint8Array {
    const vm = createVm({ jit: eager() });
    vm.doString(SUM);
    const image = vm.snapshot({ code: true });
    const words = new Uint32Array(image.buffer);
    const pages = Math.ceil((52 + 4 * (words[7]! + words[8]!) + words[6]!) / 16) * 16 + 4096 * words[7]!;
    change(image.subarray(pages, pages + words[12]!));
    words.set(checksum(words.subarray(6)), 4);
    return image;
  }
  const textOf = (code: Uint8Array): string => Buffer.from(code).toString('latin1');
  const put = (code: Uint8Array, old: string, text: string): void => code.set(Buffer.from(text), textOf(code).indexOf(old));

  test.each<[string, (code: Uint8Array) => void]>([
    ['of another JIT', (code) => put(code, '"hash":"', '"hash":"-')],
    ['that the engine refuses', (code) => code.fill(0xff, code.length - 8)],
    ['that asks for what the core has not got', (code) => put(code, 'memory', 'nemory')],
  ])('%s is left out', (_, change) => {
    const vm = restoreVm(recoded(change), { jit: eager() });
    expect([vm.stats().restored, vm.stats().traces, call(vm, 'sum', 500), vm.stats().recorded]).toEqual([0, [], 125250, 1]);
    expect(machineOf(vm).core.verifyHeap()).toBe(0);
  });

  test.each<[string, (code: Uint8Array) => void]>([
    ['that is no text', (code) => code.fill(0xff, 4, 20)],
    ['that is cut off', (code) => code.set([0xff, 0xff, 0xff], 0)],
    ['with lists that are none', (code) => put(code, '"traces":[', '"traces":0,"a":[')],
  ])('%s is refused', (_, change) => {
    const image = recoded(change);
    expect(() => restoreVm(image, { jit: eager() })).toThrow(expect.objectContaining({ code: 'bad-image', message: expect.stringContaining('its compiled code is not in order') as string }) as Error);
    expect(call(restoreVm(image), 'sum', 100)).toBe(5050);
  });
});

test('memory for descriptors comes back when it is thrown away', () => {
  const vm = createVm({ jit: eager() });
  vm.doString(SUM);
  const jit = eager();
  const copy = restoreVm(vm.snapshot({ code: true }), { jit });
  const { memoryUsed } = copy.stats();
  jit.flush();
  expect(copy.stats().memoryUsed).toBeLessThan(memoryUsed - TRACE_SIZE);
  expect(copy.stats().memoryUsed).toBe(restoreVm(vm.snapshot()).stats().memoryUsed);
  expect(call(copy, 'sum', 100)).toBe(5050);
});

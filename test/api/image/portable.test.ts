/** What travels by a name, what cannot, and what damaged or foreign images come to. */
import { describe, expect, test } from 'vitest';
import { compressImage, createMemoryEnvironment, createVm, expandImage, LuaError, MoontraceError, restoreVm, type RestoreOptions, type Vm } from '../../../src/api/index-node.ts';
import { machineOf } from '../../../src/api/engine-port.ts';
import {
  SHAPE_PARENT, STRING_LENGTH, STRING_NEXT, TABLE_DICT, THREAD_STACK_END, VM_GLOBALS, VM_HASH_KEYS, VM_HEAP, VM_MAIN_THREAD, VM_MEMORY_MESSAGE, VM_REGISTRY, VM_ROOT_SHAPE,
} from '../../../src/bytecode/layout.ts';
import { checksum } from '../../../src/engine/image/checksum.ts';

const failure = (code: string, text: RegExp | string = '') => expect.objectContaining({ code, message: expect.stringMatching(text) as string }) as Error;

class Account {
  constructor(public owner: string, public balance = 0) {}
  deposit(amount: number): number {
    this.balance += amount;
    return this.balance;
  }
}

const OPTIONS = {
  constructor: true, methods: ['deposit'], fields: ['owner', 'balance'], metamethods: { __tostring: (self: Account) => `${self.owner}: ${self.balance}` },
  save: ({ owner, balance }: Account) => [owner, balance], load: ([owner, balance]: [string, number]) => new Account(owner, balance),
} as const;
const classes = [[Account, OPTIONS]] as unknown as NonNullable<RestoreOptions['classes']>;

describe('functions', () => {
  test('travel by the places they were put to, by their own names where there is none', () => {
    const vm = createVm();
    const answers = { log: () => 'log', fs: { read: () => 'read', deep: { list: () => 'list' } }, double: (n: number) => 2 * n };
    vm.register({ log: answers.log });
    vm.module('fs', answers.fs);
    vm.setGlobal('tools', { double: answers.double });
    vm.load('handler = ...').call(function named() {
      return 'named';
    } as never);
    const modules = { ...answers, tools: { double: answers.double }, named: () => 'another' };
    const copy = restoreVm(vm.snapshot(), { modules });
    expect(copy.doString('local fs = require "fs" return log(), fs.read(), fs.deep.list(), tools.double(21), handler()')).toEqual(['log', 'read', 'list', 42, 'another']);
    // They are the same functions for the host as well.
    expect(copy.load('return ... == log').call(modules.log as never)).toEqual([true]);
    const flat = restoreVm(vm.snapshot(), { modules: { 'fs.read': answers.fs.read, 'fs.deep.list': () => 'flat' }, onMissing: ({ kind, name }) => () => `${kind} ${name}` });
    expect(flat.doString('return log(), require("fs").deep.list()')).toEqual(['function log', 'flat']);
  });

  test('that are missing are named, all of them', () => {
    const vm = createVm();
    vm.register({ first: () => 1, second: () => 2 });
    expect(() => restoreVm(vm.snapshot())).toThrow(failure('not-portable', /has not got the function first; the function second$/));
  });

  test('without a name, or with one of two, are refused; left out, they are asked for', () => {
    const vm = createVm();
    vm.load('a, b, c = ...').call(...([() => 1, function twin() {}, function twin() {}] as never[]));
    expect(() => vm.snapshot()).toThrow(failure('not-portable', /a function without a name; the function twin: there is another one of that name/));
    const asked: string[] = [];
    const copy = restoreVm(vm.snapshot({ unportable: 'leave' }), { onMissing: ({ name }) => { asked.push(name); return () => 'in its place'; } });
    expect([asked, ...copy.doString('return a()')]).toEqual([['', 'twin', 'twin'], 'in its place']);
    // Garbage is in nobody's way.
    vm.doString('a, b, c = nil');
    vm.collect();
    expect(restoreVm(vm.snapshot()).doString('return 1')).toEqual([1]);
  });
});

describe('objects', () => {
  test('of a class travel by its save and load; identity, methods and metamethods stay', () => {
    const vm = createVm();
    vm.register(Account, OPTIONS);
    vm.setGlobal('mine', new Account('me', 5));
    vm.doString('same, list = mine, { mine, Account("you") }');
    for (const copy of [restoreVm(vm.snapshot(), { classes }), vm.fork()]) {
      expect(copy.doString('return mine:deposit(10), same == mine and list[1] == mine, tostring(list[2]), mine.owner, pcall(function() return mine.other end)')).toEqual([15, true, 'you: 0', 'me', false, expect.stringContaining("no field 'other'")]);
      expect(copy.getGlobal('mine')).toBeInstanceOf(Account);
      copy.setGlobal('third', new Account('third'));
      expect(copy.doString('return tostring(third), tostring(Account("fourth"))')).toEqual(['third: 0', 'fourth: 0']);
      copy.collect();
    }
    expect(vm.doString('return mine.balance')).toEqual([5]);
    expect(() => restoreVm(vm.snapshot())).toThrow(failure('not-portable', /class Account: methods.deposit.*an object of the class Account/));
    expect(() => restoreVm(createVm().snapshot(), { classes })).toThrow(failure('bad-argument', /no class of that name was registered/));
  });

  test('of other classes are refused by name; exceptions travel as what they say', () => {
    const vm = createVm();
    vm.setGlobal('map', new (class Connection {})());
    expect(() => vm.snapshot()).toThrow(failure('not-portable', /an object of the class Connection/));
    const found = restoreVm(vm.snapshot({ unportable: 'leave' }), { onMissing: ({ kind, name }) => ({ kind, name }) });
    expect(found.getGlobal('map')).toEqual({ kind: 'object', name: 'Connection' });
    vm.setGlobal('map', undefined);
    vm.register({ fail() { throw new RangeError('out of range'); } });
    vm.doString('ok, caught = pcall(fail)');
    const copy = restoreVm(vm.snapshot(), { modules: { fail: () => 1 } });
    expect([copy.getGlobal('caught') instanceof Error, ...copy.doString('return tostring(caught), "E: " .. caught')]).toEqual([true, 'out of range', 'E: out of range']);
  });

  test('what save and load throw, or give wrongly', () => {
    for (const [given, text] of [[{ save: () => { throw new Error('no'); }, load: () => new Account('') }, /save of Account: no/], [{ save: () => 5n, load: () => new Account('') }, /save of Account/]] as const) {
      const vm = createVm();
      vm.register(Account, { ...OPTIONS, ...given } as never);
      vm.setGlobal('a', new Account('a'));
      expect(() => vm.snapshot()).toThrow(failure('bad-value', text));
    }
    const vm = createVm();
    vm.register(Account, OPTIONS);
    vm.setGlobal('a', new Account('a'));
    expect(() => restoreVm(vm.snapshot(), { classes: [[Account, { ...OPTIONS, load: () => ({}) }]] as never })).toThrow(failure('bad-value', /load of Account: an instance expected/));
    expect(() => createVm().register(Account, { save: () => 1 } as never)).toThrow(failure('bad-argument', /one needs the other/));
  });
});

describe('files', () => {
  test('that are open are refused; closed ones, and the standard ones, travel', () => {
    const environment = createMemoryEnvironment({ 'data.txt': 'one\ntwo\n' });
    const vm = createVm({ environment });
    vm.doString('file = io.open("data.txt") line = file:read()');
    expect(() => vm.snapshot()).toThrow(failure('not-portable', /the open file data.txt/));
    expect(() => vm.fork()).toThrow(failure('not-portable', /the open file data.txt/));
    const image = vm.snapshot({ unportable: 'leave' });
    expect(() => restoreVm(image, { environment })).toThrow(failure('not-portable', /the file data.txt/));
    const again = restoreVm(image, { environment, onMissing: ({ name }) => environment.openFile(name, 'r') });
    expect(again.doString('return io.type(file), file:read()')).toEqual(['file', 'two']);
    vm.doString('file:close()');
    for (const copy of [restoreVm(vm.snapshot(), { environment }), vm.fork()]) {
      expect(copy.doString('return io.type(file), pcall(file.read, file)')).toEqual(['closed file', false, expect.stringContaining('closed file')]);
      copy.doString('file = nil');
      copy.collect();
    }
  });
});

describe('deltas', () => {
  const vmWithData = (): Vm => {
    const vm = createVm();
    vm.doString('data = {} for i = 1, 50000 do data[i] = i * 1.5 end n = 0 function frame() n = n + 1 data[n] = -n * 1.0 end');
    return vm;
  };

  test('have what is different, and put on their image give the same', async () => {
    const vm = vmWithData();
    const base = vm.snapshot();
    vm.doString('frame()');
    const delta = vm.snapshot({ since: base });
    expect(delta.length).toBeLessThan(base.length / 5);
    vm.doString('data = nil frame = nil collectgarbage()');
    const second = vm.snapshot({ since: [base, delta] });
    const third = vm.snapshot({ since: base });
    expect(restoreVm(base).doString('return n, data[1]')).toEqual([0, 1.5]);
    expect(restoreVm(base, { deltas: [delta] }).doString('return n, data[1]')).toEqual([1, -1]);
    for (const deltas of [[delta, second], [third], [delta, third]]) expect(restoreVm(base, { deltas }).doString('return n, data')).toEqual([1, undefined]);
    const packed = await Promise.all([compressImage(base), compressImage(delta)]);
    expect(packed[0]!.length).toBeLessThan(base.length / 2);
    const [whole, part] = await Promise.all(packed.map((bytes) => expandImage(bytes)));
    expect(restoreVm(whole!, { deltas: [part!] }).doString('return n')).toEqual([1]);
    expect(await expandImage(base)).toEqual(base);
    await expect(expandImage(packed[0]!, 1000)).rejects.toThrow(failure('bad-image', /more than 1000 bytes/));
    await expect(expandImage(packed[0]!.subarray(0, 500))).rejects.toThrow(failure('bad-image'));
    await expect(compressImage('text' as never)).rejects.toThrow(failure('bad-argument'));
  });

  test('of another image, without one, in a wrong order', () => {
    const [vm, other] = [vmWithData(), vmWithData()];
    const base = vm.snapshot();
    vm.doString('frame()');
    const delta = vm.snapshot({ since: base });
    expect(() => restoreVm(delta)).toThrow(failure('bad-image', /delta/));
    expect(() => restoreVm(other.snapshot(), { deltas: [delta] })).toThrow(failure('bad-image', /another image/));
    expect(() => restoreVm(base, { deltas: [base] })).toThrow(failure('bad-image', /whole image/));
    expect(() => vm.snapshot({ since: 'base' as never })).toThrow(failure('bad-option'));
    expect(() => vm.snapshot({ since: new Uint8Array(100) })).toThrow(failure('bad-image'));
  });
});

describe('refused', () => {
  test('bytes that are no image, cut off, damaged anywhere', () => {
    const image = createVm({ libraries: ['base'] }).snapshot();
    for (const bytes of [new Uint8Array(), new Uint8Array(100), image.subarray(0, 40), image.subarray(0, -16), image.subarray(0, -1)]) expect(() => restoreVm(bytes)).toThrow(failure('bad-image'));
    for (let at = 0; at < image.length; at += 997) {
      const damaged = image.slice();
      damaged[at] = damaged[at]! ^ 0x40;
      expect(() => restoreVm(damaged), String(at)).toThrow(MoontraceError);
    }
    expect(() => restoreVm('image' as never)).toThrow(failure('bad-argument'));
    expect(() => restoreVm(image, { wrong: 1 } as never)).toThrow(failure('bad-option'));
  });

  test.each<readonly [what: string, place: (load: (address: number) => number) => number, change: (value: number, address: number) => number]>([
    ['globals that are no table', () => VM_GLOBALS, (value) => value + 8],
    ['a cell that is none', () => VM_HEAP + 8, (value) => value + 8],
    ['a string longer than its cell', (load) => load(VM_MEMORY_MESSAGE) + STRING_LENGTH, () => 36],
    ['strings in a circle', (load) => load(VM_MEMORY_MESSAGE) + STRING_NEXT, (_, address) => address - STRING_NEXT],
    ['shapes in a circle', (load) => load(VM_ROOT_SHAPE) + SHAPE_PARENT, (_, address) => address - SHAPE_PARENT],
    ['the nodes of a table elsewhere', (load) => load(VM_REGISTRY) + TABLE_DICT, (value) => value + 16],
    ['a stack larger than its memory', (load) => load(VM_MAIN_THREAD) + THREAD_STACK_END, (value) => value + 65536],
  ])('forged: %s', (_, place, change) => {
    const vm = createVm();
    const { memory } = machineOf(vm);
    const image = vm.snapshot();
    const words = new Uint32Array(image.buffer);
    const pages = words.subarray(13, 13 + words[7]!);
    const start = Math.ceil((52 + 4 * (words[7]! + words[8]!) + words[6]!) / 16) * 4;
    const address = place((at) => memory.load(at));
    const at = start + pages.indexOf(address >>> 12) * 1024 + ((address & 4095) >>> 2);
    expect(words[at]).toBe(memory.load(address));
    words[at] = change(words[at]!, address);
    words.set(checksum(words.subarray(6)), 4);
    expect(() => restoreVm(image)).toThrow(failure('bad-image', /not in order/));
  });

  test('images of other versions, and with libraries that are not allowed', () => {
    const image = createVm().snapshot();
    const reworded = (change: (text: string) => string): Uint8Array => {
      const words = new Uint32Array(image.buffer.slice(0));
      const bytes = new Uint8Array(words.buffer);
      const start = 52 + 4 * (words[7]! + words[8]!);
      const text = change(Buffer.from(bytes.subarray(start, start + words[6]!)).toString());
      bytes.set(Buffer.from(text), start);
      words.set(checksum(words.subarray(6)), 4);
      return bytes;
    };
    expect(() => restoreVm(reworded((text) => text.replace(/"core":"./, '"core":"-')))).toThrow(failure('foreign-image', /another version: its core/));
    expect(() => restoreVm(reworded((text) => text.replace('Lua 5.4', 'Lua 5.3')))).toThrow(failure('foreign-image', /Lua 5.3/));
    expect(() => restoreVm(reworded((text) => text.replace('"catalogue":"load', '"catalogue":"lead')))).toThrow(failure('foreign-image', /library functions/));
    expect(() => restoreVm(reworded((text) => text.replace('"charged"', '"chArged"')))).toThrow(failure('bad-image', /manifest/));
    expect(() => restoreVm(image, { libraries: 'sandbox' })).toThrow(failure('foreign-image', /not allowed: package, io, os, debug/));
    expect(() => restoreVm(createVm({ libraries: ['base', 'string'] }).snapshot(), { libraries: 'sandbox' })).toThrow(failure('foreign-image', /no sandbox/));
    const sandbox = restoreVm(createVm({ libraries: 'sandbox' }).snapshot(), { libraries: 'sandbox' });
    expect(sandbox.doString('return loadfile, string.dump')).toEqual([undefined, undefined]);
    const without = restoreVm(createVm({ without: ['os.execute'] }).snapshot());
    expect(without.doString('return os.execute, type(os.time)')).toEqual([undefined, 'function']);
  });
});

test('a boot image: libraries are as chosen, hashes and random numbers are drawn afresh', () => {
  const draws = Array.from({ length: 6 }, () => createVm().doString('local s = {} for k in pairs(_G) do s[#s + 1] = k end return math.random(1 << 50), table.concat(s, " ")'));
  expect(new Set(draws.map(([random]) => random)).size).toBe(6);
  const keys = Array.from({ length: 6 }, () => machineOf(createVm()).memory.copyBytes(VM_HASH_KEYS, 80).join());
  expect(new Set(keys).size).toBe(6);
  for (let i = 0; i < 3; i++) {
    const vm = createVm({ libraries: ['base', 'table'], without: ['load'] });
    expect(vm.doString('return load, string, type(table.concat)')).toEqual([undefined, undefined, 'function']);
    expect(machineOf(vm).core.verifyHeap()).toBe(0);
  }
  const limited = createVm({ stackLimit: 1000 });
  expect(() => limited.doString('local function f() return 1 + f() end f()')).toThrow(LuaError);
  expect(createVm().doString('local function f(n) if n > 0 then return 1 + f(n - 1) end return 0 end return f(5000)')).toEqual([5000]);
});

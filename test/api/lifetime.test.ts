/** Options, closing, and what belongs to one VM only. */
import { machineOf } from '../../src/api/engine-port.ts';
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { createJit } from '../../jit/index.ts';
import { createDefaultEnvironment, createVm, createVmAsync, Interrupt, type LuaFunction, MoontraceError, type VmOptions } from '../../src/api/index.ts';

const withCode = (code: string): unknown => expect.objectContaining({ code });

describe('options', () => {
  const wrong: Readonly<Record<string, readonly unknown[]>> = {
    libraries: ['nope', ['io', 'nope'], 5, null, {}],
    memoryLimit: [-1, 1.5, Number.NaN, 2 ** 33, '1', 1n, Symbol('s'), null],
    jit: [{}, null, true, createJit],
    core: [{}, null, new Uint8Array(8)],
    environment: [{}, null, 5, { ...createDefaultEnvironment(), readFile: 1 }, { ...createDefaultEnvironment(), stdout: undefined }],
    onSlice: [5, null, {}],
    stdout: [5, null, {}],
    stderr: ['x'],
    stdin: [new Uint8Array(1)],
    fuel: [-1, Number.NaN, '5', 5n, Symbol('s'), null],
    timeout: [0, -1, Number.NaN, '5', null],
    interrupt: [{}, true, null],
    stackLimit: [0, 10, 1.5, 2e6, '1000', null],
    catchable: ['fuel', ['nope'], null, 5],
  };

  test.each(Object.entries(wrong))('%s is checked, and named in the error', (name, values) => {
    for (const value of values) expect(() => createVm({ [name]: value })).toThrow(expect.objectContaining({ code: 'bad-option', message: expect.stringContaining(name) as string }));
  });

  test('that do not exist, that throw, that are none', async () => {
    expect(() => createVm({ memLimit: 3 } as VmOptions)).toThrow(expect.objectContaining({ code: 'bad-option', message: expect.stringContaining('memLimit') as string }));
    const throwing = Object.defineProperty({}, 'fuel', { enumerable: true, get: () => { throw new Error('no'); } });
    expect(() => createVm(throwing)).toThrow(expect.objectContaining({ code: 'bad-option', message: expect.stringContaining('fuel') as string }));
    for (const options of [5, 'all', null, Symbol('s')]) expect(() => createVm(options as unknown as VmOptions)).toThrow(withCode('bad-option') as Error);
    await expect(createVmAsync({ fuel: -1 })).rejects.toThrow(withCode('bad-option') as Error);
    expect(createVm({ fuel: undefined as unknown as number }).fuel).toBe(Number.POSITIVE_INFINITY);
  });

  test('of the JIT, which throws errors of the same class', () => {
    const options = { nope: 1, backend: 'nope', mode: 'nope', tunables: { nope: 1 }, optimisations: { nope: true }, parameters: { nope: '1' }, listeners: 5, verbose: 1 };
    for (const [name, value] of Object.entries(options)) expect(() => createJit({ [name]: value } as never), name).toThrow(withCode('bad-option') as Error);
    for (const wrong of [5, null, 'on']) expect(() => createJit(wrong as never)).toThrow(MoontraceError);
  });

  test('of others', () => {
    expect(() => new Interrupt(5 as unknown as ArrayBuffer)).toThrow(withCode('bad-argument') as Error);
    const failing = { ...createDefaultEnvironment(), entropy: () => { throw new Error('no entropy'); } };
    expect(() => createVm({ environment: failing })).toThrow(withCode('host-failure') as Error);
  });
});

test('the bundles of the package have one class of errors', () => {
  const program = `
    import { LuaError, MoontraceError, createVm } from 'moontrace';
    import { createJit } from 'moontrace/jit';
    class Mine extends MoontraceError {}
    let thrown;
    try { createJit({ parameters: { nope: '1' } }); } catch (error) { thrown = error; }
    console.log(thrown instanceof MoontraceError, thrown instanceof LuaError, thrown instanceof Mine, thrown instanceof Error, new Mine('closed', '') instanceof Mine, 5 instanceof LuaError);`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  expect(stdout.trim()).toBe('true false false true true false');
});

test('a JIT belongs to one VM', () => {
  const jit = createJit({ tunables: { share: 100, hotloop: 2 } });
  const vm = createVm({ jit });
  expect(() => createVm({ jit })).toThrow(withCode('bad-option') as Error);
  expect(vm.doString('local n = 0 for i = 1, 1e5 do n = n + i end return n')).toEqual([5000050000]);
  vm.close();
  expect(() => createVm({ jit })).toThrow(withCode('bad-option') as Error);
  expect(() => createJit().stats()).not.toThrow();
});

describe('closing', () => {
  const engines: readonly (readonly [name: string, options: () => VmOptions])[] = [
    ['interpreted', () => ({})], ['compiled', () => ({ jit: createJit({ tunables: { share: 100, hotloop: 2, hotexit: 2 } }) })],
  ];

  test.each(engines)('by a host function ends the program, whatever it would catch, and calls finalisers then, %s', (_name, engine) => {
    for (const source of ['while true do stop() end', 'while true do pcall(stop) end', 'coroutine.wrap(function() while true do pcall(stop) end end)()', 'call(function() call(stop) end) while true do end',
      'local x <close> = setmetatable({}, {__close = function() while true do end end}) stop()', 'error(setmetatable({}, {__tostring = stop}))', 'setmetatable({}, {__gc = stop}) collectgarbage() while true do end']) {
      let finalised = 0;
      const vm = createVm(engine());
      vm.register({
        stop: () => vm.close(),
        call: (f) => {
          try {
            (f as LuaFunction).call();
          } catch {
            // A host function may catch what it likes; the program ends all the same.
          }
        },
        finalise: () => void finalised++,
      });
      vm.doString('kept = setmetatable({}, {__gc = function() finalise() end})');
      const run = vm.load(source);
      expect(() => run.call(), source).toThrow(withCode('closed') as Error);
      expect(finalised, source).toBe(1);
      expect(() => run.call()).toThrow(withCode('closed') as Error);
      vm.close();
    }
  });

  test.each(engines)('by onSlice ends the program, %s', (_name, engine) => {
    const vm = createVm({ ...engine(), onSlice: () => vm.close() });
    expect(() => vm.doString('while true do pcall(function() while true do end end) end')).toThrow(withCode('closed') as Error);
    expect(() => vm.doString('return 1')).toThrow(withCode('closed') as Error);
  });

  test('writes out, and tells what could not be written', () => {
    const failure = new Error('gone');
    let isGone = false;
    const vm = createVm({ stdout: () => { if (isGone) throw failure; } });
    vm.doString('setmetatable({}, {__gc = function() print("last words") end})');
    isGone = true;
    expect(() => vm.close()).toThrow(expect.objectContaining({ cause: failure }));
    expect(() => vm.doString('return 1')).toThrow(withCode('closed') as Error);
    vm.close();
  });

  test('with a finaliser that closes, or fails, or never ends', () => {
    const vm = createVm({ fuel: 1e6, stderr() {} });
    vm.setGlobal('close', () => vm.close());
    vm.doString('a = setmetatable({}, {__gc = close}) b = setmetatable({}, {__gc = error}) c = setmetatable({}, {__gc = function() while true do end end})');
    vm.close();
    expect(() => vm.stats()).toThrow(withCode('closed') as Error);
  });

  test('a handle is of no use afterwards', () => {
    const vm = createVm();
    const f = vm.load('return 1');
    const t = vm.newTable();
    vm.close();
    for (const use of [() => f.call(), () => t.get(1), () => t.set(1, 1), () => t.length, () => t.entries(), () => [...t]]) expect(use).toThrow(withCode('closed') as Error);
  });
});

test('a broken core is told once for all', () => {
  const vm = createVm();
  const f = vm.load('return 1');
  const { core } = machineOf(vm);
  const failing = Object.create(core, { run: { value: () => { throw new WebAssembly.RuntimeError('unreachable'); } } });
  Object.defineProperty(machineOf(vm), 'core', { value: failing });
  vm.setGlobal('again', () => {
    try {
      f.call();
    } catch {
      // It cannot be swallowed.
    }
  });
  expect(() => vm.doString('again()')).toThrow(withCode('core-failure') as Error);
  expect(() => f.call()).toThrow(withCode('core-failure') as Error);
  expect(() => vm.getGlobal('x')).toThrow(withCode('core-failure') as Error);
  vm.close();
});

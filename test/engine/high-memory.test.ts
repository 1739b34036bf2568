/** Addresses of 2 GB and more are negative numbers where the core hands them to the host: nothing must look at the wrong bytes, or take one for another, for that. */
import { describe, expect, test } from 'vitest';
import { createJit } from '../../jit/index.ts';
import { machineOf } from '../../src/api/engine-port.ts';
import { createVm, results, type Vm, type VmOptions } from '../../src/api/index-node.ts';
import { findScripts } from '../conformance/scripts.ts';
import { EAGER, readerOf } from '../support/engine.ts';

const TWO_GIGABYTES = 2 ** 31;

/** A VM in which everything that is allocated lies above 2 GB. The memory below is taken, but never touched, so it costs nothing. */
function highVm(options: VmOptions): Vm {
  const vm = createVm({ libraries: 'all', ...options });
  const { core } = machineOf(vm);
  for (let size = TWO_GIGABYTES / 2; size >= 16; ) {
    const address = core.allocateRaw(size);
    if (address < TWO_GIGABYTES) continue;
    core.freeRaw(address, size);
    size /= 2;
  }
  return vm;
}

const SCRIPTS = /(coroutines\/basic|debug\/coroutines|errors\/pcall|functions\/load-readers|io\/.*|jit\/coroutines|jit\/errors-in-traces|library\/(load-modes|table)|metatables\/operators)\.lua$/;

describe.each([['interpreted', undefined], ['eager', EAGER.jit]] as const)('%s', (_, jit) => {
  test.each(findScripts().filter(({ path }) => SCRIPTS.test(path)).map((script) => [script.path, script] as const))('%s', (path, script) => {
    const output: string[] = [];
    const vm = highVm({ ...(jit && { jit: createJit(jit) }), stdin: readerOf(script.input), stdout: (bytes) => output.push(Buffer.from(bytes).toString('latin1')) });
    vm.doString(Buffer.from(script.source, 'latin1'), `@${path}`);
    vm.close();
    expect(output.join('')).toBe(script.expected);
  });
});

test('values pass in both directions', () => {
  const vm = highVm({});
  const long = 'long '.repeat(1000);
  vm.setGlobal('long', long).setGlobal('echo', (...values) => results(...values)).setGlobal('object', new Date(0));
  expect(vm.doString('local t = { 1, 2, long } return echo(long, #long, t[3], long:sub(1, 50))')).toEqual([long, long.length, long, long.slice(0, 50)]);
  expect(() => vm.doString('error(long)')).toThrow(long);
  expect(() => vm.doString('local t = {} return t.x.y')).toThrow("attempt to index a nil value (field 'x')");
  const table = vm.newTable().set(long, 1).set('key', long);
  expect(table.get(long)).toBe(1);
  vm.setGlobal('f', table);
  expect(vm.doString('return f.key == long, load(long .. "= 1")')[0]).toBe(true);
  vm.close();
});

/** Files in memory: what programs do to them, and nothing beyond. */
import { expect, test } from 'vitest';
import { createMemoryEnvironment, createVm } from '../../src/api/index.ts';

const decode = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

test('programs read, write, rename and remove them, and require modules', () => {
  const environment = createMemoryEnvironment({ 'lib/a.lua': 'return { x = 1, name = ... }', './data.txt': 'one\ntwo\n', raw: new Uint8Array([0, 255]) });
  const vm = createVm({ environment });
  expect(vm.doString(`
    package.path = './lib/?.lua'
    local lines = {}
    for line in io.lines('/data.txt') do lines[#lines + 1] = line end
    local f = assert(io.open('out.txt', 'w')) f:write('hello ', 42) f:seek('set', 1) f:write('E') f:close()
    f = io.open('out.txt', 'a') f:write('!') f:close()
    f = io.open('out.txt', 'r+') local text = f:read('a') f:seek('end', 3) f:write('x') f:close()
    os.rename('data.txt', 'moved.txt')
    local raw = io.open('raw', 'rb'):read('a')
    local name = os.tmpname() assert(io.open(name)) os.remove(name)
    return require('a').x, table.concat(lines, ','), text, raw == '\\0\\255', io.open('data.txt'), (io.open(name)), dofile('lib/a.lua').x
  `)).toEqual([1, 'one,two', 'hEllo 42!', true, undefined, undefined, 1]);
  const files = environment.files();
  expect(Object.keys(files).sort()).toEqual(['lib/a.lua', 'moved.txt', 'out.txt', 'raw']);
  expect(decode(files['out.txt'])).toBe('hEllo 42!\0\0\0x');
  files['raw']?.fill(7);
  expect([...(environment.files()['raw'] ?? [])]).toEqual([0, 255]);
});

test('failures are those of a file system', () => {
  const vm = createVm({ environment: createMemoryEnvironment({ a: '1' }, { isReadOnly: true }) });
  expect(vm.doString('return io.open("none")')).toEqual([undefined, 'none: No such file or directory', 2]);
  expect(vm.doString('return io.open("a", "w")')).toEqual([undefined, 'a: Read-only file system', 30]);
  expect(vm.doString('return os.remove("a")')).toEqual([undefined, 'a: Read-only file system', 30]);
  expect(vm.doString('return (pcall(os.tmpname))')).toEqual([false]);
  expect(vm.doString('return io.open("a"):read("n"), io.open("../../a"):read("a")')).toEqual([1, '1']);
});

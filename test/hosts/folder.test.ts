/** A folder of Node's as all that a program sees. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFolderEnvironment, createMemoryEnvironment, createVm, type Vm } from '../../src/api/index-node.ts';

let outside = '';
let folder = '';
beforeAll(() => {
  outside = mkdtempSync(join(tmpdir(), 'moontrace-folder-'));
  folder = join(outside, 'folder');
  mkdirSync(join(folder, 'lib'), { recursive: true });
  mkdirSync(join(outside, 'folder-of-another'));
  writeFileSync(join(outside, 'secret.txt'), 'secret');
  writeFileSync(join(outside, 'folder-of-another/secret.txt'), 'secret');
  writeFileSync(join(folder, 'lib/a.lua'), 'return { x = 1 }');
  writeFileSync(join(folder, 'häß.txt'), 'one\ntwo\n');
  symlinkSync('häß.txt', join(folder, 'good'));
  symlinkSync('../secret.txt', join(folder, 'bad'));
  symlinkSync('../folder-of-another', join(folder, 'neighbour'));
  symlinkSync('loop', join(folder, 'loop'));
  spawnSync('mkfifo', [join(folder, 'pipe')]);
});
afterAll(() => rmSync(outside, { recursive: true }));

const open = (): Vm => createVm({ environment: createFolderEnvironment(folder), stdout() {} });

test('programs read files and require modules', () => {
  const vm = open();
  expect(vm.doString(`
    package.path = './lib/?.lua'
    local lines = {}
    for line in io.lines('häß.txt') do lines[#lines + 1] = line end
    local file = io.open('/good') file:seek('set', 4)
    return require('a').x, dofile('lib/../lib/a.lua').x, table.concat(lines, ','), file:read('l'), io.open('../../häß.txt'):read('l')`)).toEqual([1, 1, 'one,two', 'two', 'one']);
  expect(vm.doFile('lib/a.lua')).toEqual([expect.anything()]);
  expect(vm.doString('return pcall(function() return io.open("lib"):read(1) end)')).toEqual([true, undefined, 'Is a directory', 21]);
});

describe('nothing else is to be had', () => {
  test.each([
    ['none', 'No such file or directory', 2], ['../secret.txt', 'No such file or directory', 2], ['bad', 'Permission denied', 13], ['neighbour/secret.txt', 'Permission denied', 13], ['neighbour', 'Permission denied', 13],
    ['lib/../../secret.txt', 'No such file or directory', 2], ['good/more', 'Not a directory', 20], ['loop', 'Too many levels of symbolic links', 40], ['pipe', 'Permission denied', 13],
  ])('%s', (path, message, number) => {
    const vm = open();
    vm.setGlobal('path', path);
    expect(vm.doString('return io.open(path)')).toEqual([undefined, `${path}: ${message}`, number]);
    expect(vm.doString('return select(2, loadfile(path))')).toEqual([expect.stringContaining(message)]);
  });

  test('by an absolute path', () => {
    const vm = open();
    vm.setGlobal('path', join(outside, 'secret.txt'));
    expect(vm.doString('return (io.open(path))')).toEqual([undefined]);
  });

  test('nothing is written', () => {
    const before = readdirSync(folder);
    const vm = open();
    for (const mode of ['w', 'a', 'r+', 'w+', 'a+']) expect(vm.doString(`return io.open('häß.txt', '${mode}')`)).toEqual([undefined, 'häß.txt: Read-only file system', 30]);
    expect(vm.doString('return os.remove("good")')).toEqual([undefined, 'good: Read-only file system', 30]);
    expect(vm.doString('return os.rename("good", "better")')).toEqual([undefined, 'Read-only file system', 30]);
    expect(vm.doString('return pcall(os.tmpname), pcall(io.tmpfile)')).toEqual([false, true, undefined, 'Read-only file system', 30]);
    expect(readdirSync(folder)).toEqual(before);
  });

  test('no variables of the process, no other processes', () => {
    const vm = open();
    expect(vm.doString('return os.getenv("PATH"), os.execute()')).toEqual([undefined, false]);
    expect(vm.doString('return (pcall(io.popen, "true"))')).toEqual([false]);
    expect(vm.doString('return os.time() > 0, os.clock() > 0')).toEqual([true, true]);
  });
});

test('the rest may be of another environment', () => {
  const environment = createFolderEnvironment(folder, { base: { ...createMemoryEnvironment(), getenv: (name) => `${name}!` } });
  expect(createVm({ environment }).doString('return os.getenv("X"), io.open("good"):read("l")')).toEqual(['X!', 'one']);
});

test.each(['none', 'häß.txt'])('what is no folder is refused: %s', (name) => {
  expect(() => createFolderEnvironment(join(folder, name))).toThrow(expect.objectContaining({ code: 'bad-argument' }));
});

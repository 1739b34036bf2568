/** What Lua writes comes out before what the host does next: its own output from a function that Lua calls, or the end of the process. */
import { machineOf } from '../../src/api/engine-port.ts';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createVm, HostFailure } from '../../src/api/index-node.ts';

const PACKAGE = join(import.meta.dirname, '../../dist/node.js');

/** Runs a program of a host in a process of its own, with both outputs in one pipe. */
function runHost(program: string): { readonly output: string; readonly status: number | null } {
  const source = `import { createVm } from ${JSON.stringify(PACKAGE)};\n${program}`;
  const { stdout, status } = spawnSync('/bin/sh', ['-c', 'exec "$0" --input-type=module -e "$1" 2>&1', process.execPath, source], { encoding: 'utf8' });
  return { output: stdout, status };
}

describe('with the standard streams of the process', () => {
  test.each(["print('a')", "io.write('a\\\\n')", "io.stdout:write('a\\\\n')", "print(setmetatable({}, {__tostring = function() return 'a' end}))"])('%s comes before a host function', (write) => {
    const program = `const vm = createVm();
      vm.setGlobal('say', () => { process.stdout.write('host\\n'); });
      vm.doString("${write} say() ${write} say()");`;
    expect(runHost(program)).toEqual({ output: 'a\nhost\na\nhost\n', status: 0 });
  });

  test('and before the end of the process in a host function', () => {
    expect(runHost("const vm = createVm(); vm.setGlobal('leave', () => process.exit(7)); vm.doString(\"print('a') io.write('b') leave()\");")).toEqual({ output: 'a\nb', status: 7 });
  });

  test('or after the call', () => {
    expect(runHost("const vm = createVm(); vm.doString(\"print('a') io.write('b')\"); process.exit(7);")).toEqual({ output: 'a\nb', status: 7 });
    expect(runHost("const vm = createVm(); try { vm.doString(\"print('a') io.write('b') error('x')\"); } catch { process.exit(7); }")).toEqual({ output: 'a\nb', status: 7 });
  });

  test('and before what onSlice does', () => {
    const program = `let calls = 0;
      const vm = createVm({ onSlice: () => { if (++calls === 1) { process.stdout.write('host\\n'); process.exit(3); } } });
      vm.doString("io.write('a\\\\n') while true do end");`;
    expect(runHost(program)).toEqual({ output: 'a\nhost\n', status: 3 });
  });
});

describe('with streams of the host', () => {
  test('functions of the host never see the memory of the VM', () => {
    const kept: Uint8Array[] = [];
    let reads = 0;
    const vm = createVm({
      stdout: (bytes) => {
        kept.push(bytes);
      },
      stdin: (target) => {
        expect(target.buffer).not.toBe(machineOf(vm).memory.wasm.buffer);
        return reads++ === 0 ? Buffer.from(target.buffer, target.byteOffset).write('line\n') : 0;
      },
    });
    vm.doString("print(io.read()) io.write(('x'):rep(100000)) print(io.read())");
    expect(kept.every((bytes) => bytes.buffer !== machineOf(vm).memory.wasm.buffer)).toBe(true);
    expect(Buffer.concat(kept).toString()).toBe(`line\n${'x'.repeat(100_000)}nil\n`);
  });

  test('a failure of print is nobody’s, one of write its result', () => {
    const vm = createVm({
      stdout: () => {
        throw new HostFailure('No space left on device', 28);
      },
    });
    expect(vm.doString("io.stdout:setvbuf('no') print(2) return io.write('a')")).toEqual([undefined, 'No space left on device', 28]);
  });

  test('what else they throw is an error, and the file is as good as before', () => {
    let fails = true;
    const written: string[] = [];
    const vm = createVm({
      stdout: (bytes) => {
        if (fails) throw new Error('broken');
        written.push(Buffer.from(bytes).toString());
      },
    });
    const [isGood, message] = vm.doString("io.stdout:setvbuf('no') return pcall(io.write, 'a')");
    expect([isGood, String(message)]).toEqual([false, 'Error: broken']);
    fails = false;
    vm.doString("io.write('b')");
    expect(written.join('')).toBe('b');
  });
});

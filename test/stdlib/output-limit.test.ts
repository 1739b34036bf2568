/** `outputLimit`: what one call from the host may write to the standard streams. */
import { describe, expect, it } from 'vitest';
import { createJit } from '../../jit/index.ts';
import { createVm, LuaError, type VmOptions } from '../../src/api/index-node.ts';
import { EAGER } from '../support/engine.ts';

const ENGINES = [['interpreted', undefined], ['compiled', {}], ['eager', EAGER.jit]] as const;

/** Programs that write without end, or too much at once. */
const WRITERS = [
  'while true do print("hello", 12) end',
  'print(("x"):rep(5000))',
  'while true do io.write("hello ", 1.5) end',
  'io.stdout:setvbuf("no") while true do io.write("x") end',
  'io.stdout:setvbuf("line") while true do io.write("x\\n") end',
  'while true do io.stderr:write("x") end',
  'while true do print("x") io.stderr:write("y") end',
  'warn("@on") while true do warn("x") end',
  'while true do pcall(print, "x") end',
  'while true do coroutine.wrap(function() print("x") end)() end',
  'local o = setmetatable({}, { __tostring = function() return "o" end }) while true do print(o) end',
  'local x <close> = setmetatable({}, { __close = function() while true do print("x") end end })',
];

describe.each(ENGINES)('%s', (_, jit) => {
  /** A VM, and what it has written. */
  function make(options: VmOptions = {}) {
    const counter = { written: 0 };
    const count = (bytes: Uint8Array): void => {
      counter.written += bytes.length;
    };
    const vm = createVm({ outputLimit: 1000, stdout: count, stderr: count, timeout: 50_000, ...(jit && { jit: createJit(jit) }), ...options });
    const outcome = (source: string): string => {
      try {
        vm.doString(source, '=output');
        return 'none';
      } catch (error) {
        if (!(error instanceof LuaError)) throw error;
        return error.code;
      }
    };
    return { vm, counter, outcome };
  }

  it.each(WRITERS)('ends %s', (source) => {
    const { vm, counter, outcome } = make();
    expect(outcome(source)).toBe('output');
    expect(counter.written).toBe(1000);
    expect(outcome('print(("y"):rep(500)) io.stdout:flush()')).toBe('none');
    expect(counter.written).toBe(1501);
    expect(vm.doString('return pcall(error, 5)')).toEqual([false, 5]);
    vm.close();
  });

  it('is for one call from the host, with what the host function calls that it makes', () => {
    const { vm, counter, outcome } = make();
    for (let i = 1; i <= 5; i++) {
      expect(outcome('io.write(("x"):rep(1000))')).toBe('none');
      expect(counter.written).toBe(1000 * i);
    }
    vm.setGlobal('inner', () => {
      vm.doString('io.write(("x"):rep(600))');
    });
    expect(outcome('inner() inner()')).toBe('output');
    expect(counter.written).toBe(6000);
    vm.close();
  });

  it('is an error that says where, which Lua catches if the host says so', () => {
    const { vm } = make({ catchable: ['output'] });
    expect(vm.doString('return pcall(function() while true do print("x") end end)', '=output')).toEqual([false, 'output:1: too much output']);
    expect(vm.doString('return 1')).toEqual([1]);
    vm.close();
  });

  it('counts no other files', () => {
    const { vm, outcome } = make();
    expect(outcome('local f = assert(io.tmpfile()) for i = 1, 1000 do f:write("hello\\n") end assert(f:seek("cur") == 6000) f:close()')).toBe('none');
    vm.close();
  });

  it('may be reached by finalisers, also those at the end', () => {
    const { vm, counter, outcome } = make();
    expect(outcome('warn("@on") setmetatable({}, { __gc = function() error(("x"):rep(5000)) end }) collectgarbage() io.write("y")')).toBe('output');
    expect(counter.written).toBe(1000);
    vm.doString('setmetatable({}, { __gc = function() while true do print("x") end end })');
    vm.close();
    expect(counter.written).toBe(2000);
  });
});

it('refuses what is no amount', () => {
  for (const outputLimit of [-1, Number.NaN, '5' as unknown as number]) expect(() => createVm({ outputLimit })).toThrow(expect.objectContaining({ code: 'bad-option' }));
});

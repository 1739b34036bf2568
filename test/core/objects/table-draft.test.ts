/** Large tables change their size in steps: wherever a limit ends that, the table is as it was, the heap is sound, and the next try succeeds. */
import { expect, it } from 'vitest';
import { createVm } from '../../../src/api/index-node.ts';
import { machineOf } from '../../../src/api/engine-port.ts';
import type { LuaError } from '../../../src/engine/errors/errors.ts';

/** Chunks that fill a table and return what makes it change its size, with the number of keys it has behind that. */
const CHANGES: Readonly<Record<string, string>> = {
  'a dictionary grows': `for i = 1, 1 << 15 do t[i + 0.5] = i end return function() t[0.25] = true end, (1 << 15) + 1`,
  'a dictionary of strings grows': `for i = 1, 1 << 15 do t['k' .. i] = i end return function() t[0.25] = true end, (1 << 15) + 1`,
  'a dictionary with removed keys': `for i = 1, 1 << 15 do t[i + 0.5] = i end for i = 1, 30000 do t[i + 0.5] = nil end
    return function() for i = 1, 1000 do t[i + 0.25] = true end end, (1 << 15) - 30000 + 1000`,
  'integers come over into the array': `for i = 1 << 16, (1 << 15) + 1, -1 do t[i] = i end return function() t[1 << 15] = true end, (1 << 15) + 1`,
  'an array is spilled': `for i = 1, 98304 do t[i] = 'x' end for i = 11, 98300 do t[i] = nil end
    local i = #t + 1 return function() while i < 140000 do t[i] = 'x' t[i - 1] = nil i = i + 1 end end`,
  'a table leaves its shape': `for i = 1, 20000 do t[i + 0.5] = i end for i = 1, 20 do t['f' .. i] = i end
    return function() for i = 21, 2000 do t['f' .. i] = i end end, 22000`,
  'an array moves': `for i = 1, 196608 do t[i] = i end for i = 1, 200 do pin[i] = ('x'):rep(5000 + i) end
    return function() for i = 196609, 300000 do t[i] = i if i % 1000 == 0 then pin[#pin + 1] = ('x'):rep(100000 + i) end end end, 300000`,
  'an array gets tags': `for i = 1, 150000 do t[i] = i end return function() t[7] = 'seven' end, 150000`,
};

it.each(Object.entries(CHANGES))('wherever a limit strikes while %s, nothing is lost', (_, chunk) => {
  const vm = createVm();
  const { core } = machineOf(vm);
  vm.doString(`t, pin = {}, {} change, keys = (function() ${chunk} end)()`);
  let stops = 0;
  for (let fuel = 1, code = ''; code !== 'none'; fuel = Math.ceil(fuel * 1.15)) {
    vm.fuel = fuel;
    try {
      vm.doString('change()');
      code = 'none';
    } catch (error) {
      code = (error as LuaError).code;
      expect(code).toBe('fuel');
      stops++;
    }
    expect(core.verifyHeap()).toBe(0);
    vm.fuel = Number.POSITIVE_INFINITY;
    if (stops % 7 === 0) vm.doString('collectgarbage()');
  }
  expect(stops).toBeGreaterThan(10);
  expect(vm.doString('local n = 0 for k, v in pairs(t) do n = n + 1 assert(rawequal(t[k], v)) end return n == (keys or n)')).toEqual([true]);
  vm.doString('t, pin, change = nil collectgarbage() collectgarbage()');
  expect(core.verifyHeap()).toBe(0);
});

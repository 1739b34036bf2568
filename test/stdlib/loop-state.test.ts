/** debug.setlocal leaves alone what a counting loop counts with, compiled or not; other variables it sets. PUC crashes or reads garbage, so this is no script of test/lua. */
import { expect, test } from 'vitest';
import { COMPILED, EAGER, FORCED_EXITS, INTERPRETED, runLua } from '../support/engine.ts';

const SOURCE = `
  local function indexOf(level, wanted)
    for n = 1, 20 do
      local name = debug.getlocal(level + 1, n)
      if name == wanted then return n end
    end
  end

  local function disturb(value)
    local first = indexOf(2, '(for state)')
    local names = {}
    for n = first, first + 2 do names[#names + 1] = debug.setlocal(2, n, value) end
    return table.concat(names, ' ')
  end

  for _, value in ipairs { 'text', {}, 0.5, 1000, print } do
    local sum, names = 0, nil
    local function run()
      for i = 1, 100 do
        sum = sum + i
        if i % 40 == 7 then names = disturb(value) end
      end
    end
    run()
    run()
    print(type(value), sum, names)
  end

  -- The loop's own variable is the program's.
  local seen = {}
  for i = 1, 3 do
    debug.setlocal(1, indexOf(1, 'i'), 'mine')
    seen[#seen + 1] = i
  end
  print(table.concat(seen, ' '))

  -- So are the values of a generic loop.
  local function limited(t)
    local count = 0
    for k in next, t do
      count = count + 1
      if count == 2 then debug.setlocal(1, indexOf(1, '(for state)') + 2, nil) end
      if count == 7 then break end
    end
    return count
  end
  print(limited({ 1, 2, 3 }))`;

const EXPECTED = `${['string', 'table', 'number', 'number', 'function'].map((type) => `${type}\t10100\t(for state) (for state) (for state)\n`).join('')}mine mine mine\n5\n`;

test.each([INTERPRETED, COMPILED, EAGER, FORCED_EXITS].map((mode) => [mode.name, mode] as const))('%s', (_, mode) => {
  expect(runLua([[SOURCE, '@loop-state.lua']], mode)).toEqual({ stdout: EXPECTED, error: undefined });
});

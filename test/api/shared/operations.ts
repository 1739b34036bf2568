/**
 * Random operations of several threads on one VM (stress.test.ts, test/fuzz/shared.ts). What an operation changes it changes, and writes down, at the end of a function
 * without a loop or a call in between: it is stopped before, or when all is done, as what it wrote down, or the compiled code that did it, had used up its time. So what was
 * written down, done one after the other in a VM of one thread, comes to the same.
 */

import { createVm, type LuaFunction, type SharedVm } from '../../../src/api/index-node.ts';
import { verifiedHeap } from './verified-heap.ts';

/** The program. `scratch` is what may be left half done. */
export const PROGRAM = `
  accounts, log, texts, scratch = {}, {}, {}, {}
  for i = 1, 50 do accounts[i] = 1000 end
  local function work(n) local t = {} for i = 1, n do t[i] = { i, tostring(i) } end return #t end
  function transfer(from, to, amount)
    work(amount)
    local a, b = accounts[from] - amount, nil
    if from == to then b = accounts[to] a = b else b = accounts[to] + amount end
    local line = 'transfer ' .. from .. ' ' .. to .. ' ' .. amount
    local place = #log + 1
    accounts[from] = a accounts[to] = b log[place] = line
  end
  function note(key, text)
    for i = 1, #text do scratch[i] = text:sub(i, i) end
    local whole = (texts[key] or '') .. text
    if #whole > 200 then whole = whole:sub(-100) end
    local line, place = 'note ' .. key .. ' ' .. text, #log + 1
    texts[key] = whole log[place] = line
  end
  local pump = coroutine.wrap(function(n) while true do local t = { n } n = coroutine.yield(#t) end end)
  function churn(n)
    scratch.t = {} for i = 1, n do scratch.t[i] = setmetatable({}, { __gc = function() collected = (collected or 0) + 1 end }) end
    for i = 1, n % 7 do pcall(error, scratch.t) end
    scratch['k' .. n] = n % 3 == 0 and {} or nil
    return pump ~= nil and n
  end
  function digest()
    local parts = {}
    for i = 1, #accounts do parts[#parts + 1] = accounts[i] end
    local keys = {} for k in pairs(texts) do keys[#keys + 1] = k end table.sort(keys)
    for _, k in ipairs(keys) do parts[#parts + 1] = k .. '=' .. texts[k] end
    return table.concat(parts, ';')
  end
  function replay(line)
    local from, to, amount = line:match('^transfer (%d+) (%d+) (%d+)$')
    if from then return transfer(from // 1, to // 1, amount // 1) end
    note(line:match('^note (%S+) (%S*)$'))
  end`;

/** What a thread does, as the body of a function of `shared`, `verifiedHeap` and `args`: how often, and a seed. Gives what it has done, and what it was stopped in. */
export const OPERATIONS = `
  const [count, seed] = args;
  let state = seed >>> 0 || 1;
  const random = (n) => { state ^= state << 13; state ^= state >>> 17; state ^= state << 5; state >>>= 0; return state % n; };
  const done = { transfer: 0, note: 0, interrupt: 0, fuel: 0, memory: 0, other: 0 };
  const tickets = [];
  const attempt = (kind, action) => {
    try { action(); done[kind]++; return true; } catch (error) {
      if (error.code === 'interrupt' || error.code === 'fuel' || error.code === 'memory') done[error.code]++;
      else throw error;
      return false;
    }
  };
  for (let i = 0; i < count; i++) {
    switch (random(16)) {
      case 0: case 1: case 2: case 3: attempt('transfer', () => shared.call('transfer', 1 + random(50), 1 + random(50), random(20))); break;
      case 4: case 5: case 6: attempt('note', () => shared.call('note', 'key' + random(30), 'text'.repeat(random(4)) + random(100))); break;
      case 7: attempt('other', () => shared.call('churn', random(40))); break;
      case 8: attempt('other', () => shared.withVm((vm) => { vm.getGlobal('accounts').get(1); vm.doString('local n = 0 for i = 1, 100 do n = n + i end'); })); break;
      case 9: tickets.push(shared.pin({ value: [i, seed] })); break;
      case 10: if (tickets.length > 0) { const ticket = tickets.splice(random(tickets.length), 1)[0]; const value = shared.read(ticket).get('value').get(2); shared.unpin(ticket); if (value !== seed) throw new Error('not what was pinned'); } break;
      case 11: if (random(20) === 0) shared.interrupt.request(); break;
      case 12: try { shared.withVm((vm) => vm.load('while true do end').with({ fuel: 500 + random(500) }).call()); throw new Error('nothing stopped it'); } catch (error) { if (error.code !== 'fuel' && error.code !== 'interrupt') throw error; done.fuel++; } break;
      case 13: if (random(8) === 0) attempt('other', () => shared.eval('collectgarbage(' + (random(3) === 0 ? '' : '"step", ' + random(50)) + ')')); break;
      case 14: shared.setGlobal('seen' + seed, i); if (shared.getGlobal('seen' + seed) !== i) throw new Error('lost'); break;
      case 15: { const table = shared.withVm((vm) => vm.newTable([i])); if (table.get(1) !== i) throw new Error('lost'); if (random(2) === 0) table.release(); }
    }
  }
  for (const ticket of tickets) shared.unpin(ticket);
  return done;`;


export type Done = Readonly<Record<'transfer' | 'note' | 'interrupt' | 'fuel' | 'memory' | 'other', number>>;

/** @param done what the threads say they have done @returns what is wrong, if anything is */
export function differences(shared: SharedVm, done: readonly Done[]): string[] {
  const problems: string[] = [];
  const expect = (what: string, actual: unknown, expected: unknown): void => {
    if (actual !== expected) problems.push(`${what}: ${String(actual)}, not ${String(expected)}`);
  };
  shared.interrupt.take();
  const written = Number(shared.eval('return #log')[0]);
  const changes = done.reduce((sum, { transfer, note }) => sum + transfer + note, 0);
  const stopped = done.reduce((sum, { interrupt, fuel, memory }) => sum + interrupt + fuel + memory, 0);
  expect('operations written down', Math.min(Math.max(written, changes), changes + stopped), written);
  const vm = createVm();
  vm.doString(PROGRAM);
  const replay = vm.getGlobal<LuaFunction>('replay');
  for (const line of String(shared.eval('return table.concat(log, "\\n")')[0]).split('\n')) replay.call(line);
  expect('what came of them', shared.eval('return digest()')[0], vm.doString('return digest()')[0]);
  vm.close();
  expect('tickets left', shared.withVm(({ rootCount }) => rootCount), 0);
  expect('heap checker', shared.withVm(verifiedHeap), 0);
  shared.eval('collectgarbage()');
  expect('heap checker, after a collection', shared.withVm(verifiedHeap), 0);
  return problems;
}

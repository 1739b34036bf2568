/** What the trace manager does with traces: compile, link, merge, blacklist, throw away; its options, events and statistics. */
import { describe, expect, it } from 'vitest';
import { type CreateJitOptions, createJit, type JitEvent } from '../../../jit/index.ts';
import { type AsyncBackend, BackendError } from '../../../jit/backend/backend.ts';
import { createEncoderBackend } from '../../../jit/backend/encoder-backend.ts';
import { createVerboseListener } from '../../../jit/dump/verbose-listener.ts';
import { DEFAULT_OPTIONS } from '../../../jit/build/options.ts';
import { createParameters } from '../../../jit/parameters.ts';
import { TraceManager } from '../../../jit/manager/trace-manager.ts';
import { createVm, type LuaFunction } from '../../../src/api/index-node.ts';
import { EAGER, interpret, runJit } from '../record/harness.ts';

const kinds = (events: readonly JitEvent[]): string[] => events.map(({ kind }) => kind);

/** Runs chunks in one VM. */
function session(options: CreateJitOptions) {
  const output: string[] = [];
  const events: JitEvent[] = [];
  const jit = createJit({ ...options, tunables: { share: 100, ...options.tunables }, listeners: [(event) => events.push(event)] });
  const vm = createVm({ libraries: 'all', jit, stdout: (bytes) => output.push(Buffer.from(bytes).toString('latin1')) });
  return { jit, vm, events, run: (source: string) => vm.doString(source, '=test'), text: () => output.splice(0).join('') };
}

const COUNT = 'local s = 0 for i = 1, 5000 do s = s + i % 7 end print(s)';
const BRANCHES = 'local s = 0 for i = 1, 60000 do if i % 3 == 0 then s = s + 1 elseif i % 5 == 0 then s = s - 2 else s = s + 3 end end print(s)';

describe('compiling', () => {
  it('compiles a hot loop once and enters it', () => {
    const { jit, run, text } = session({ tunables: { share: 100, hotloop: 100 } });
    run(COUNT);
    expect(text()).toBe(interpret(COUNT));
    const { recorded, compiled, traces } = jit.stats();
    expect([recorded, compiled]).toEqual([1, 1]);
    expect(traces[0]).toMatchObject({ number: 1, where: 'test:1', link: 'loop' });
    expect(traces[0]!.entered).toBeGreaterThan(0);
  });

  it('leaves loops alone that are not hot', () => {
    const { jit, run } = session({});
    run('local s = 0 for i = 1, 500 do s = s + i end');
    expect(jit.stats().recorded).toBe(0);
  });

  it('compiles the same traces each time', () => {
    const places = () => runJit(BRANCHES, { tunables: { share: 100, hotexit: 10 } }).events.map((event) => (event.kind !== 'instruction' && 'place' in event ? `${event.kind} ${event.place.line}` : event.kind));
    expect(places()).toEqual(places());
  });

  it('records hot exits and makes one function of the tree', () => {
    const { events, output } = runJit(BRANCHES, { tunables: { share: 100, hotexit: 10, loopbudget: 500 } });
    expect(output).toBe(interpret(BRANCHES));
    expect(events.filter((event) => event.kind === 'compiled' && event.parent !== undefined).length).toBeGreaterThan(1);
    expect(kinds(events)).toContain('tree');
  });

  it('compiles loops that lead into one another together', () => {
    const source = 'local s = 0 for i = 1, 3000 do for j = 1, 40 do s = s + i ~ j end end print(s)';
    const { events, output } = runJit(source, { tunables: { share: 100, hotloop: 100, hotexit: 20, loopbudget: 500 } });
    expect(output).toBe(interpret(source));
    expect(events.some((event) => event.kind === 'tree' && event.traces > 1)).toBe(true);
  });
});

describe('giving up', () => {
  it('blacklists a loop that cannot be recorded', () => {
    const source = 'local n = 0 for i = 1, 3000 do if pcall(type, i) then n = n + 1 end end print(n)';
    const { events, output, compiled } = runJit(source, { tunables: { share: 100, hotloop: 10, penaltystart: 10, penaltyfactor: 2, penaltymax: 100 } });
    expect([output, compiled]).toEqual(['3000\n', 0]);
    expect(kinds(events)).toContain('blacklisted');
  });

  it('throws away a root that leaves too soon', () => {
    const source = `local function f(n) local s = 0 for i = 1, n do s = s + i end return s end
      local function tree(d, n) if d == 0 then return f(n) end return tree(d - 1, n) + tree(d - 1, n) end
      f(5000) print(tree(17, 1))`;
    const { events, output } = runJit(source, {});
    expect(output).toBe(interpret(source));
    expect(events.some((event) => event.kind === 'discarded' && event.reason === 'unprofitable')).toBe(true);
  });

  it('has a loop compiled again whose code was no gain, but not at once', () => {
    const source = `local function f(n) local s = 0 for i = 1, n do s = s + i end return s end
      local function calls(k) if k > 0 then f(1) return calls(k - 1) end end
      f(5000) calls(60000) f(5000) print(f(600000))`;
    const { events, output } = runJit(source, {});
    expect(output).toBe(interpret(source));
    const ofLoop = events.flatMap((event) => (event.kind === 'discarded' ? [event.reason] : event.kind === 'compiled' && event.parent === undefined ? [event.kind] : []));
    expect(ofLoop).toEqual(['compiled', 'unprofitable', 'compiled']);
  });

  it('throws away a tree that branches too much', () => {
    const arms = Array.from({ length: 12 }, (_, n) => `if i % ${n + 2} == 0 then s = s + ${n} end`).join(' ');
    const source = `local s = 0 for i = 1, 30000 do ${arms} end print(s)`;
    const { events, output } = runJit(source, { tunables: { share: 100, hotloop: 50, hotexit: 5, maxside: 10 } });
    expect(output).toBe(interpret(source));
    expect(events.some((event) => event.kind === 'discarded' && event.reason === 'side-limit')).toBe(true);
  });

  it('throws away a tree that meets ever new kinds of objects', () => {
    const source = `local class = {} function class:get() return self.x end
      local s = 0
      for k = 1, 40 do
        local o = setmetatable({ x = k }, { __index = class, __name = "object" })
        for i = 1, 300 do s = s + o:get() end
      end
      print(s)`;
    const { events, output } = runJit(source, { tunables: { share: 100, hotloop: 50, hotexit: 5 } });
    expect(output).toBe(interpret(source));
    expect(events.some((event) => event.kind === 'discarded' && event.reason === 'megamorphic')).toBe(true);
  });

  it('tells of a VM that is closed what there was to tell', () => {
    const jit = createJit({ tunables: { share: 100 } });
    const vm = createVm({ jit });
    vm.doString('local s = 0 for i = 1, 100000 do s = s + i end', '=test');
    const open = jit.stats();
    vm.close();
    expect(open.instructions).toBeGreaterThan(10_000);
    expect(jit.stats()).toEqual(open);
  });

  it('takes objects for one kind whose metatables only have the same __index', () => {
    const source = `local class = {} function class:get() return self.x end
      local function new(x) return setmetatable({ x = x }, { __index = class }) end
      local s = 0
      for k = 1, 40 do
        local o = new(k)
        for i = 1, 300 do s = s + o:get() + new(i):get() end
      end
      print(s)`;
    const { events, output } = runJit(source, { tunables: { share: 100, hotloop: 50, hotexit: 5 } });
    expect(output).toBe(interpret(source));
    expect(events.filter((event) => event.kind === 'compiled').length).toBeGreaterThan(0);
    // Once anew, if a collection finds that only the trace remembers the first object's metatable; not for each of the 40.
    expect(events.filter((event) => event.kind === 'compiled').length).toBeLessThan(8);
  });

  it('throws away traces that name what nothing else refers to, at the next collection', () => {
    const source = `local weak, s = setmetatable({}, { __mode = 'v' }), 0
      local function scope()
        local C = {} C.__index = C function C.get(o) return o.v end weak[1] = C
        local o = setmetatable({ v = 1 }, C) for _ = 1, 300 do s = s + o:get() end
      end
      scope() print(weak[1] ~= nil) collectgarbage() print(weak[1], s)
      scope() collectgarbage() print(weak[1], s)`;
    const { events, output } = runJit(source, { tunables: { share: 100, hotloop: 20, hotexit: 5, penaltystart: 100, penaltyfactor: 2 } });
    expect(output).toBe(interpret(source));
    expect(events.flatMap((event) => (event.kind === 'discarded' ? [event.reason] : []))).toEqual(['abandoned', 'abandoned']);
  });

  it('waits twice as long each time with a loop whose traces nothing else remembers', () => {
    const source = `local s = 0
      for k = 1, 64 do
        local C = {} C.__index = C function C.get(o) return o.v end
        local o = setmetatable({ v = k }, C) for _ = 1, 300 do s = s + o:get() end
        o, C = nil collectgarbage()
      end
      print(s)`;
    const { events, output } = runJit(source, { tunables: { share: 100, hotloop: 20, hotexit: 5, penaltystart: 100, penaltyfactor: 2 } });
    expect(output).toBe(interpret(source));
    const abandoned = events.filter((event) => event.kind === 'discarded' && event.reason === 'abandoned').length;
    expect(abandoned).toBeGreaterThan(2);
    expect(abandoned).toBeLessThan(16);
  });

  it('records what a function makes again at each call once more, not each time', () => {
    const source = `local function round(n)
      local list = {}
      local function fill() for i = 1, n do list[i] = { value = i } end end
      local function sum() local s = 0 for i = 1, n do s = s + list[i].value end return s end
      fill()
      return sum()
    end
    local s = 0
    for i = 1, 12 do s = s + round(300) collectgarbage() end
    print(s)`;
    const { events, output } = runJit(source, EAGER);
    expect(output).toBe(interpret(source));
    const roots = events.filter((event) => event.kind === 'compiled' && event.parent === undefined && [3, 4].includes(event.place.line));
    expect(roots.length).toBeGreaterThan(1);
    expect(roots.length).toBeLessThanOrEqual(6);
  });

  it('does not rely on the closure of a function that has had several', () => {
    const source = `local function counter() local t = { n = 0 } return function(k) for i = 1, k do t.n = t.n + i end return t.n end end
    local first, second = counter(), counter()
    print(first(500), second(300), first(20))`;
    const { events, output } = runJit(source, EAGER);
    expect(output).toBe(interpret(source));
    expect(events.filter(({ kind }) => kind === 'discarded')).toEqual([]);
  });

  it('records anew when a function has several closures', () => {
    const source = `local function make(k) return function(x) return x + k end end
      for k = 1, 6 do local f, s = make(k), 0 for i = 1, 400 do s = s + f(i) end print(s) end`;
    const { output, aborted } = runJit(source, { tunables: { share: 100, hotloop: 20, hotexit: 5 } });
    expect(output).toBe(interpret(source));
    expect(aborted).toContain('polymorphic');
  });

  it('tries again at once while types settle', () => {
    const source = 'local x, s = 0, 0 for i = 1, 200 do x = x + 0.5 s = s + x end print(s)';
    const { output, compiled, aborted } = runJit(source, { tunables: { share: 100, hotloop: 1, penaltystart: 1000, penaltyfactor: 2 } });
    expect(output).toBe(interpret(source));
    expect(aborted.every((reason) => reason === 'type-instability')).toBe(true);
    expect(compiled).toBe(1);
  });

  it.each(['declines', 'fails'])('goes on in the interpreter if the backend %s', (what) => {
    const compile = () => {
      if (what === 'fails') throw new BackendError('no');
      return undefined;
    };
    const { output, events } = runJit(COUNT, { backend: { ...createEncoderBackend(), compile } });
    expect(output).toBe(interpret(COUNT));
    expect(kinds(events)).toEqual(expect.arrayContaining(['aborted', 'blacklisted']));
  });

  it('goes on in the interpreter if the engine refuses the module', () => {
    const backend = { ...createEncoderBackend(), compile: () => new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 99]) };
    const { output, aborted } = runJit(COUNT, { backend });
    expect([output, aborted]).toEqual([interpret(COUNT), ['wasm-refused']]);
  });

  it('survives faults of its own, unless it is strict', () => {
    const listener = (event: JitEvent): void => {
      if (event.kind === 'recorded') throw new TypeError('fault');
    };
    const run = (checkSlots: boolean) => {
      const output: string[] = [];
      const jit = createJit({ tunables: { share: 100, hotloop: 50 }, listeners: [listener], checkSlots });
      const vm = createVm({ jit, stdout: (bytes) => output.push(Buffer.from(bytes).toString()) });
      vm.doString(COUNT);
      return [output.join(''), jit.stats().aborted['compile-error']];
    };
    expect(run(false)).toEqual([interpret(COUNT), expect.any(Number)]);
    expect(() => run(true)).toThrow(/fault/);
  });

  it('compiles nothing with the null backend', () => {
    expect(runJit(COUNT, { backend: 'null' }).compiled).toBe(0);
  });
});

describe('flush', () => {
  it('throws everything away, and the loops are recorded again', () => {
    const { jit, run, text, events } = session({ tunables: { share: 100, hotloop: 20 } });
    run(`function work() ${COUNT} end work()`);
    expect(jit.stats().traces).toHaveLength(1);
    jit.flush();
    expect(jit.stats().traces).toHaveLength(0);
    run('work()');
    expect(jit.stats().traces).toHaveLength(1);
    expect(text()).toBe(interpret(COUNT).repeat(2));
    expect(kinds(events)).toContain('flushed');
  });

  it('happens when there are too many traces', () => {
    const loops = Array.from({ length: 12 }, (_, n) => `for i = 1, 100 do s = s + i * ${n} end`).join('\n');
    const source = `local s = 0 ${loops} print(s)`;
    const { events, output } = runJit(source, { ...EAGER, tunables: { ...EAGER.tunables, maxtrace: 5 } });
    expect(output).toBe(interpret(source));
    expect(kinds(events)).toContain('flushed');
  });

  it('is survived by collections: what traces name stays alive', () => {
    const source = `local function f(o) return o.value * 2 end
      local s = 0
      for k = 1, 30 do
        local o = { value = k }
        for i = 1, 50 do s = s + f(o) end
        collectgarbage()
      end
      print(s)`;
    expect(runJit(source).output).toBe(interpret(source));
  });
});

describe('options', () => {
  it('takes parameters as text', () => {
    expect(runJit(COUNT, { parameters: { hotloop: '100000', backend: 'encoder', cse: 'off' } }).compiled).toBe(0);
  });

  it.each([[{ hotlop: '1' }], [{ hotloop: 'x' }], [{ backend: 'llvm' }], [{ fold: 'maybe' }], [{ mode: 'later' }]])('refuses %j', (parameters: Record<string, string>) => {
    expect(() => createJit({ parameters })).toThrow(/bad option/);
  });

  it('prints a line per event and dumps each trace', () => {
    const lines: string[] = [];
    const texts: string[] = [];
    runJit(`${COUNT} for i = 1, 2000 do pcall(type) end`, { tunables: { share: 100, hotloop: 100 }, verbose: (line) => lines.push(line), dump: (text) => texts.push(text) });
    expect(lines[0]).toBe('[TRACE   1 test:1 loop]');
    expect(lines.some((line) => line.startsWith('[TRACE --- test:1 -- a call of something'))).toBe(true);
    expect(texts.join('\n')).toMatch(/FORLOOP[\s\S]*IR as recorded[\s\S]*IR optimised/);
  });
});

describe('backends that have to be loaded', () => {
  it('interprets until Binaryen is there, then compiles with it', async () => {
    const { jit, run, text } = session({ backend: 'binaryen', tunables: { share: 100, hotloop: 50 } });
    run(COUNT);
    expect(jit.stats().recorded).toBe(0);
    await jit.settle();
    run(COUNT);
    expect(jit.stats().compiled).toBe(1);
    expect(text()).toBe(interpret(COUNT).repeat(2));
  });

  it('says so if one cannot be loaded, and interprets', async () => {
    const backend = { ...createEncoderBackend(), name: 'broken', isReady: () => false, load: () => Promise.reject(new BackendError('gone')) };
    const lines: string[] = [];
    const { jit, run, text } = session({ backend, verbose: (line) => lines.push(line), tunables: { share: 100, hotloop: 50 } });
    await jit.settle();
    run(COUNT);
    expect([text(), jit.stats().recorded]).toEqual([interpret(COUNT), 0]);
    expect(lines).toEqual(['[JIT   backend broken is not available: gone]']);
  });
});

describe('a backend beside the program', () => {
  /** Runs COUNT with a background that answers as told. */
  function runWith(background: Partial<AsyncBackend>): { readonly lines: readonly string[]; readonly output: string; readonly compiled: number } {
    const lines: string[] = [];
    const output: string[] = [];
    const absent = { name: 'absent', isReady: () => false, failure: () => undefined, submit() {}, poll: () => [], settle: () => Promise.resolve(), dispose() {} };
    const jit = new TraceManager({
      backend: createEncoderBackend(),
      background: { ...absent, ...background },
      parameters: createParameters({ share: 100, hotloop: 50 }),
      optimisations: DEFAULT_OPTIONS,
      checkSlots: true,
      isStrict: true,
      forceExits: false,
      dropTrees: false,
      listeners: [createVerboseListener((line) => lines.push(line))],
      isDumping: false,
    isObserved: false,
    });
    const vm = createVm({ jit, stdout: (bytes) => output.push(Buffer.from(bytes).toString('latin1')) });
    vm.doString(COUNT, '=test');
    jit.onBudget();
    vm.doString(COUNT, '=test');
    const { compiled } = jit.stats();
    vm.close();
    return { lines, output: output.join(''), compiled };
  }

  it('is replaced by the other one if it cannot be loaded, which is said once', () => {
    const { lines, output, compiled } = runWith({ failure: () => 'gone' });
    expect([output, compiled]).toEqual([interpret(COUNT).repeat(2), 2]);
    expect(lines.filter((line) => line.startsWith('[JIT'))).toEqual(['[JIT   backend absent is not available: gone]']);
  });

  it('is named at the end if it was too late', () => {
    const { lines, compiled } = runWith({});
    expect(compiled).toBe(2);
    expect(lines.at(-1)).toBe('[JIT   backend absent is not available: it was not ready before the end]');
  });

  it('may fail at a job: its loop is interpreted', () => {
    let job = 0;
    const submit = (number: number): void => {
      job = number;
    };
    const { lines, output, compiled } = runWith({ isReady: () => true, submit, poll: () => (job === 0 ? [] : [{ job, binary: undefined, message: 'no luck' }]) });
    expect([output, compiled]).toEqual([interpret(COUNT).repeat(2), 0]);
    expect(lines).toContain('[JIT   backend absent is ready]');
    expect(lines.some((line) => line.endsWith('no luck]'))).toBe(true);
    expect(lines).toContain('[TRACE --- test:1 blacklisted]');
  });
});

describe('host functions', () => {
  it('may call back and change variables of the loop', () => {
    const { vm, run, text } = session(EAGER);
    let stored: unknown;
    vm.setGlobal('keep', (f) => {
      stored = (f as LuaFunction).keep();
    });
    vm.setGlobal('poke', (x) => (stored as { call(...args: unknown[]): unknown[] }).call(x)[0] as number);
    run('local n = 0 keep(function(d) n = n + d return n end) for i = 1, 60 do local a = poke(2) n = n + 1 if i % 20 == 0 then print(i, a, n) end end');
    expect(text()).toBe('20\t59\t60\n40\t119\t120\n60\t179\t180\n');
  });

  it('may throw through a trace', () => {
    const { vm, run, text } = session(EAGER);
    vm.setGlobal('check', (x) => {
      if (x === 50) throw new Error('fifty');
      return x;
    });
    run('local s = 0 print(pcall(function() for i = 1, 60 do s = s + check(i) end end)) print(s)');
    expect(text()).toMatch(/^false\t.*fifty\n1225\n$/);
  });
});

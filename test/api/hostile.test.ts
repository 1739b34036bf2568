/**
 * Every public method, with every hostile value in every place, in every state a VM can be in: it returns, or throws a LuaError or a MoontraceError, and
 * the VM is as good as before. The methods are found on the prototypes, so that a new one cannot be left out.
 */
import { machineOf } from '../../src/api/engine-port.ts';
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { createJit } from '../../jit/index.ts';
import {
  createVm, LuaCall, LuaCallable, LuaCoroutine, LuaError, LuaExecution, LuaFunction, LuaReference, LuaTable, LuaThread, LuaUserdata, MOONTRACE_ERRORS, MoontraceError, Vm, type VmOptions,
} from '../../src/api/index.ts';
import { LIMIT_KINDS } from '../../src/engine/state/limits.ts';
import { hostileValues } from './hostile-values.ts';

/** Of values that are pinned before anything is tried. */
const TICKET = { index: 0, generation: 1 };
const LAST_TICKET = { index: 1, generation: 1 };
/** Stands for a function of the VM. */
const FUNCTION = Symbol('function');

/** Arguments that each method takes; what is set is given as `set name`. */
const METHODS = {
  Vm: {
    load: ['return 1', '=chunk'], doString: ['return 1', '=chunk'], doFile: ['none.lua'], loadFile: ['none.lua'], 'get globals': [], getGlobal: ['name'],
    setGlobal: ['name', 1], register: [{ f: () => 1 }, 'library'], newTable: [{ a: 1 }], fromJS: [{ a: 1 }, 'copy'], contract: [{}], scope: [() => 1], pin: [1], read: [TICKET], write: [TICKET, 1], unpin: [LAST_TICKET], unpinAll: [], 'get rootCount': [], 'get fuel': [], 'set fuel': [Number.POSITIVE_INFINITY], collect: [],
    stats: [], module: ['name', { a: 1 }], addSearcher: [() => undefined], doStringAsync: ['return 1', '=chunk', {}], doFileAsync: ['none.lua', {}], coroutine: [FUNCTION, {}], start: [FUNCTION, [1], {}], snapshot: [], fork: [], close: [],
  },
  LuaReference: { keep: [], release: [], 'Symbol(dispose)': [], 'get Symbol(Symbol.toStringTag)': [] },
  LuaCallable: { call: [1, 2], call1: [1], callAsync: [1, 2], with: [{ fuel: 1e6 }], toString: [], toJSON: [], 'Symbol(nodejs.util.inspect.custom)': [2, {}, inspect] },
  LuaTable: {
    get: ['key'], set: ['key', 1], has: ['key'], delete: ['key'], 'get length': [], rawGet: ['key'], rawSet: ['key', 1], entries: [], keys: [], values: [], 'Symbol(Symbol.iterator)': [],
    toJS: [{ depth: 2 }], toJSON: [], proxy: [], 'Symbol(nodejs.util.inspect.custom)': [2, {}, inspect], 'get Symbol(Symbol.toStringTag)': [],
  },
  LuaCall: { call: [1, 2], call1: [1], callAsync: [1, 2] },
  LuaCoroutine: { next: [1], return: [1], nextAsync: [1], returnAsync: [1], 'get isDone': [], 'Symbol(Symbol.iterator)': [], 'Symbol(Symbol.asyncIterator)': [] },
  LuaExecution: { step: [1000], finish: [], abort: ['reason'], 'get state': [] },
  LuaFunction: { bind: [1, 2], 'get Symbol(Symbol.toStringTag)': [] },
  LuaThread: { 'get Symbol(Symbol.toStringTag)': [] },
  LuaUserdata: { get: ['close'], set: ['key', 1], 'get Symbol(Symbol.toStringTag)': [] },
} as const satisfies Record<string, Record<string, readonly unknown[]>>;

const CLASSES = { Vm, LuaReference, LuaCallable, LuaTable, LuaFunction, LuaThread, LuaUserdata, LuaCall, LuaCoroutine, LuaExecution };
type ClassName = keyof typeof CLASSES;

/** Each host and its tools have their own Symbol.dispose. */
const nameOf = (key: PropertyKey): string => (key === Symbol.dispose || String(key).endsWith('.dispose)') ? 'Symbol(dispose)' : String(key));

/** Names of all methods, getters and setters that a class itself has. */
function methodsOf({ prototype }: { readonly prototype: object }): string[] {
  return Reflect.ownKeys(prototype).flatMap((key) => {
    if (key === 'constructor') return [];
    const { get, set } = Object.getOwnPropertyDescriptor(prototype, key) as PropertyDescriptor;
    const name = nameOf(key);
    if (get === undefined && set === undefined) return [name];
    return [...(get ? [`get ${name}`] : []), ...(set ? [`set ${name}`] : [])];
  });
}

test.each(Object.keys(CLASSES) as ClassName[])('the table below has all methods of %s', (name) => {
  expect(Object.keys(METHODS[name]).sort()).toEqual(methodsOf(CLASSES[name]).sort());
});

/** The member of an object, or of its prototypes, that goes by a name in the table. */
function keyOf(receiver: object, name: string): PropertyKey {
  for (let owner: object | null = receiver; owner !== null; owner = Object.getPrototypeOf(owner) as object | null) {
    const key = Reflect.ownKeys(owner).find((candidate) => nameOf(candidate) === name);
    if (key !== undefined) return key;
  }
  throw new Error(`there is no ${name}`);
}

function invoke(receiver: object, method: string, args: readonly unknown[]): unknown {
  const [, kind, name = ''] = /^(get |set |)(.*)$/.exec(method) ?? [];
  const key = keyOf(receiver, name);
  if (kind === 'get ') return Reflect.get(receiver, key);
  if (kind === 'set ') return Reflect.set(receiver, key, args[0]);
  if (key === Symbol.iterator && receiver instanceof LuaTable) return [...receiver];
  return Reflect.apply(Reflect.get(receiver, key) as () => unknown, receiver, args);
}

/** They end what the others are tried on. */
const ENDING: readonly string[] = ['close', 'release', 'Symbol(dispose)', 'finish'];
/** They need a VM in which nothing runs (image/image.test.ts). */
const AT_REST: readonly string[] = ['snapshot', 'fork'];
/** It throws what its action throws (handles.test.ts). */
const PASSING: readonly string[] = ['scope'];
/** They look at what they have, and at nothing in the VM. */
const isQuiet = ({ what, method }: Pick<Attempt, 'what' | 'method'>): boolean =>
  what.startsWith('LuaCallable toJSON') || ['get Symbol(Symbol.toStringTag)', 'Symbol(nodejs.util.inspect.custom)'].includes(method);

interface Attempt {
  readonly what: string;
  readonly method: string;
  readonly isRight: boolean;
  readonly run: () => unknown;
}

interface Subject {
  readonly vm: Vm;
  readonly table: LuaTable;
  readonly func: LuaFunction;
  readonly thread: LuaThread;
  readonly userdata: LuaUserdata;
  readonly coroutine: LuaCoroutine;
  readonly execution: LuaExecution;
}

/** All calls but those that end something: first the right ones, then those with one wrong argument. */
function attempts({ vm, table, func, thread, userdata, coroutine, execution }: Subject, other: Vm): Attempt[] {
  const receivers: Readonly<Record<ClassName, object>> = {
    Vm: vm, LuaReference: table, LuaCallable: func, LuaTable: table, LuaFunction: func, LuaThread: thread, LuaUserdata: userdata,
    LuaCall: func.with({ fuel: 1e6 }), LuaCoroutine: coroutine, LuaExecution: execution,
  };
  const values = Object.entries(hostileValues(other));
  const right: Attempt[] = [];
  const wrong: Attempt[] = [];
  for (const [name, methods] of Object.entries(METHODS)) {
    const receiver = receivers[name as ClassName];
    for (const [method, given] of Object.entries<readonly unknown[]>(methods)) {
      const args = given.map((value) => (value === FUNCTION ? func : value));
      if ([...ENDING, ...PASSING, ...AT_REST].includes(method)) continue;
      right.push({ what: `${name} ${method}`, method, isRight: true, run: () => invoke(receiver, method, args) });
      for (const place of args.keys()) {
        for (const [what, value] of values) {
          wrong.push({ what: `${name} ${method}, ${what} as argument ${place + 1}`, method, isRight: false, run: () => invoke(receiver, method, args.with(place, value)) });
        }
      }
    }
  }
  return [...right, ...wrong];
}

const LUA_CODES: readonly string[] = ['syntax', 'runtime', ...LIMIT_KINDS];

/** Code of the error, 'none' without. Anything but the two kinds of errors is a failure of the test. */
function codeOf({ what, run, ...rest }: Pick<Attempt, 'what' | 'run'> & Partial<Attempt>, allowed?: (code: string, attempt: Attempt) => boolean): string {
  try {
    const result = run();
    if (rest.method?.endsWith('Async') !== true) return 'none';
    const check = (code: string): string | undefined => (allowed?.(code, { what, run, ...rest } as Attempt) === false ? `${what}: ${code}, later` : undefined);
    later.push((result as Promise<unknown>).then(() => check('none'), (error: unknown) => check(codeOfError(what, error))));
    return 'later';
  } catch (error) {
    return codeOfError(what, error);
  }
}

function codeOfError(what: string, error: unknown): string {
  if (error instanceof LuaError && LUA_CODES.includes(error.code)) return error.code;
  if (error instanceof MoontraceError && error.code in MOONTRACE_ERRORS && error.code !== 'core-failure') return error.code;
  throw new Error(`${what} threw ${String(error)}`, { cause: error });
}

let debugModule: WebAssembly.Module | undefined;
/** The debug build, which checks its heap. */
const debugCore = (): WebAssembly.Module => (debugModule ??= new WebAssembly.Module(readFileSync('build/core.debug.wasm')));

const ENGINES: readonly (readonly [name: string, options: () => VmOptions])[] = [
  ['interpreted', () => ({})],
  ['compiled', () => ({ jit: createJit({ tunables: { share: 100, hotloop: 2, hotexit: 2 } }) })],
];

let vms: Vm[] = [];
function make(options: VmOptions): Vm {
  const vm = createVm({ core: debugCore(), stdout() {}, stderr() {}, ...options });
  vms.push(vm);
  return vm;
}
/** What became of promises that attempts gave: what is not as it may be. */
let later: Promise<string | undefined>[] = [];

afterEach(async () => {
  const problems = Promise.all(later);
  later = [];
  expect((await problems).filter((problem) => problem !== undefined)).toEqual([]);
  for (const vm of vms) vm.close();
  vms = [];
});

function subjectOf(vm: Vm): Subject {
  for (const value of [1, 2]) vm.pin(value);
  const [thread, userdata] = vm.doString<[LuaThread, LuaUserdata]>('return coroutine.create(print), debug.setmetatable(io.stderr, {__index = {}, __newindex = function() end})');
  const endless = vm.load('while true do coroutine.yield() end');
  return { vm, table: vm.newTable([1, 2, { x: 1 }]).keep(), func: vm.load('local a, b = ... return a, b, #tostring(a)').keep(), thread: thread.keep(), userdata: userdata.keep(), coroutine: vm.coroutine(endless), execution: vm.start(vm.load('for i = 1, 1e5 do end')) };
}

/** Is the VM as good as new? */
function checkVm(vm: Vm): void {
  vm.fuel = Number.POSITIVE_INFINITY;
  expect(vm.doString('local n = 0 for i = 1, 100 do n = n + i end return n, pcall(error, 5)')).toEqual([5050, false, 5]);
  expect(machineOf(vm).core.verifyHeap()).toBe(0);
}

/** Runs all attempts and gives the codes of those whose result is not what it may be. */
function unexpected(subject: Subject, allowed: (code: string, attempt: Attempt) => boolean): string[] {
  const found: string[] = [];
  for (const attempt of attempts(subject, make({}))) {
    const code = codeOf(attempt, allowed);
    if (code !== 'later' && !allowed(code, attempt)) found.push(`${attempt.what}: ${code}`);
    if (attempt.method === 'set fuel' && code === 'none') subject.vm.fuel = Number.POSITIVE_INFINITY;
  }
  return found;
}

/** What asks nothing of the VM. */
const asksNothing = ({ what, method }: Attempt): boolean => ['with', 'abort', 'get state', 'get isDone'].includes(method) || what.startsWith('LuaCoroutine Symbol(');
const WRONG: readonly string[] = ['stale-root', 'bad-argument', 'bad-option', 'bad-value', 'bad-handle'];
const isFile = (method: string): boolean => ['doFile', 'doFileAsync', 'loadFile'].includes(method);
/** What happens where nothing but the arguments can be wrong. */
const isUsual = (code: string, { isRight, method }: Attempt): boolean => code === 'none' || (method === 'step' && code === 'abort') || (isFile(method) && code === 'no-such-file') || (!isRight && [...WRONG, 'syntax', 'runtime'].includes(code));

describe.each(ENGINES)('every method, %s', (_, engine) => {
  test('in a VM at rest', () => {
    const vm = make(engine());
    expect(unexpected(subjectOf(vm), isUsual)).toEqual([]);
    checkVm(vm);
  });

  test('in a host function', () => {
    const vm = make(engine());
    const subject = subjectOf(vm);
    let found: string[] | undefined;
    vm.setGlobal('attempt', () => {
      found = unexpected(subject, isUsual);
    });
    vm.doString('for i = 1, 10 do if i == 9 then attempt() end end');
    expect(found).toEqual([]);
    checkVm(vm);
  });

  test('in a host function of a coroutine, of a finaliser, of __tostring of an error', () => {
    for (const call of ['coroutine.wrap(attempt)()', 'setmetatable({}, {__gc = attempt}) collectgarbage()', 'error(setmetatable({}, {__tostring = attempt}))']) {
      const vm = make(engine());
      const subject = subjectOf(vm);
      let found: string[] | undefined;
      vm.setGlobal('attempt', () => {
        found = unexpected(subject, isUsual);
      });
      expect(['none', 'runtime']).toContain(codeOf({ what: call, run: () => vm.doString(call) }));
      expect(found, call).toEqual([]);
      checkVm(vm);
    }
  });

  test('in a closed VM: closed, whatever the arguments', () => {
    const vm = make(engine());
    const subject = subjectOf(vm);
    vm.close();
    expect(unexpected(subject, (code, attempt) => code === (isQuiet(attempt) || asksNothing(attempt) ? 'none' : 'closed') || (!attempt.isRight && WRONG.includes(code)))).toEqual([]);
    vm.close();
  });

  const mayAsk = ['get fuel', 'set fuel', 'stats', 'keep'];
  const isRefused = (code: string, attempt: Attempt): boolean => {
    const { method, isRight } = attempt;
    // Some begin later.
    if (['nextAsync', 'returnAsync'].includes(method) && isUsual(code, attempt)) return true;
    return mayAsk.includes(method) || isQuiet(attempt) || asksNothing(attempt) ? code === 'none' || (!isRight && code === 'bad-option') : code === 'busy' || (!isRight && WRONG.includes(code));
  };

  test.each([
    ['a loop', 'for i = 1, 1e6 do end'],
    ['a library function', '(("a"):rep(4000)):find(".-b")'],
  ])('from onSlice in %s: busy, but for fuel and statistics', (_name, source) => {
    let found: string[] | undefined;
    let subject: Subject | undefined;
    const vm = make({
      ...engine(),
      onSlice() {
        if (subject !== undefined) found ??= unexpected(subject, isRefused);
      },
    });
    subject = subjectOf(vm);
    vm.doString(source);
    expect(found).toEqual([]);
    checkVm(vm);
  });

  test('from the functions of the environment: busy', () => {
    let found: string[] | undefined;
    let subject: Subject | undefined;
    const vm = make({
      ...engine(),
      stdout() {
        if (subject !== undefined) found ??= unexpected(subject, isRefused);
      },
    });
    subject = subjectOf(vm);
    vm.doString('io.write("x") io.flush()');
    expect(found).toEqual([]);
    checkVm(vm);
  });

  test('when memory is used up', () => {
    const vm = make({ ...engine(), memoryLimit: 3 << 20 });
    const subject = subjectOf(vm);
    const fill = vm.load('kept = kept or {} for size = 20, 4, -1 do while pcall(function() kept[#kept + 1] = ("x"):rep(2^size) .. #kept end) do end end');
    const refill = (): void => void codeOf({ what: 'filling', run: () => fill.call() });
    refill();
    const found: string[] = [];
    for (const attempt of attempts(subject, make({}))) {
      vm.fuel = Number.POSITIVE_INFINITY;
      const code = codeOf(attempt);
      if (code !== 'later' && !isUsual(code, attempt) && code !== 'memory') found.push(`${attempt.what}: ${code}`);
    }
    expect(found).toEqual([]);
    vm.setGlobal('kept', undefined);
    vm.collect();
    checkVm(vm);
  });

  test('without fuel', () => {
    const vm = make(engine());
    const subject = subjectOf(vm);
    const found: string[] = [];
    for (const attempt of attempts(subject, make({}))) {
      vm.fuel = 0;
      const code = codeOf(attempt);
      if (code !== 'later' && !isUsual(code, attempt) && code !== 'fuel') found.push(`${attempt.what}: ${code}`);
    }
    expect(found).toEqual([]);
    checkVm(vm);
  });
});

describe('the host\'s stack', () => {
  const isOverflow = (error: unknown): boolean =>
    (error instanceof LuaError && error.code === 'stack') || (error instanceof RangeError && error.message === 'Maximum call stack size exceeded');

  /** Calls `action` on each of the last levels below the end of the stack. @returns the errors that are none of an overflow */
  function nearTheEnd(levels: number, action: () => unknown): unknown[] {
    const others: unknown[] = [];
    let left = levels;
    const descend = (): void => {
      try {
        descend();
      } catch {
        // Here the stack is full; it gets emptier frame by frame.
      }
      if (left <= 0) return;
      try {
        action();
        left = 0;
      } catch (error) {
        left--;
        if (!isOverflow(error)) others.push(error);
      }
    };
    descend();
    return others;
  }

  test('is nearly full where a method is called: the heap stays sound', () => {
    const vm = make({});
    const { table, func } = subjectOf(vm);
    let n = 0;
    const actions: readonly (() => unknown)[] = [
      () => table.set(`key ${n++}`, n), () => table.get(1), () => func.call({}), () => vm.newTable({ a: [n++] }), () => vm.doString(`return {${n++}}, ("x"):rep(50)`),
      () => vm.collect(), () => table.entries(), () => vm.setGlobal('f', () => n++), () => vm.load('return function() return {} end'),
    ];
    for (const action of actions) {
      expect(nearTheEnd(2000, action)).toEqual([]);
      expect(machineOf(vm).core.verifyHeap()).toBe(0);
      checkVm(vm);
    }
  });

  test.each(ENGINES)('is used up by Lua and host functions that call each other: an error that pcall catches, %s', (_name, engine) => {
    const vm = make(engine());
    /** Takes a good deal of the stack at each level. */
    const burn = (frames: number, then: () => unknown): unknown => (frames === 0 ? then() : burn(frames - 1, then));
    let deepest = 0;
    vm.setGlobal('down', (f, n) => {
      deepest = Math.max(deepest, n as number);
      return burn(100, () => (f as LuaFunction).call1(n)) as number;
    });
    const run = vm.load('local function f(n) local t = {} for i = 1, 20 do t[i] = {i, n} end return 1 + down(f, n + 1) end return pcall(f, 1)');
    for (let i = 0; i < 5; i++) {
      const [isFine, message] = run.call();
      expect([isFine, String(message)]).toEqual([false, expect.stringMatching(/stack overflow/)]);
    }
    expect(deepest).toBeGreaterThan(20);
    expect(codeOf({ what: 'overflow', run: () => vm.load('local function f(n) return down(f, n + 1) end f(1)').call() })).toBe('stack');
    checkVm(vm);
  });
});

/** What a host hands to a VM, or does with it at the wrong moment. A program, or a mistake, must not make internal exceptions leave the API. */
import type { LuaFunction, LuaTable, Vm } from '../../../src/api/index-node.ts';
import type { Kind, Misuse, Package } from '../program.ts';

type Make = Misuse['run'] extends (make: infer M, ...rest: never[]) => unknown ? M : never;

/** How a call ends: its value, or the class and code of what it throws. Only errors of the package are expected. */
function ends(moontrace: Package, call: () => unknown): string {
  try {
    return `value ${String(call())}`;
  } catch (error) {
    if (error instanceof moontrace.LuaError) return `LuaError ${error.code}`;
    if (error instanceof moontrace.MoontraceError) return `MoontraceError ${error.code}`;
    return `${(error as Error)?.constructor?.name ?? typeof error}: ${String((error as Error)?.message ?? error)}`;
  }
}

const misuse = (name: string, value: unknown, run: (make: Make, moontrace: Package) => unknown): Misuse => ({ type: 'misuse', name, value, run });

/** Values that a host function may return or throw; Lua must get a value or an error it can catch. */
const HOSTILE: Readonly<Record<string, () => unknown>> = {
  'a symbol': () => Symbol('s'),
  'a large bigint': () => 2n ** 70n,
  'an array with holes': () => new Array(3),
  'a proxy that throws': () => new Proxy({}, { get() { throw new Error('trap'); }, has() { throw new Error('trap'); }, ownKeys() { throw new Error('trap'); }, getPrototypeOf() { throw new Error('trap'); } }),
  'a revoked proxy': () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  'an error whose message throws': () => Object.defineProperty(new Error('x'), 'message', { get() { throw new Error('trap'); } }),
  'an object without prototype': () => Object.create(null),
  'an array that claims to be endless': () => new Proxy([], { get: (target, key) => (key === 'length' ? 2 ** 32 : Reflect.get(target, key)) }),
  'a promise': () => Promise.resolve(1),
  'NaN': () => Number.NaN,
  'undefined': () => undefined,
  'null': () => null,
  'a date': () => new Date(0),
  'a function of the host': () => () => 1,
};

const selfTest = (vm: Vm): boolean => vm.doString('local ok, e = pcall(error, 5) return not ok and e == 5')[0] === true;

const values: Misuse[] = Object.entries(HOSTILE).flatMap(([what, produce]) => [
  misuse(`a host function returns ${what}`, [true, true], (make) => {
    const vm = make();
    vm.setGlobal('f', produce as never);
    return [typeof vm.doString('return (pcall(f))')[0] === 'boolean', selfTest(vm)];
  }),
  misuse(`a host function throws ${what}`, [false, true], (make) => {
    const vm = make();
    vm.setGlobal('f', () => {
      throw produce();
    });
    return [vm.doString('return (pcall(f))')[0], selfTest(vm)];
  }),
  misuse(`a table gets ${what}`, [true, true], (make, moontrace) => {
    const vm = make();
    const end = ends(moontrace, () => vm.setGlobal('x', produce() as never));
    return [/^(value|MoontraceError bad-value)/.test(end) || end, selfTest(vm)];
  }),
]);

export const api: Kind = {
  name: 'misuse of the API',
  programs: [
    ...values,
    misuse('a handle of another VM is thrown', [false, true], (make) => {
      const [vm, other] = [make(), make()];
      vm.setGlobal('f', () => {
        throw other.newTable();
      });
      return [vm.doString('return (pcall(f))')[0], selfTest(vm)];
    }),
    misuse('a handle of another VM is given', 'MoontraceError bad-handle', (make, moontrace) => ends(moontrace, () => make().setGlobal('x', make().newTable()))),
    misuse('a handle is used after close', ['MoontraceError closed', 'MoontraceError closed', 'MoontraceError closed'], (make, moontrace) => {
      const vm = make();
      const [f, t] = [vm.load('return 1'), vm.newTable()];
      vm.close();
      return [ends(moontrace, () => f.call()), ends(moontrace, () => t.get('x')), ends(moontrace, () => vm.doString('return 1'))];
    }),
    misuse('the VM is closed by a host function', [true, 'MoontraceError closed'], (make, moontrace) => {
      const vm = make({ timeout: 2000 });
      vm.setGlobal('close', () => vm.close());
      const end = ends(moontrace, () => vm.doString('close() while true do end'));
      return [/^(LuaError|MoontraceError)/.test(end) || end, ends(moontrace, () => vm.doString('return 1'))];
    }),
    misuse('a host function runs the VM it is called from', ['value 42', true], (make, moontrace) => {
      const vm = make();
      vm.setGlobal('again', () => vm.doString('return 42')[0]!);
      return [ends(moontrace, () => vm.doString('return again()')[0]), selfTest(vm)];
    }),
    misuse('host functions that call each other without end', [true, true], (make, moontrace) => {
      const vm = make({ timeout: 5000 });
      vm.setGlobal('again', () => vm.doString('return again()'));
      return [/^LuaError (stack|runtime)/.test(ends(moontrace, () => vm.doString('return again()'))), selfTest(vm)];
    }),
    misuse('onSlice runs the VM', [true, true], (make, moontrace) => {
      let vm: Vm | undefined;
      let seen = '';
      vm = make({ timeout: 300, onSlice: () => {
        if (vm !== undefined && seen === '') seen = ends(moontrace, () => vm!.doString('return 1'));
      } });
      const end = ends(moontrace, () => vm!.doString('while true do end'));
      return [seen === 'MoontraceError busy' && end === 'LuaError timeout' || `${seen}; ${end}`, selfTest(vm)];
    }),
    misuse('onSlice throws', [true, true], (make, moontrace) => {
      let count = 0;
      const vm = make({ timeout: 2000, onSlice: () => {
        if (count++ === 2) throw new Error('slice');
      } });
      const end = ends(moontrace, () => vm.doString('while true do end'));
      return [/^LuaError (runtime|timeout)$/.test(end) || end, selfTest(vm)];
    }),
    misuse('standard output throws', [true, true], (make, moontrace) => {
      const vm = make({ stdout: () => {
        throw new Error('no space left');
      } });
      const end = ends(moontrace, () => vm.doString(`for i = 1, 1e5 do print('x') end`));
      return [/^(value|LuaError|MoontraceError)/.test(end) || end, selfTest(vm)];
    }),
    misuse('one JIT for two VMs', 'MoontraceError', (make, moontrace) => {
      const jit = moontrace.createJit();
      const first = make({ jit });
      const end = ends(moontrace, () => make({ jit }));
      first.close();
      return end.split(' ')[0];
    }),
    misuse('sources of the wrong type', ['MoontraceError bad-argument', 'MoontraceError bad-argument'], (make, moontrace) => {
      const vm = make();
      return [ends(moontrace, () => vm.doString(42 as never)), ends(moontrace, () => vm.load(null as never))];
    }),
    misuse('options of the wrong type', Array(8).fill('MoontraceError bad-option'), (_, { createVm, MoontraceError, LuaError, ...rest }) =>
      [{ libraries: 'nope' }, { memLimit: 3 }, { fuel: -1 }, { fuel: Number.NaN }, { timeout: 0 }, { stackLimit: 5 }, { memoryLimit: -1 }, { jit: {} }].map((options) =>
        ends({ createVm, MoontraceError, LuaError, ...rest }, () => createVm(options as never)))),
    misuse('entries of a table under a full memory', true, (make, moontrace) => {
      const vm = make({ memoryLimit: 2 << 20 });
      vm.doString('t = {} for i = 1, 100 do t[i] = {} end');
      const t = vm.getGlobal('t') as LuaTable;
      vm.doString('s = {} pcall(function() while true do s[#s + 1] = {} end end)');
      const end = ends(moontrace, () => t.entries().length);
      return /^(value 100|LuaError memory)$/.test(end) || end;
    }),
    misuse('a call after a memory error was caught', 'value 1', (make, moontrace) => {
      const vm = make({ memoryLimit: 8 << 20 });
      vm.doString('pcall(function() local t = {} while true do t[#t + 1] = { 1, 2, 3 } end end)');
      return ends(moontrace, () => vm.doString('return 1')[0]);
    }),
    misuse('errors that leave thousands of calls', ['runtime', 1], (make, moontrace) => {
      const vm = make({ memoryLimit: 4 << 20 });
      let code = '';
      for (let i = 0; i < 25_000 && code !== 'LuaError memory'; i++) code = ends(moontrace, () => vm.doString('error("x")'));
      return [code.split(' ')[1], vm.doString('return 1')[0]];
    }),
    misuse('fuel is the program\'s', 10, (make) => make({ fuel: 10 }).fuel),
    misuse('identical calls cost identical fuel', true, (make) => {
      const spent = (): number => {
        const vm = make({ fuel: 1e7, jit: undefined as never });
        vm.doString('for i = 1, 1000 do local t = { i } string.rep("x", 100) pcall(error) end');
        return vm.fuel;
      };
      const first = spent();
      return spent() === first;
    }),
    misuse('a script does not change objects of the host', true, (make) => {
      const vm = make();
      vm.setGlobal('user', {} as never).setGlobal('order', {} as never);
      vm.doString('pcall(function() getmetatable(user).__index = function() return "evil" end end)');
      return vm.doString('return (pcall(function() return order.total end)) == false or order.total ~= "evil"')[0];
    }),
    misuse('metamethods of host objects without arguments', true, (make) => {
      const vm = make();
      vm.setGlobal('user', {} as never);
      return vm.doString(`local mt = getmetatable(user) if type(mt) ~= 'table' then return true end for _, f in pairs(mt) do if type(f) == 'function' then pcall(f) pcall(f, 1) pcall(f, {}) end end return true`)[0];
    }),
    misuse('handles that are not kept', true, (make) => {
      const vm = make({ memoryLimit: 64 << 20 });
      for (let i = 0; i < 20_000; i++) vm.doString('return {}');
      return selfTest(vm);
    }),
    misuse('a function that outlives its limit', ['LuaError timeout', 'LuaError timeout', true], (make, moontrace) => {
      const vm = make({ timeout: 30 });
      const f = vm.doString('return function() while true do end end')[0] as LuaFunction;
      return [ends(moontrace, () => f.call()), ends(moontrace, () => f.call()), selfTest(vm)];
    }),
    misuse('an interrupt before the program begins', ['LuaError interrupt', true], (make, moontrace) => {
      const interrupt = new moontrace.Interrupt();
      const vm = make({ interrupt });
      interrupt.request();
      return [ends(moontrace, () => vm.doString('while true do end')), selfTest(vm)];
    }),
  ],
};

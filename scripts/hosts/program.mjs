/**
 * What every host has to do: a program, compiled and interpreted, a limit, a function of the host, errors, waiting. Plain JavaScript without imports, so
 * that it runs wherever the package does.
 */

const LOOP = 'local sum = 0 for i = 1, 300000 do sum = sum + i % 7 end return sum';

/** What `check` gives in all hosts, but for `compiled`: whether loops were compiled. */
export const EXPECTED = {
  interpreted: 899998,
  jit: 899998,
  binaryen: 899998,
  limits: ['fuel', 'timeout', 'memory'],
  host: ['HELLO, HOST', 'pcall: no such key'],
  error: ['runtime', 'main.lua:2: attempt to index a nil value (local \'t\')', true],
  misuse: ['bad-option', true, 'contract', true],
  waited: 42,
  printed: 'printed\t1.5\n',
  text: 'häß €😀',
};

/** Where nothing may be compiled and no core was handed in. */
export const REFUSED = 'no-webassembly';

function failure(action) {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

/**
 * @param entries the modules of the package's entries
 * @param core a compiled core, if the host compiles nothing
 * @returns what a host is to be compared by; the code of the error if there are no VMs here
 */
export async function check({ moontrace, jit, contracts }, core) {
  const { createVm, createVmAsync, LuaError, MoontraceError } = moontrace;
  const { createJit } = jit;
  const given = core === undefined ? {} : { core };
  const vms = [];
  const make = (options) => {
    const vm = createVm({ ...given, ...options });
    vms.push(vm);
    return vm;
  };
  if (core === undefined) {
    try {
      (await createVmAsync()).close();
    } catch (error) {
      if (error instanceof MoontraceError && failure(() => createVm()).code === error.code) return error.code;
      throw error;
    }
  }
  const compile = (options) => createJit({ tunables: { share: 100 }, ...options });
  const compiling = make({ jit: compile() });
  const binaryen = compile({ backend: 'binaryen', mode: 'background' });
  let printed = '';
  const vm = make({ stdout: (bytes) => (printed += new TextDecoder().decode(bytes)) });
  const limited = (options, code) => failure(() => make({ jit: compile(), ...options }).doString(code)).code;
  vm.register({ upper: (text) => text.toUpperCase(), get() { throw new Error('no such key'); } }, 'host');
  vm.setGlobal('wait', async (value) => (await Promise.resolve(), value + 1));
  vm.doString('print("printed", 1.5)');
  const error = failure(() => vm.doString('local t\nreturn t.x', '@main.lua'));
  const misuse = failure(() => createJit({ none: 1 }));
  const refused = failure(() => contracts.parseApi('['));
  const outcome = {
    compiled: false,
    interpreted: vm.doString(LOOP)[0],
    jit: compiling.doString(LOOP)[0],
    binaryen: make({ jit: binaryen }).doString(LOOP)[0],
    limits: [limited({ fuel: 1e6 }, 'while true do end'), limited({ timeout: 20 }, 'while true do end'), limited({ memoryLimit: 8 << 20 }, 'local t = {} for i = 1, 1e9 do t[i] = i end')],
    host: vm.doString('return host.upper("hello, host"), "pcall: " .. select(2, pcall(host.get))'),
    error: [error.code, error.message, error instanceof LuaError && error.traceback.includes('main chunk')],
    misuse: [misuse.code, misuse.constructor === MoontraceError, refused.code, refused instanceof MoontraceError],
    waited: (await vm.doStringAsync('local n = 0 for i = 1, 42 do n = wait(n) end return n'))[0],
    printed,
    text: vm.doString('return "h\\u{e4}\\u{df} \\u{20ac}\\u{1f600}"')[0],
  };
  outcome.compiled = compiling.stats().compiled > 0;
  await binaryen.settle();
  for (const each of vms) each.close();
  return outcome;
}

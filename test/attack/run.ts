/**
 * Runs attack programs in a process that is theirs: in each mode, with each stop, and afterwards the VM's self-test.
 * What is wrong is a text; figures are for the table.
 */
import { Worker } from 'node:worker_threads';
import type { LuaFunction, Vm, VmOptions } from '../../src/api/index-node.ts';
import { type Endless, type Ending, MEMORY_LIMIT, type Misuse, type Package, type Program, type Stop, STOPS } from './program.ts';

export const MODES = {
  off: undefined,
  on: {},
  eager: { tunables: { share: 100, hotloop: 1, hotexit: 1, penaltystart: 2, penaltyfactor: 2 } },
} as const;
export type ModeName = keyof typeof MODES;

export const TIME_LIMIT = 100;
/** Milliseconds after which the other thread asks for the end. */
const INTERRUPT_AFTER = 40;
const FUEL = 200_000;
/** For programs that must end by themselves. */
const PATIENCE = 60_000;

export interface Outcome {
  readonly what: Stop | 'end' | 'misuse';
  readonly code: string;
  /** Milliseconds it went on behind the limit, or that it took in all if it had none. */
  readonly overshoot: number;
  /** Milliseconds of processor time between two looks at the limits, at most: unlike the overshoot they depend neither on luck nor on other processes. */
  readonly gap?: number;
  readonly problem?: string;
}

const processorTime = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** Uses what programs may have damaged; takes it in before they run. */
const SELF_TEST = `
  local pcall, error, select, load, tostring, setmetatable, next, type, string_rep = pcall, error, select, load, tostring, setmetatable, next, type, string.rep
  local gsub, format, sort, concat, wrap, yield, create, resume = string.gsub, string.format, table.sort, table.concat, coroutine.wrap, coroutine.yield, coroutine.create, coroutine.resume
  return function()
    local ok, e = pcall(error, 5)
    if ok or e ~= 5 then return 'pcall' end
    local s = 0 for i = 1, 10000 do s = s + i end
    if s ~= 50005000 then return 'loop' end
    local t = {} for i = 1, 300 do t[i] = (i * 7919) % 307 t['k' .. i] = i end
    sort(t, function(a, b) return a < b end)
    for i = 2, 300 do if t[i - 1] > t[i] then return 'sort' end end
    if t.k299 ~= 299 then return 'table' end
    if gsub(string_rep('ab', 20), 'b', 'c') ~= string_rep('ac', 20) or format('%5.1f|%s', 2.25, 'x') ~= '  2.2|x' then return 'strings' end
    local sum = 0 for x in wrap(function() for i = 1, 50 do yield(i) end end) do sum = sum + x end
    if sum ~= 1275 then return 'coroutine' end
    local co = create(function() error({}) end)
    local fine, problem = resume(co)
    if fine or type(problem) ~= 'table' then return 'resume' end
    local closed = 0
    do local x <close> = setmetatable({}, { __close = function() closed = closed + 1 end }) end
    pcall(function() local x <close> = setmetatable({}, { __close = function() closed = closed + 1 end }) error('x') end)
    if closed ~= 2 then return 'closers' end
    local function deep(n) if n == 0 then return 0 end return 1 + deep(n - 1) end
    if deep(5000) ~= 5000 then return 'stack' end
    local fine, text = pcall(string_rep)
    if fine or not text:find('(string expected, got no value)', 1, true) then return 'message: ' .. tostring(text) end
    if load('local a = ... return a + 1')(41) ~= 42 or load('x =') ~= nil then return 'load' end
    return 'fine'
  end`;

export class Runner {
  readonly #package: Package;
  readonly #mode: ModeName;
  /** Measures time; a test that does not, asks only how programs end. */
  readonly #stopper: Stopper | undefined;

  constructor(moontrace: Package, mode: ModeName, stopper?: Stopper) {
    this.#package = moontrace;
    this.#mode = mode;
    this.#stopper = stopper;
  }

  /** @param stops those that are tried, where the program has them */
  run(program: Program, stops: readonly Stop[] = STOPS): Outcome[] {
    switch (program.type) {
      case 'endless':
        return (program.stops ?? STOPS).filter((stop) => stops.includes(stop)).map((stop) => this.#runEndless(program, stop));
      case 'ending':
        return [this.#runEnding(program)];
      default:
        return [this.#runMisuse(program)];
    }
  }

  make(options: VmOptions = {}): Vm {
    const { createVm, createJit, createDefaultEnvironment } = this.#package;
    const jit = MODES[this.#mode];
    const sink = (): void => {};
    return createVm({ libraries: 'sandbox', environment: createDefaultEnvironment(), stdout: sink, stderr: sink, ...(jit && { jit: createJit(jit) }), ...options });
  }

  #runEndless(program: Endless, stop: Stop): Outcome {
    const stopper = this.#stopper;
    const probe = this.#newProbe();
    const limits: Record<Stop, VmOptions> = {
      timeout: { timeout: program.after ?? TIME_LIMIT, interrupt: probe },
      interrupt: { interrupt: stopper?.interrupt ?? new this.#package.Interrupt(), timeout: PATIENCE },
      fuel: { fuel: FUEL, timeout: PATIENCE },
    };
    return this.#guarded(stop, { memoryLimit: 4 * MEMORY_LIMIT, ...program.options, ...limits[stop] }, program.prepare, (vm, outcome) => {
      if (stop === 'interrupt') stopper?.arm(program.after ?? INTERRUPT_AFTER);
      const start = performance.now();
      probe.start();
      const code = this.#codeOf(() => vm.doString(program.source, '=attack'));
      const took = performance.now() - start;
      if (stop === 'timeout') outcome = { ...outcome, gap: probe.end() };
      const overshoot = stop === 'timeout' ? took - (program.after ?? TIME_LIMIT) : stop === 'interrupt' ? (stopper?.sinceRequest() ?? 0) : 0;
      if (code !== stop) return { ...outcome, code, overshoot, problem: `ended with ${code}, not with ${stop}` };
      return { ...outcome, code, overshoot };
    });
  }

  /** It is asked at each look at the limits. */
  #newProbe() {
    return new (class extends this.#package.Interrupt {
      #last = 0;
      #longest = 0;

      start(): void {
        this.#last = processorTime();
        this.#longest = 0;
      }

      end(): number {
        const now = processorTime();
        this.#longest = Math.max(this.#longest, now - this.#last);
        this.#last = now;
        return this.#longest;
      }

      override take(): boolean {
        this.end();
        return super.take();
      }
    })();
  }

  #runEnding(program: Ending): Outcome {
    return this.#guarded('end', { memoryLimit: MEMORY_LIMIT, timeout: PATIENCE, ...program.options }, program.prepare, (vm, outcome) => {
      let value: unknown;
      const start = performance.now();
      const code = this.#codeOf(() => {
        [value] = vm.doString(program.source, '=attack');
      });
      const took = performance.now() - start;
      const problem = !program.codes.includes(code)
        ? `ended with ${code}, not with ${program.codes.join(' or ')}`
        : code === 'none' && 'value' in program && value !== program.value
          ? `returned ${String(value)}, not ${String(program.value)}`
          : undefined;
      return { ...outcome, code, overshoot: took, ...(problem !== undefined && { problem }) };
    });
  }

  #runMisuse(program: Misuse): Outcome {
    const vms: Vm[] = [];
    const outcome: Outcome = { what: 'misuse', code: 'none', overshoot: 0 };
    const start = performance.now();
    try {
      const value = program.run((options) => {
        const vm = this.make(options);
        vms.push(vm);
        return vm;
      }, this.#package);
      const overshoot = performance.now() - start;
      const [got, wanted] = [JSON.stringify(value), JSON.stringify(program.value)];
      return got === wanted ? { ...outcome, overshoot } : { ...outcome, overshoot, problem: `gave ${got}, not ${wanted}` };
    } catch (error) {
      return { ...outcome, problem: `threw ${describe(error)}` };
    } finally {
      for (const vm of vms) vm.close();
    }
  }

  /** Makes the VM, runs `body` in it, then its self-test. */
  #guarded(what: Outcome['what'], options: VmOptions, prepare: ((vm: Vm) => void) | undefined, body: (vm: Vm, outcome: Outcome) => Outcome): Outcome {
    const vm = this.make(options);
    let outcome: Outcome = { what, code: '', overshoot: 0 };
    try {
      const [selfTest] = vm.doString(SELF_TEST, '=self-test');
      prepare?.(vm);
      outcome = body(vm, outcome);
      if (outcome.problem !== undefined) return outcome;
      vm.fuel = 20 * FUEL;
      const health = this.#healthOf(selfTest as LuaFunction);
      return health === 'fine' ? outcome : { ...outcome, problem: `is damaged: ${String(health)}` };
    } catch (error) {
      return { ...outcome, problem: `threw ${describe(error)}` };
    } finally {
      vm.close();
    }
  }

  /** What the self-test says; on a busy machine it may need another try under the program's own time limit. */
  #healthOf(selfTest: LuaFunction): unknown {
    let health: unknown;
    for (let attempt = 0; attempt < 3; attempt++) {
      const code = this.#codeOf(() => {
        [health] = selfTest.call();
      });
      if (code === 'none') return health;
      if (code !== 'timeout') return `ended with ${code}`;
    }
    return 'ended with timeout';
  }

  /** 'none', or the LuaError's code; other exceptions are a fault of the engine. */
  #codeOf(run: () => void): string {
    try {
      run();
      return 'none';
    } catch (error) {
      if (error instanceof this.#package.LuaError) return error.code;
      throw error;
    }
  }
}

const describe = (error: unknown): string => (error instanceof Error ? `${error.constructor.name} ${error.message}` : String(error));

/** A thread that requests the end of a program some time after it was told to. */
export class Stopper {
  readonly interrupt: InstanceType<Package['Interrupt']>;
  readonly #state = new Int32Array(new SharedArrayBuffer(8));
  readonly #requestedAt = new Float64Array(new SharedArrayBuffer(8));
  readonly #worker: Worker;

  constructor(moontrace: Package) {
    this.interrupt = new moontrace.Interrupt();
    this.#worker = new Worker(
      `const { workerData: { state, requestedAt, buffer } } = require('node:worker_threads');
       const { performance } = require('node:perf_hooks');
       const flag = new Int32Array(buffer);
       for (;;) {
         Atomics.wait(state, 0, 0);
         const wait = Atomics.exchange(state, 0, 0);
         Atomics.wait(state, 1, 0, wait);
         requestedAt[0] = performance.timeOrigin + performance.now();
         Atomics.store(flag, 0, 1);
       }`,
      { eval: true, workerData: { state: this.#state, requestedAt: this.#requestedAt, buffer: this.interrupt.buffer } },
    );
  }

  async ready(): Promise<void> {
    await new Promise((resolve) => this.#worker.once('online', resolve));
    this.#worker.unref();
  }

  arm(after: number): void {
    this.interrupt.take();
    Atomics.store(this.#state, 0, after);
    Atomics.notify(this.#state, 0);
  }

  /** Milliseconds since the request. */
  sinceRequest(): number {
    return performance.timeOrigin + performance.now() - this.#requestedAt[0]!;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

/**
 * The package's JIT: `createJit(options)` makes a port to hand to `createVm`. Nothing is loaded before a VM is created with it, and Binaryen
 * only if it is chosen.
 */
import { checkOptions, hasMethods, isBoolean, isFunction, isNumber, isObject, type OptionCheck, type OptionChecks } from '../src/api/check-options.ts';
import { MoontraceError } from '../src/engine/errors/errors.ts';
import type { JitOptions, JitPort } from '../src/engine/jit-port.ts';
import { type AsyncBackend, type Backend, BackendError } from './backend/backend.ts';
import { createBinaryenBackend } from './backend/binaryen-backend.ts';
import { BACKENDS, type BackendName, DEFAULT_BACKEND, isBackendName } from './backend/backends.ts';
import { createWorkerBackend } from './backend/worker-backend.ts';
import { createDumpListener } from './dump/dump-listener.ts';
import { ReportRecorder } from './dump/report-recorder.ts';
import { createVerboseListener } from './dump/verbose-listener.ts';
import type { JitListener } from './events.ts';
import { DEFAULT_OPTIONS, type OptimiserOptions } from './build/options.ts';
import { createParameters, PARAMETERS, type ParameterName, type Parameters } from './parameters.ts';
import { TraceManager } from './manager/trace-manager.ts';

/** @internal */
export { loadWasmPrinter } from './backend/binaryen-backend.ts';
/** @internal */
export type { JitEvent, JitListener } from './events.ts';

const COMPILE_MODES = ['background', 'synchronous'] as const;
type CompileMode = (typeof COMPILE_MODES)[number];
const isCompileMode = (text: string): text is CompileMode => (COMPILE_MODES as readonly string[]).includes(text);

export interface CreateJitOptions extends JitOptions {
  /** A backend or its name; one that has to be loaded (Binaryen) compiles once it is there, see `JitPort.settle`. Default: the encoder. */
  readonly backend?: BackendName | Backend;
  /**
   * synchronous (default): a trace is compiled at once, so that the same program always compiles the same traces at the same points.
   * background: in a worker, once that is ready; the program goes on in the interpreter.
   */
  readonly mode?: CompileMode;
  /** Tunables as numbers; `parameters` has them as text. */
  readonly tunables?: Partial<Parameters>;
  readonly optimisations?: Partial<OptimiserOptions>;
  /** Imports Binaryen for the backend of that name, where it cannot be found by its own: `() => import('binaryen')` in a bundle. */
  readonly binaryen?: () => Promise<{ readonly default: unknown }>;
  /** @internal */
  readonly listeners?: readonly JitListener[];
  /** Tests: compare the recorder's slots with the real stack after every step, and throw faults of the JIT instead of surviving them. @internal */
  readonly checkSlots?: boolean;
  /** Tests: take every exit of each trace in turn. @internal */
  readonly forceExits?: boolean;
  /** Tests: throw trees away at any time. @internal */
  readonly dropTrees?: boolean;
}

/** `-j name=value`: a parameter, an optimisation (on or off), the backend, or the mode. */
interface TextOptions {
  backend: BackendName | undefined;
  mode: CompileMode | undefined;
  readonly tunables: Partial<Parameters>;
  readonly optimisations: Partial<Record<keyof OptimiserOptions, boolean>>;
}

/** @throws MoontraceError ('bad-option') */
function readTextOptions(parameters: Readonly<Record<string, string>>): TextOptions {
  const result: TextOptions = { backend: undefined, mode: undefined, tunables: {}, optimisations: {} };
  for (const [name, text] of Object.entries(parameters)) {
    if (name === 'backend' && isBackendName(text)) result.backend = text;
    else if (name === 'mode' && isCompileMode(text)) result.mode = text;
    else if (name in PARAMETERS && /^\d+$/.test(text)) result.tunables[name as ParameterName] = Number(text);
    else if (name in DEFAULT_OPTIONS && (text === 'on' || text === 'off')) result.optimisations[name as keyof OptimiserOptions] = text === 'on';
    else throw new MoontraceError('bad-option', `-j ${name}=${text}`);
  }
  return result;
}

const isOneOf = (items: readonly string[], what: string): OptionCheck => (value) => (items.includes(value as string) ? undefined : `${what} expected`);
const isBackend = hasMethods(['isReady', 'load', 'dispose'], 'a backend or its name');
/** Options by the names that another table has. */
const isBagOf = (names: object, check: OptionCheck): OptionCheck => (value) => {
  if (!isObject(value)) return 'an object expected';
  const wrong = Object.entries(value).find(([name, item]) => !Object.hasOwn(names, name) || (item !== undefined && check(item) !== undefined));
  return wrong === undefined ? undefined : `${wrong[0]}: ${check(wrong[1]) ?? 'no such name'}`;
};

const CHECKS: OptionChecks<CreateJitOptions> = {
  verbose: isFunction,
  dump: isFunction,
  observe: isBoolean,
  parameters: (value) => (isObject(value) && Object.values(value).every((text) => typeof text === 'string') ? undefined : 'an object of texts expected'),
  backend: (value) => (typeof value === 'string' && isBackendName(value) ? undefined : isBackend(value)),
  mode: isOneOf(COMPILE_MODES, COMPILE_MODES.join(' or ')),
  tunables: isBagOf(PARAMETERS, isNumber((value) => Number.isInteger(value) && value >= 0, 'a number of things expected')),
  optimisations: isBagOf(DEFAULT_OPTIONS, isBoolean),
  binaryen: isFunction,
  listeners: (value) => (Array.isArray(value) && value.every((item) => typeof item === 'function') ? undefined : 'an array of functions expected'),
  checkSlots: isBoolean,
  forceExits: isBoolean,
  dropTrees: isBoolean,
};

/** A worker with this backend; undefined where there are no workers. */
function createBackground(backend: BackendName): AsyncBackend | undefined {
  try {
    return createWorkerBackend({ backend });
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    return undefined;
  }
}

/** A JIT for one VM. @throws MoontraceError ('bad-option') for options and parameters that do not exist, or are something else */
export function createJit(given?: CreateJitOptions): JitPort {
  const options = checkOptions(given, CHECKS);
  const text = readTextOptions(options.parameters ?? {});
  const chosen = text.backend ?? options.backend ?? DEFAULT_BACKEND;
  const isImported = chosen === 'binaryen' && options.binaryen !== undefined;
  const backend = isImported ? createBinaryenBackend({ load: options.binaryen }) : typeof chosen === 'string' ? BACKENDS[chosen]() : chosen;
  const listeners: JitListener[] = [...(options.listeners ?? [])];
  if (options.verbose !== undefined) listeners.push(createVerboseListener(options.verbose));
  if (options.dump !== undefined) listeners.push(createDumpListener(options.dump));
  const recorder = options.observe === true ? new ReportRecorder() : undefined;
  if (recorder !== undefined) listeners.push(recorder.listen);
  // Chosen by text, on the command line, a backend that has to be loaded must not keep the program waiting.
  const mode = text.mode ?? options.mode ?? (text.backend !== undefined && !backend.isReady() ? 'background' : 'synchronous');
  // A worker could not import it either.
  const background = mode === 'background' && typeof chosen === 'string' && !isImported ? createBackground(chosen) : undefined;
  return new TraceManager({
    // Until the worker is ready the default backend, which needs no loading, compiles at once.
    backend: background !== undefined && !backend.isReady() ? BACKENDS[DEFAULT_BACKEND]() : backend,
    background,
    parameters: createParameters({ ...options.tunables, ...text.tunables }),
    optimisations: { ...DEFAULT_OPTIONS, ...options.optimisations, ...text.optimisations },
    checkSlots: options.checkSlots ?? false,
    isStrict: options.checkSlots ?? false,
    forceExits: options.forceExits ?? false,
    dropTrees: options.dropTrees ?? false,
    listeners,
    recorder,
    isObserved: listeners.length > 0,
    isDumping: options.dump !== undefined || options.observe === true,
  });
}

/**
 * The Binaryen backend: replays a code stream into Binaryen's expression builders. Binaryen is loaded only when `load`
 * is called: the library is 14.8 MB, takes about a second to start and only has an asynchronous entry.
 *
 * Binaryen's optimiser is not run: our own has done the work on the IR, and the pass pipeline costs 3 to 70 ms for code 1 % smaller.
 */
import { type Backend, BackendError } from './backend.ts';
import { type Binaryen, importBinaryen } from './import-binaryen.ts';
import { exportName, type FunctionCode, IMPORT_MODULE, parameterCount, SELF } from '../wasm/function-code.ts';
import { BLOCK_VOID, TYPE_CODES, WASM_OPERATIONS, Wasm, type WasmOperation, type WasmType } from '../wasm/operations.ts';

type Module = InstanceType<Binaryen['Module']>;
type Expression = number;
type Build = (...operands: readonly unknown[]) => Expression;

/** Not the name of an import. */
const FUNCTION_NAME = '$trace';
const MEMORY_NAME = '0';
const MAXIMUM_PAGES = 65536;

/** A block under construction: its statements and the value of a typed `if` branch. */
interface OpenBlock {
  readonly kind: 'function' | 'block' | 'loop' | 'if';
  readonly label: string;
  /** Wasm's byte of the result type. */
  readonly result: number;
  readonly condition: Expression;
  /** The finished first branch of an `if` that has an `else`. */
  first: Expression | undefined;
  statements: Expression[];
  stack: Expression[];
}

export interface BinaryenOptions {
  /** Imports the package `binaryen`, where it is not to be found by its name: in a bundle. */
  readonly load?: () => Promise<{ readonly default: unknown }>;
  /** Validate each module with Binaryen: for tests and debug builds. */
  readonly validate?: boolean;
}

/** The builder functions of a module, by operation number; each is called as build(...immediates, ...operands). */
function createBuilders(module: Module): (Build | undefined)[] {
  return (WASM_OPERATIONS as readonly WasmOperation[]).map(({ name, binaryen, takes, immediates, width }) => {
    if (takes.length === 0 || immediates === 'block' || immediates === 'label' || name === 'return') return undefined;
    let found: unknown = module;
    for (const key of (binaryen ?? name).split('.')) found = (found as Record<string, unknown>)[key];
    const build = found as Build;
    return immediates === 'offset' ? (offset, ...operands) => build(offset, width, ...operands, MEMORY_NAME) : build;
  });
}

const joinWords = (low: number, high: number): bigint => (BigInt(high) << 32n) | BigInt(low >>> 0);

/** Replays one function. Binaryen wants every block of a function to have a name of its own. */
class Replay {
  readonly #types: Readonly<Record<WasmType, number>>;
  readonly #builders: (Build | undefined)[];
  #block: OpenBlock;
  readonly #outer: OpenBlock[] = [];
  #labels = 0;

  constructor(
    readonly binaryen: Binaryen,
    readonly module: Module,
    readonly code: FunctionCode,
  ) {
    this.#types = { i32: binaryen.i32, i64: binaryen.i64, f64: binaryen.f64 };
    this.#builders = createBuilders(module);
    this.#block = { kind: 'function', label: '', result: TYPE_CODES.i32, condition: 0, first: undefined, statements: [], stack: [] };
  }

  /** Builds the function, its imports and its export. */
  run(): void {
    const { binaryen, module, code } = this;
    for (const { name, parameters, result } of code.imports) {
      const types = binaryen.createType(parameters.map((type) => this.#types[type]));
      module.addFunctionImport(name, IMPORT_MODULE, name, types, result ? this.#types[result] : binaryen.none);
    }
    for (const name of code.globals) module.addGlobalImport(name, 'env', name, binaryen.i32, false);
    const body = this.#replayBody();
    const locals = code.locals.map((type) => this.#types[type]);
    const parameters = Array<number>(parameterCount(code)).fill(binaryen.i32);
    module.addFunction(FUNCTION_NAME, binaryen.createType(parameters), binaryen.i32, locals, body);
    if (code.entries === 1) module.addFunctionExport(FUNCTION_NAME, exportName(0));
    else for (let entry = 0; entry < code.entries; entry++) this.#addCaller(entry);
  }

  /** (base) => function(base, entry) */
  #addCaller(entry: number): void {
    const { binaryen, module } = this;
    const name = `${FUNCTION_NAME}${entry}`;
    const call = module.call(FUNCTION_NAME, [module.local.get(0, binaryen.i32), module.i32.const(entry)], binaryen.i32);
    module.addFunction(name, binaryen.createType([binaryen.i32]), binaryen.i32, [], call);
    module.addFunctionExport(name, exportName(entry));
  }

  #replayBody(): Expression {
    const { body } = this.code;
    for (let at = 0; at < body.length; ) {
      const op = body[at++]!;
      const operation: WasmOperation | undefined = WASM_OPERATIONS[op];
      if (!operation) throw new BackendError(`unknown instruction ${op}`);
      const { immediates, takes, yields } = operation;
      const build = this.#builders[op];
      if (build) {
        const operands: unknown[] = immediates === 'offset' ? [body[at++]] : [];
        operands.push(...this.#pop(takes.length));
        const expression = build(...operands);
        if (yields) this.#block.stack.push(expression);
        else this.#block.statements.push(expression);
        continue;
      }
      const low = immediates === 'none' ? 0 : body[at++]!;
      const high = immediates === 'i64' || immediates === 'f64' ? body[at++]! : 0;
      this.#replaySpecial(op, low, high);
    }
    // The final `end` closed the function and left its body.
    return this.#block.first!;
  }

  #replaySpecial(op: number, low: number, high: number): void {
    const { module } = this;
    const block = this.#block;
    switch (op) {
      case Wasm['local.get']:
        block.stack.push(module.local.get(low, this.#localType(low)));
        break;
      case Wasm['local.set']:
        block.statements.push(module.local.set(low, this.#pop1()));
        break;
      case Wasm['local.tee']:
        block.stack.push(module.local.tee(low, this.#pop1(), this.#localType(low)));
        break;
      case Wasm['global.get']:
        block.stack.push(module.global.get(this.code.globals[low]!, this.#types.i32));
        break;
      case Wasm['i32.const']:
        block.stack.push(module.i32.const(low));
        break;
      case Wasm['i64.const']:
        block.stack.push(module.i64.const(joinWords(low, high)));
        break;
      case Wasm['f64.const']:
        block.stack.push(module.f64.const_bits(joinWords(low, high)));
        break;
      case Wasm['select']: {
        const [ifTrue, ifFalse, condition] = this.#pop(3) as [Expression, Expression, Expression];
        block.stack.push(module.select(condition, ifTrue, ifFalse));
        break;
      }
      case Wasm['call']: {
        if (low === SELF) {
          block.stack.push(module.call(FUNCTION_NAME, this.#pop(this.code.parameters), this.#types.i32));
          break;
        }
        const { name, parameters, result } = this.code.imports[low]!;
        const call = module.call(name, this.#pop(parameters.length), result ? this.#types[result] : this.binaryen.none);
        if (result) block.stack.push(call);
        else block.statements.push(call);
        break;
      }
      case Wasm['drop']:
        block.statements.push(module.drop(this.#pop1()));
        break;
      case Wasm['br']:
        block.statements.push(module.br(this.#labelAt(low)));
        break;
      case Wasm['br_if']:
        block.statements.push(module.br_if(this.#labelAt(low), this.#pop1()));
        break;
      case Wasm['return']:
        block.statements.push(module.return(this.#pop1()));
        break;
      case Wasm['unreachable']:
        block.statements.push(module.unreachable());
        break;
      default:
        this.#replayStructure(op, low);
    }
  }

  #replayStructure(op: number, result: number): void {
    if (op === Wasm['end']) this.#close();
    else if (op === Wasm['else']) {
      this.#block.first = this.#content(this.#block);
      this.#block.statements = [];
      this.#block.stack = [];
    } else {
      const kind = op === Wasm['block'] ? 'block' : op === Wasm['loop'] ? 'loop' : 'if';
      const condition = kind === 'if' ? this.#pop1() : 0;
      this.#outer.push(this.#block);
      this.#block = { kind, label: `L${++this.#labels}`, result, condition, first: undefined, statements: [], stack: [] };
    }
  }

  #close(): void {
    const closed = this.#block;
    const outer = this.#outer.pop();
    if (!outer) {
      closed.first = this.#content(closed);
      return;
    }
    this.#block = outer;
    const expression = this.#finish(closed);
    if (closed.result === BLOCK_VOID) outer.statements.push(expression);
    else outer.stack.push(expression);
  }

  #finish(closed: OpenBlock): Expression {
    const { module } = this;
    if (closed.kind === 'block') return module.block(closed.label, closed.statements, this.binaryen.none);
    const content = this.#content(closed);
    if (closed.kind === 'loop') return module.loop(closed.label, content);
    return closed.first === undefined ? module.if(closed.condition, content) : module.if(closed.condition, closed.first, content);
  }

  /** Statements and value of a branch as one expression. */
  #content({ statements, stack, result, kind }: OpenBlock): Expression {
    const value = stack[0];
    if (value !== undefined && statements.length === 0) return value;
    if (value !== undefined) return this.module.block(null, [...statements, value], this.#resultType(result));
    return this.module.block(null, statements, kind === 'function' ? this.#types.i32 : this.binaryen.none);
  }

  #resultType(code: number): number {
    return code === TYPE_CODES.i32 ? this.#types.i32 : code === TYPE_CODES.i64 ? this.#types.i64 : this.#types.f64;
  }

  #localType(local: number): number {
    const parameters = parameterCount(this.code);
    return local < parameters ? this.#types.i32 : this.#types[this.code.locals[local - parameters]!];
  }

  #labelAt(depth: number): string {
    return (depth === 0 ? this.#block : this.#outer.at(-depth)!).label;
  }

  #pop1(): Expression {
    return this.#block.stack.pop()!;
  }

  #pop(count: number): Expression[] {
    return this.#block.stack.splice(this.#block.stack.length - count, count);
  }
}

export function createBinaryenBackend({ validate = false, load = importBinaryen }: BinaryenOptions = {}): Backend {
  let binaryen: Binaryen | undefined;

  /** Builds the module, hands it to `use` and frees it. */
  function withModule<Result>(code: FunctionCode, use: (module: Module) => Result): Result {
    if (!binaryen) throw new BackendError('binaryen is not loaded');
    const module = new binaryen.Module();
    try {
      const { MutableGlobals, NontrappingFPToInt, SIMD128, BulkMemory, SignExt, Multivalue } = binaryen.Features;
      module.setFeatures(MutableGlobals | NontrappingFPToInt | SIMD128 | BulkMemory | SignExt | Multivalue);
      module.setMemory(0, MAXIMUM_PAGES, null, [], false, false, MEMORY_NAME);
      module.addMemoryImport(MEMORY_NAME, 'env', 'memory');
      new Replay(binaryen, module, code).run();
      if (validate && !module.validate()) throw new BackendError('binaryen refuses the module');
      return use(module);
    } finally {
      module.dispose();
    }
  }

  return {
    name: 'binaryen',
    async load() {
      binaryen ??= (await load()).default as Binaryen;
    },
    isReady: () => binaryen !== undefined,
    compile: (code) => withModule(code, (module) => module.emitBinary() as Uint8Array<ArrayBuffer>),
    text: (code) => withModule(code, (module) => module.emitText()),
    dispose() {
      binaryen = undefined;
    },
  };
}

/** What prints modules as text; undefined where Binaryen is not installed. */
export async function loadWasmPrinter(): Promise<((binary: Uint8Array<ArrayBuffer>) => string) | undefined> {
  let binaryen: Binaryen;
  try {
    binaryen = (await importBinaryen()).default;
  } catch {
    return undefined;
  }
  return (binary) => {
    const module = binaryen.readBinary(binary);
    try {
      return module.emitText();
    } finally {
      module.dispose();
    }
  };
}

/** The JIT's core as the host sees it: an instance of its own for recordings and one for compilations, since each forgets all it has made when it begins anew. */
import { ABORT_REASONS, type AbortReason, RecordingAborted } from './abort-reasons.ts';
import { jitBinary } from './jit-binary.ts';

const REASONS = Object.keys(ABORT_REASONS) as AbortReason[];
/** AssemblyScript's strings: UTF-16, their length in bytes in front of them. */
const STRING_LENGTH = -4;

let compiled: WebAssembly.Module | undefined;

export type JitCoreImports = { readonly heap: WebAssembly.ModuleImports; readonly manager: WebAssembly.ModuleImports };

const unavailable = (): never => {
  throw new TypeError('there is no VM');
};
/** For an instance that lowers, or that tests use: it reads no VM. */
export const NO_VM: JitCoreImports = {
  heap: Object.fromEntries(['load32', 'load8', 'load64', 'loadFloat', 'store32', 'store64', 'tableGetString', 'tableGet', 'step'].map((name) => [name, unavailable])),
  manager: Object.fromEntries(['isCompiled', 'wantFunction', 'isPolymorphic', 'pin'].map((name) => [name, unavailable])),
};

export class JitCore {
  readonly exports: WebAssembly.Exports & { readonly memory: WebAssembly.Memory & { readonly buffer: ArrayBuffer }; reserve(words: number): number; reset(): void };

  constructor(imports: JitCoreImports = NO_VM) {
    compiled ??= new WebAssembly.Module(jitBinary());
    const host = {
      abort: (reason: number, detail: number): never => {
        throw new RecordingAborted(REASONS[reason]!, this.text(detail));
      },
      fail: (message: number): never => {
        throw new RecordingAborted('compile-error', this.text(message));
      },
    };
    this.exports = new WebAssembly.Instance(compiled, { host, ...imports }).exports as JitCore['exports'];
    (this.exports['start'] as () => void)();
  }

  /** Copies lists of words in, one behind the other. @returns their address */
  write(...lists: readonly Int32Array[]): number {
    const length = lists.reduce((sum, list) => sum + list.length, 0);
    const address = this.exports.reserve(length);
    const words = new Int32Array(this.exports.memory.buffer, address, length);
    let at = 0;
    for (const list of lists) {
      words.set(list, at);
      at += list.length;
    }
    return address;
  }

  /** Words from an address on; the first is their number. */
  readWords(address: number): Int32Array<ArrayBuffer> {
    const { buffer } = this.exports.memory;
    const length = new Int32Array(buffer, address, 1)[0]!;
    return new Int32Array(buffer, address, length).slice();
  }

  text(address: number): string {
    const { buffer } = this.exports.memory;
    const length = new Int32Array(buffer, address + STRING_LENGTH, 1)[0]!;
    return String.fromCharCode(...new Uint16Array(buffer, address, length >>> 1));
  }
}

/** Does an error come of what the core was given, or of a fault of its own? Also when it traps, or has no memory. */
export const isFault = (error: unknown): error is Error => error instanceof RecordingAborted || error instanceof WebAssembly.RuntimeError || error instanceof RangeError;

/** Bytes of memory up to which an instance is kept. */
const KEPT_MEMORY = 32 << 20;
let compiling: JitCore | undefined;

/** The instance that lowers, whatever VM it is for: it keeps nothing from one job to the next. */
export function compilingCore(): JitCore {
  if (compiling === undefined || compiling.exports.memory.buffer.byteLength > KEPT_MEMORY) compiling = new JitCore();
  return compiling;
}

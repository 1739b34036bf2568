/**
 * The core over shared memory: the same binary, whose import of the memory says so. Nothing else differs: who holds the lock is alone in the memory, and
 * locks order what threads see of it. So no second binary is in the package, and none is loaded.
 */
import { coreBinary } from '../core-binary.ts';
import { compileNow } from '../core-module.ts';

/** The greatest size of a shared memory in pages; that of an instance may be less. */
export const MAX_SHARED_PAGES = 65536;

const IMPORTS = 2;
const KIND = { function: 0, table: 1, memory: 2, global: 3 } as const;
const HAS_MAXIMUM = 1;
const SHARED = 2;

class Reader {
  at: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  byte(): number {
    return this.#bytes[this.at++] as number;
  }

  unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  }

  skipName(): void {
    const length = this.unsigned();
    this.at += length;
  }
}

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest & 127) | 128);
  }
}

/** A module that imports its memory, as one that imports a shared memory. @throws RangeError if it imports none */
export function withSharedMemory(module: Uint8Array): Uint8Array<ArrayBuffer> {
  const reader = new Reader(module, 8);
  while (reader.at < module.length) {
    const header = reader.at;
    const section = reader.byte();
    const size = reader.unsigned();
    const start = reader.at;
    const end = start + size;
    if (section === IMPORTS) {
      const [from, to, minimum] = memoryLimits(reader);
      const content = [...module.subarray(start, from), HAS_MAXIMUM | SHARED, ...unsigned(minimum), ...unsigned(MAX_SHARED_PAGES), ...module.subarray(to, end)];
      const parts = [module.subarray(0, header), Uint8Array.from([IMPORTS, ...unsigned(content.length), ...content]), module.subarray(end)];
      const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
      parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
      return whole;
    }
    reader.at = end;
  }
  throw new RangeError('the module imports no memory');
}

/** Where the limits of the imported memory are: from, to, and the least size in pages. */
function memoryLimits(reader: Reader): readonly [from: number, to: number, minimum: number] {
  for (let left = reader.unsigned(); left > 0; left--) {
    reader.skipName();
    reader.skipName();
    const kind = reader.byte();
    if (kind === KIND.function) reader.unsigned();
    else if (kind === KIND.global) reader.at += 2;
    else {
      if (kind === KIND.table) reader.byte();
      const from = reader.at;
      const flags = reader.byte();
      const minimum = reader.unsigned();
      if ((flags & HAS_MAXIMUM) !== 0) reader.unsigned();
      if (kind === KIND.memory) return [from, reader.at, minimum];
    }
  }
  throw new RangeError('the module imports no memory');
}

let compiled: WebAssembly.Module | undefined;

/** The core over shared memory; compiles on the calling thread the first time. @throws MoontraceError no-webassembly */
export function sharedCoreModule(): WebAssembly.Module {
  compiled ??= compileNow(withSharedMemory(coreBinary()));
  return compiled;
}

/** VMs shared from now on run this core: another build of the same sources, for tests. @param binary of one over plain memory */
export function useSharedCore(binary: Uint8Array): void {
  compiled = new WebAssembly.Module(withSharedMemory(binary));
}

/**
 * The typed-buffer ABI a second time, from its description alone (contracts/api/types.ts), and random types with random values: what the encoder, the
 * decoder and the generated Lua are compared with.
 */

export type Spec =
  | { readonly of: 'scalar'; readonly name: keyof typeof WIDTHS }
  | { readonly of: 'StringView' | 'Buffer' }
  | { readonly of: 'enum'; readonly name: string; readonly width: number; readonly flags: boolean; readonly values: readonly bigint[] }
  | { readonly of: 'struct'; readonly name: string; readonly fields: readonly Spec[] }
  | { readonly of: 'array'; readonly item: Spec };

const WIDTHS = { u8: 1, u16: 2, u32: 4, u64: 8, i8: 1, i16: 2, i32: 4, i64: 8, f32: 4, f64: 8, bool: 1, Ptr: 8 } as const;

export function nameOf(spec: Spec): string {
  if (spec.of === 'array') return `Array<${nameOf(spec.item)}>`;
  return 'name' in spec ? spec.name : spec.of;
}

const roundUp = (n: number, to: number): number => n + ((to - (n % to)) % to);

function alignment(spec: Spec): number {
  if (spec.of === 'scalar') return WIDTHS[spec.name];
  if (spec.of === 'enum') return spec.width;
  return spec.of === 'struct' ? spec.fields.reduce((most, field) => Math.max(most, alignment(field)), 1) : 8;
}

function width(spec: Spec): number {
  if (spec.of === 'scalar') return WIDTHS[spec.name];
  if (spec.of === 'enum') return spec.width;
  if (spec.of === 'Buffer') return 24;
  if (spec.of !== 'struct') return 16;
  return roundUp(spec.fields.reduce((end, field) => roundUp(end, alignment(field)) + width(field), 0), alignment(spec));
}

/** Little-endian two's complement. */
function integer(value: bigint, bytes: number): number[] {
  const bits = BigInt.asUintN(8 * bytes, value);
  return Array.from({ length: bytes }, (_, i) => Number((bits >> BigInt(8 * i)) & 0xffn));
}

/** What stands behind the record. */
class Heap {
  readonly bytes: number[] = [];
  readonly #start: number;

  constructor(start: number) {
    this.#start = start;
  }

  add(content: readonly number[], align: number): bigint {
    if (content.length === 0) return 0n;
    while ((this.#start + this.bytes.length) % align !== 0) this.bytes.push(0);
    const offset = this.#start + this.bytes.length;
    for (const byte of content) this.bytes.push(byte);
    return BigInt(offset);
  }
}

function encode(spec: Spec, value: unknown, heap: Heap): number[] {
  switch (spec.of) {
    case 'scalar':
      if (spec.name === 'f32') return [...new Uint8Array(new Float32Array([value as number]).buffer)];
      if (spec.name === 'f64') return [...new Uint8Array(new Float64Array([value as number]).buffer)];
      return integer(BigInt(value as bigint), WIDTHS[spec.name]);
    case 'enum':
      return integer(BigInt(value as bigint), spec.width);
    case 'StringView': {
      const content = [...Buffer.from(value as string, 'utf8')];
      return [...integer(heap.add(content, 1), 8), ...integer(BigInt(content.length), 8)];
    }
    case 'Buffer': {
      const content = [...(value as Uint8Array)];
      const length = integer(BigInt(content.length), 8);
      return [...integer(heap.add(content, 1), 8), ...length, ...length];
    }
    case 'array': {
      const items = value as readonly unknown[];
      const content = items.flatMap((item) => encode(spec.item, item, heap));
      return [...integer(heap.add(content, alignment(spec.item)), 8), ...integer(BigInt(items.length), 8)];
    }
    case 'struct':
      return fields(spec.fields, Object.values(value as object), heap, width(spec));
  }
}

function fields(specs: readonly Spec[], values: readonly unknown[], heap: Heap, total: number): number[] {
  const bytes: number[] = [];
  specs.forEach((spec, i) => {
    while (bytes.length % alignment(spec) !== 0) bytes.push(0);
    bytes.push(...encode(spec, values[i], heap));
  });
  while (bytes.length < total) bytes.push(0);
  return bytes;
}

/** Bytes of the record of some fields. */
export function referenceEncode(specs: readonly Spec[], values: readonly unknown[]): Uint8Array {
  const total = width({ of: 'struct', name: '', fields: specs });
  const heap = new Heap(total);
  const record = fields(specs, values, heap, total);
  return Uint8Array.from([...record, ...heap.bytes]);
}

/** Numbers from 0 to below 1 that are the same in each run (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export class Random {
  readonly #next: () => number;
  readonly enums: (Spec & { of: 'enum' })[] = [];
  readonly structs: (Spec & { of: 'struct' })[] = [];

  constructor(seed: number) {
    this.#next = randomNumbers(seed);
  }

  below(n: number): number {
    return Math.floor(this.#next() * n);
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  /** A type; structs and enums come from those made so far. */
  type(isItem = false): Spec {
    switch (this.below(isItem ? 5 : 7)) {
      case 0:
        return { of: 'StringView' };
      case 1:
        return { of: 'Buffer' };
      case 2:
        return this.enums.length > 0 ? this.pick(this.enums) : this.type(isItem);
      case 3:
        return this.structs.length > 0 ? this.pick(this.structs) : this.type(isItem);
      case 5:
      case 6:
        return { of: 'array', item: this.type(true) };
      default:
        return { of: 'scalar', name: this.pick(Object.keys(WIDTHS) as (keyof typeof WIDTHS)[]) };
    }
  }

  addTypes(): void {
    for (let i = 0; i < 3; i++) {
      const bytes = this.pick([1, 2, 4, 8]);
      const flags = this.below(2) === 0;
      const values = flags ? [0n, 1n, 2n, 1n << BigInt(8 * bytes - 1)] : [0n, BigInt(this.below(100) + 1), (1n << BigInt(8 * bytes)) - 1n];
      this.enums.push({ of: 'enum', name: `Enum${i}`, width: bytes, flags, values });
    }
    for (let i = 0; i < 4; i++) this.structs.push({ of: 'struct', name: `Struct${i}`, fields: Array.from({ length: 1 + this.below(i === 3 ? 40 : 6) }, () => this.type()) });
  }

  value(spec: Spec): unknown {
    switch (spec.of) {
      case 'scalar':
        return this.#scalar(spec.name);
      case 'enum': {
        const bits = spec.flags ? this.pick(spec.values) | this.pick(spec.values) : this.pick(spec.values);
        return spec.width === 8 ? bits : Number(bits);
      }
      case 'StringView':
        return Array.from({ length: this.below(8) }, () => this.pick(['a', '\0', 'é', '€', '𝄞', '\u007f', '\ufeff', '\n'])).join('');
      case 'Buffer':
        return Uint8Array.from({ length: this.below(9) }, () => this.below(256));
      case 'array':
        return Array.from({ length: this.below(5) }, () => this.value(spec.item));
      case 'struct':
        return Object.fromEntries(spec.fields.map((field, i) => [`f${i}`, this.value(field)]));
    }
  }

  #scalar(name: keyof typeof WIDTHS): unknown {
    if (name === 'bool') return this.below(2) === 0;
    if (name === 'f64') return this.pick([0, -0, 1, -2.5, 1e300, 5e-324, Number.POSITIVE_INFINITY, Number.NaN, 2 ** 53, this.#next()]);
    if (name === 'f32') return this.pick([0, -0, 1, -2.5, Math.fround(1e-40), 3.4028234663852886e38, Number.NEGATIVE_INFINITY, Number.NaN, Math.fround(this.#next())]);
    const bits = 8 * WIDTHS[name];
    const raw = this.pick([0n, 1n, -1n, 1n << BigInt(bits - 1), (1n << BigInt(bits - 1)) - 1n, BigInt(Math.floor(this.#next() * 2 ** 52)) * 4096n + BigInt(this.below(4096))]);
    const value = name.startsWith('i') ? BigInt.asIntN(bits, raw) : BigInt.asUintN(bits, raw);
    return bits === 64 ? value : Number(value);
  }
}

/** `api.toml` with these types, and a contract of each kind with a function for each list of parameters, which returns the first of them. */
export function apiOf({ enums, structs }: Random, functions: readonly (readonly Spec[])[]): string {
  const list = (specs: readonly Spec[], prefix: string): string => specs.map((spec, i) => `{ name = "${prefix}${i}", type = "${nameOf(spec)}" }`).join(', ');
  const contract = (kind: string, name: string): string =>
    `[[${kind}]]\nname = "${name}"\nversion = "1.0.0"\n` +
    functions.map((params, i) => `[[${kind}.functions]]\nname = "call${i}"\nparams = [${list(params, 'p')}]\n${params[0] === undefined ? '' : `return = "${nameOf(params[0])}"\n`}`).join('');
  return [
    ...enums.map(({ name, width: bytes, flags, values }) =>
      `[[enum]]\nname = "${name}"\nrepr = "u${8 * bytes}"\nbitflag = ${flags}\nvariants = [${values.map((value, i) => `{ name = "V${i}", value = "${value}" }`).join(', ')}]\n`),
    ...structs.map((struct) => `[[types]]\nname = "${struct.name}"\nfields = [${list(struct.fields, 'f')}]\n`),
    contract('guest_contract', 'test.guest'),
    contract('host_contract', 'host.test'),
  ].join('\n');
}

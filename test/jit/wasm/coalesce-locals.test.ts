/** Values share locals: random functions compute the same before and after, with far fewer locals. */
import { describe, expect, test } from 'vitest';
import type { WasmType } from '../../../jit/wasm/operations.ts';
import { Random } from '../../fuzz/random.ts';
import { FunctionBuilder } from '../backend/function-builder.ts';
import type { EncodedCode } from '../../../jit/lower/encoded-code.ts';

const LOCALS = 40;
const STATEMENTS = 80;
const ROUNDS = 60;
/** The parameter, which is set and read like any other. */
const PARAMETER = 0;

type Local = { readonly number: number; readonly type: WasmType };

/** Statements, blocks, loops and branches at random, over locals that are mostly set, copied and read close by. */
class RandomFunction {
  readonly builder = new FunctionBuilder();
  readonly #random: Random;
  readonly #locals: Local[] = [{ number: PARAMETER, type: 'i32' }];
  readonly #fuel: number;
  /** Where a branch may go: blocks and ifs. */
  readonly #exits: number[] = [];
  readonly #set = new Set([PARAMETER]);
  #statements = STATEMENTS;

  constructor(seed: number) {
    this.#random = new Random(seed);
    for (let n = 0; n < LOCALS; n++) {
      const type = this.#random.pick(['i32', 'i32', 'i64', 'f64'] as const);
      this.#locals.push({ number: this.builder.local(type), type });
    }
    this.#fuel = this.builder.local('i32');
    this.builder.i32(ROUNDS);
    this.builder.op('local.set', this.#fuel);
    while (this.#statements > 0) this.#statement(3);
    this.#result();
  }

  #statement(depth: number): void {
    const { builder } = this;
    this.#statements--;
    const kind = this.#random.integer(0, depth > 0 ? 15 : 10);
    if (kind < 6) this.#assign();
    else if (kind < 9) this.#copy();
    else if (kind === 9 && this.#exits.length > 0) {
      this.#push('i32', 2);
      builder.branch('br_if', this.#random.pick(this.#exits));
    } else if (kind === 10) this.#return();
    else if (kind < 13) {
      this.#exits.push(builder.open('block'));
      this.#body(depth);
      this.#exits.pop();
      builder.end();
    } else if (kind === 13) this.#loop(depth);
    else {
      this.#push('i32', 2);
      this.#exits.push(builder.open('if'));
      this.#body(depth);
      if (this.#random.integer(0, 1) === 0) {
        builder.op('else');
        this.#body(depth);
      }
      this.#exits.pop();
      builder.end();
    }
  }

  #body(depth: number): void {
    for (let rest = 1 + this.#random.integer(0, 5); rest > 0; rest--) this.#statement(depth - 1);
  }

  #loop(depth: number): void {
    const { builder } = this;
    const loop = builder.open('loop');
    this.#body(depth);
    builder.op('local.get', this.#fuel);
    builder.i32(1);
    builder.op('i32.sub');
    builder.op('local.tee', this.#fuel);
    builder.i32(0);
    builder.op('i32.gt_s');
    this.#push('i32', 1);
    builder.op('i32.and');
    builder.branch('br_if', loop);
    builder.end();
  }

  /** Locals that come close to each other in the list are used close to each other in the program. */
  #pick(type?: WasmType): Local {
    const progress = ((STATEMENTS - Math.max(this.#statements, 0)) / STATEMENTS) * LOCALS;
    const some = this.#locals.filter((local) => type === undefined || local.type === type);
    const near = some.filter(({ number }) => Math.abs(number - progress) < 5);
    return this.#random.pick(near.length > 0 ? near : some);
  }

  /** One that was set before, mostly. */
  #get(type: WasmType): void {
    const local = this.#pick(type);
    if (this.#set.has(local.number) || this.#random.chance(0.05)) this.builder.op('local.get', local.number);
    else this.#constant(type);
  }

  #setLocal(name: 'local.set' | 'local.tee', { number }: Local): void {
    this.builder.op(name, number);
    this.#set.add(number);
  }

  #assign(): void {
    const local = this.#pick();
    this.#push(local.type, 3);
    this.#setLocal('local.set', local);
  }

  #copy(): void {
    const local = this.#pick();
    this.#get(local.type);
    this.#setLocal('local.set', local);
  }

  #push(type: WasmType, depth: number): void {
    const { builder } = this;
    const kind = this.#random.integer(0, depth > 0 ? 5 : 2);
    if (kind === 0) this.#constant(type);
    else if (kind < 4) this.#get(type);
    else if (kind === 4) {
      this.#push(type, depth - 1);
      this.#setLocal('local.tee', this.#pick(type));
    } else {
      this.#push(type, depth - 1);
      this.#push(type, depth - 1);
      builder.op(`${type}.${this.#random.pick(['add', 'sub', 'mul'] as const)}`);
    }
  }

  #constant(type: WasmType): void {
    const value = this.#random.integer(0, 999) - 500;
    if (type === 'i32') this.builder.i32(value);
    else if (type === 'i64') this.builder.i64(value);
    else this.builder.f64(value);
  }

  #return(): void {
    this.#push('i32', 1);
    this.builder.i32(1 << 20);
    this.builder.op('i32.gt_s');
    this.builder.open('if');
    this.#result();
    this.builder.end();
  }

  /** What some of the locals hold. */
  #result(): void {
    const { builder } = this;
    builder.i32(0);
    for (const { number, type } of this.#locals) {
      if (!this.#set.has(number) || !this.#random.chance(0.25)) continue;
      builder.op('local.get', number);
      if (type === 'f64') builder.op('i64.trunc_sat_f64_s');
      if (type !== 'i32') builder.op('i32.wrap_i64');
      builder.op('i32.add');
      builder.i32(31);
      builder.op('i32.mul');
    }
    builder.op('return');
  }
}

function run({ binary }: EncodedCode, argument: number): number {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory } });
  return (exports['trace0'] as (argument: number) => number)(argument);
}

describe('locals', () => {
  test('random functions compute the same with shared locals', () => {
    let before = 0;
    let after = 0;
    for (let seed = 1; seed <= 1000; seed++) {
      const { builder } = new RandomFunction(seed);
      const plain = builder.finish();
      const shared = builder.finish(true);
      before += plain.locals.length;
      after += shared.locals.length;
      for (const argument of [0, 1, -7, 123456789]) expect(run(shared, argument), `seed ${seed}, argument ${argument}`).toBe(run(plain, argument));
    }
    expect(after).toBeLessThan(before * 0.75);
  });

  test('a copy to itself goes', () => {
    const builder = new FunctionBuilder();
    const copy = builder.local('i32');
    builder.op('local.get', PARAMETER);
    builder.op('local.set', copy);
    builder.op('local.get', copy);
    builder.op('return');
    const code = builder.finish(true);
    expect(code.locals).toEqual([]);
    expect(run(code, 5)).toBe(5);
  });

  test('what is zero at the beginning does not share the parameter', () => {
    const builder = new FunctionBuilder();
    const zero = builder.local('i32');
    builder.op('local.get', zero);
    builder.op('return');
    expect(run(builder.finish(true), 5)).toBe(0);
  });
});

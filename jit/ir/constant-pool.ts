/** Interns the constants of a trace that is made in TypeScript: the parser's and those of tests. Equal references are equal values, floats being equal by bits. */
import type { ConstantInstruction, IRRef, Trace } from './trace.ts';

const floatView = new DataView(new ArrayBuffer(8));
const floatBits = (value: number): bigint => {
  floatView.setFloat64(0, value);
  return floatView.getBigInt64(0);
};

export class ConstantPool {
  readonly #known = new Map<string, IRRef>();

  /** @param trace without constants */
  constructor(readonly trace: Trace) {}

  int(value: bigint): IRRef {
    const wrapped = BigInt.asIntN(64, value);
    return this.#intern({ op: 'KINT', type: 'i64', value: wrapped }, wrapped);
  }

  float(value: number): IRRef {
    return this.#intern({ op: 'KFLT', type: 'f64', value }, floatBits(value));
  }

  i32(value: number): IRRef {
    return this.#intern({ op: 'KI32', type: 'i32', value: value | 0 }, value | 0);
  }

  /** Address of an object (or raw block) the trace keeps alive. */
  pointer(address: number): IRRef {
    return this.#intern({ op: 'KPTR', type: 'i32', value: address }, address);
  }

  #intern(constant: ConstantInstruction, bits: bigint | number): IRRef {
    const key = `${constant.op} ${bits}`;
    let ref = this.#known.get(key);
    if (ref === undefined) {
      ref = ~(this.trace.constants.push(constant) - 1);
      this.#known.set(key, ref);
    }
    return ref;
  }
}

/** What the recorder of a builtin is, works on, and yields. */
import { Operand } from '../access/equality';
import { Recording } from '../core/recording';
import { Value } from '../core/value';

/** What a builtin's recorder works on. */
export class BuiltinArguments {
  constructor(
    private r: Recording,
    /** Slot of the function; results from here on. */
    public func: i32,
    public count: i32,
    /** Results wanted; -1 = all. */
    public wanted: i32,
    private firstSlot: i32,
  ) {}

  /** An argument. @param n from 0; there must be such an argument */
  at(n: i32): Operand {
    const slot = this.firstSlot + n;
    return new Operand(this.r.readSlot(slot), this.r.slotAddress(slot));
  }

  /** Values of the arguments from this one on. */
  from(n: i32): Array<Value> {
    const values = new Array<Value>();
    for (; n < this.count; n++) values.push(this.at(n).value);
    return values;
  }
}

/** The results of a builtin: they are asked for once the call was executed, since some depend on what it did. */
export abstract class BuiltinResult {
  abstract values(r: Recording): Array<Value>;
}

/** Results that were known before the call. */
export class KnownResult extends BuiltinResult {
  constructor(private list: Array<Value>) {
    super();
  }

  values(r: Recording): Array<Value> {
    return this.list;
  }
}

/** One result that was known before the call. */
export function known(value: Value): BuiltinResult {
  return new KnownResult([value]);
}

/** A result that follows from what was guarded: as the call left it. */
export class ConstantResult extends BuiltinResult {
  constructor(private func: i32) {
    super();
  }

  values(r: Recording): Array<Value> {
    return [r.valueAt(r.slotAddress(this.func))];
  }
}

/** Records a builtin. @returns its results, null if it cannot be replaced with these arguments */
export type BuiltinRecorder = (r: Recording, args: BuiltinArguments) => BuiltinResult | null;

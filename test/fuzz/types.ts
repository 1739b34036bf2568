/** What the generator knows about the values of the variables it has declared. */

/** num is an integer or a float; dyn is anything, nil included. */
export type ValueType = 'int' | 'float' | 'num' | 'str' | 'bool' | 'dyn';

export interface Variable {
  readonly name: string;
  readonly type: ValueType;
  readonly assignable: boolean;
}

/** A sequence without holes, at least three long, so that # is its length. */
export interface ArrayVariable {
  readonly name: string;
  readonly element: ValueType;
}

/** A function; work is an upper estimate of the statements that a call executes. */
export interface FunctionVariable {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly result: ValueType;
  readonly work: number;
  readonly variadic: boolean;
}

/** The names that a block sees, its own and those of the blocks around it. */
export class Scope {
  readonly variables: Variable[];
  readonly arrays: ArrayVariable[];
  readonly functions: FunctionVariable[];
  /** Tables with the fields x (int), y (float), s (str), n (num) and perhaps opt (int). */
  readonly records: string[];
  /** Instances of the class: records with methods and operators. */
  readonly objects: string[];
  /** Arrays of objects with a metatable of their own each (alikes.ts). */
  readonly alikes: string[];
  /** Arrays of objects that change later (old-objects.ts). */
  readonly oldObjects: string[];
  /** Tables with arbitrary keys and int values. */
  readonly dictionaries: string[];

  constructor(parent?: Scope) {
    this.variables = parent ? [...parent.variables] : [];
    this.arrays = parent ? [...parent.arrays] : [];
    this.functions = parent ? [...parent.functions] : [];
    this.records = parent ? [...parent.records] : [];
    this.objects = parent ? [...parent.objects] : [];
    this.alikes = parent ? [...parent.alikes] : [];
    this.oldObjects = parent ? [...parent.oldObjects] : [];
    this.dictionaries = parent ? [...parent.dictionaries] : [];
  }
}

/** Whether a value of one type can stand where another is wanted. */
export function fits(type: ValueType, wanted: ValueType): boolean {
  return type === wanted || wanted === 'dyn' || (wanted === 'num' && (type === 'int' || type === 'float'));
}

/** What a host says of values on their way into Lua that they do not say themselves. */

/** Several results of a host function: see `results`. */
export class Results<Values extends readonly unknown[] = readonly unknown[]> {
  readonly values: Values;

  constructor(values: Values) {
    this.values = values;
  }
}

/** The results of a host function, when they are not just one: `return results(true, 'text')`. A returned array is one table. */
export const results = <Values extends readonly unknown[]>(...values: Values): Results<Values> => new Results(values);

/** Where a statement is being generated: the scope, the loops around it, and how much work it may still add. */
import type { ExpressionContext } from './expressions.ts';
import { fits, type FunctionVariable, Scope, type ValueType } from './types.ts';
import type { Random } from './random.ts';

/** What the statements of one function share. */
export interface FunctionState {
  /** Executed statements that a call of the function may cost. */
  readonly limit: number;
  work: number;
  readonly variadic: boolean;
  /** May it rely on what no name tells (hidden-state.ts)? */
  readonly hidesState?: boolean;
}

export class Context implements ExpressionContext {
  constructor(
    readonly random: Random,
    readonly scope: Scope,
    readonly state: FunctionState,
    /** How often the statements here are executed in a call of the function. */
    readonly multiplicity: number,
    readonly loopDepth: number,
    readonly blockDepth: number,
    readonly canBreak: boolean,
    readonly continueLabel: string | undefined,
  ) {}

  get variadic(): boolean {
    return this.state.variadic;
  }

  get hidesState(): boolean {
    return this.state.hidesState === true;
  }

  canSpend(units: number): boolean {
    return this.state.work + units * this.multiplicity <= this.state.limit;
  }

  spend(units: number): void {
    this.state.work += units * this.multiplicity;
  }

  takeFunction(result: ValueType): FunctionVariable | undefined {
    const usable = this.scope.functions.filter((candidate) => fits(candidate.result, result) && this.canSpend(candidate.work));
    if (usable.length === 0) return undefined;
    const target = this.random.pick(usable);
    this.spend(target.work);
    return target;
  }

  /** A block that is not a loop. */
  nested(): Context {
    return new Context(this.random, new Scope(this.scope), this.state, this.multiplicity, this.loopDepth, this.blockDepth + 1, this.canBreak, this.continueLabel);
  }

  /** The same, but a place that neither break nor the label of a continue can leave. */
  nestedWithout(): Context {
    return new Context(this.random, new Scope(this.scope), this.state, this.multiplicity, this.loopDepth, this.blockDepth + 1, false, undefined);
  }

  loop(rounds: number, continueLabel: string | undefined): Context {
    return new Context(this.random, new Scope(this.scope), this.state, this.multiplicity * rounds, this.loopDepth + 1, this.blockDepth + 1, true, continueLabel);
  }
}

/**
 * The trees that the generator builds and the shrinker takes apart.
 *
 * A node is a list of parts: pieces of Lua text, expressions, and blocks. That is all the printer and the shrinker need to know: a
 * classical AST with a class per construct would give every construct its own code in both of them.
 * Trees are immutable; the shrinker shares what it does not change.
 */
import type { ValueType } from './types.ts';

export interface Expression {
  readonly node: 'expression';
  readonly type: ValueType;
  readonly parts: readonly Part[];
}

export interface Statement {
  readonly node: 'statement';
  readonly parts: readonly Part[];
  /** Not to be deleted: without it a loop might not end. */
  readonly pinned: boolean;
}

export interface Block {
  readonly node: 'block';
  readonly statements: readonly Statement[];
}

export type Part = string | Expression | Block;

export function expression(type: ValueType, ...parts: Part[]): Expression {
  return { node: 'expression', type, parts };
}

export function statement(...parts: Part[]): Statement {
  return { node: 'statement', parts, pinned: false };
}

export function pinned(...parts: Part[]): Statement {
  return { node: 'statement', parts, pinned: true };
}

export function block(...statements: Statement[]): Block {
  return { node: 'block', statements };
}

/** Lua source of a block, indented. */
export function printBlock(tree: Block, indent = ''): string {
  return tree.statements.map((item) => `${indent}${printParts(item.parts, indent)}\n`).join('');
}

function printParts(parts: readonly Part[], indent: string): string {
  return parts
    .map((part) => {
      if (typeof part === 'string') return part;
      if (part.node === 'expression') return printParts(part.parts, indent);
      return `\n${printBlock(part, `${indent}  `)}${indent}`;
    })
    .join('');
}

/** Lua source of an expression. */
export function printExpression(tree: Expression): string {
  return printParts(tree.parts, '');
}

/** Is this an expression without names, which a compiler computes? */
export function isConstant(tree: Expression): boolean {
  return !/(?<![\w.])[a-zA-Z_]/.test(printExpression(tree));
}

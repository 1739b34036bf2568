/**
 * Makes a failing program small: tries simpler versions of the tree, keeps each that still fails, until none does.
 *
 * Simpler means: without a run of statements, a compound statement replaced by what is in its block, an expression replaced by a part
 * of itself or by a literal. Pinned statements stay as long as what contains them does, so that loops keep ending.
 */
import { type Block, block, type Expression, expression, type Part, type Statement } from './tree.ts';
import type { ValueType } from './types.ts';

const literals: Readonly<Record<ValueType, readonly string[]>> = {
  int: ['1', '0', '7'],
  float: ['1.5', '0.0'],
  num: ['1', '1.5'],
  str: ['"a"', '""'],
  bool: ['true', 'false'],
  dyn: ['nil', '1'],
};

/**
 * @param tree a program that fails
 * @param fails whether a program still fails; must be false for one that does not compile
 * @param maxChecks calls of `fails` at most
 */
export function shrink(tree: Block, fails: (candidate: Block) => boolean, maxChecks = 4000): Block {
  let best = tree;
  let checks = 0;
  let improved = true;
  while (improved && checks < maxChecks) {
    improved = false;
    // After an improvement go on behind it, rather than from the start: most of what was tried before would fail to improve again.
    let position = 0;
    for (;;) {
      const candidate = nth(simplerBlocks(best), position);
      if (candidate === undefined || checks >= maxChecks) break;
      checks++;
      if (fails(candidate)) {
        best = candidate;
        improved = true;
      } else {
        position++;
      }
    }
  }
  return best;
}

function nth<T>(items: Iterable<T>, index: number): T | undefined {
  let at = 0;
  for (const item of items) {
    if (at === index) return item;
    at++;
  }
  return undefined;
}

/** Simpler versions of a block, the largest steps first. */
export function* simplerBlocks(tree: Block): Generator<Block> {
  const { statements } = tree;
  for (let size = statements.length; size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start < statements.length; start += size) {
      const kept = statements.filter((item, index) => index < start || index >= start + size || item.pinned);
      if (kept.length < statements.length) yield block(...kept);
    }
  }
  // Pinned statements may go one by one too, where the program fails all the same and ends all the same (a declaration, a class member).
  for (const [index, item] of statements.entries()) {
    if (item.pinned && isDeclaration(item)) yield block(...statements.filter((_, other) => other !== index));
  }
  for (const [index, item] of statements.entries()) {
    for (const replacement of simplerStatements(item)) {
      yield block(...statements.slice(0, index), ...replacement, ...statements.slice(index + 1));
    }
  }
}

function isDeclaration(item: Statement): boolean {
  const first = item.parts[0];
  return typeof first === 'string' && /^(local|function|Class\.|Base\.)/.test(first);
}

function* simplerStatements(item: Statement): Generator<Statement[]> {
  for (const part of item.parts) {
    if (typeof part !== 'string' && part.node === 'block') yield [...part.statements];
  }
  for (const parts of simplerParts(item.parts)) yield [{ ...item, parts }];
}

function* simplerParts(parts: readonly Part[]): Generator<Part[]> {
  for (const [index, part] of parts.entries()) {
    if (typeof part === 'string') continue;
    const replacements: Iterable<Part> = part.node === 'block' ? simplerBlocks(part) : simplerExpressions(part);
    for (const replacement of replacements) yield [...parts.slice(0, index), replacement, ...parts.slice(index + 1)];
  }
}

function* simplerExpressions(tree: Expression): Generator<Expression> {
  const isLiteral = tree.parts.length === 1 && typeof tree.parts[0] === 'string';
  if (!isLiteral) for (const text of literals[tree.type]) yield expression(tree.type, text);
  for (const part of tree.parts) {
    if (typeof part !== 'string' && part.node === 'expression') yield part;
  }
  for (const parts of simplerParts(tree.parts)) yield { ...tree, parts };
}

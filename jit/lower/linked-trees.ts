/**
 * Which trees to compile into one function: those that lead into one another, so that control runs in circles through them. Typical are an outer loop
 * with a root trace of its own and the inner loop it links to, or several inner loops in one outer loop. As functions of their own they
 * leave and enter through the interpreter, which costs about 30 ns and the stores and loads of all slots each time.
 *
 * Only links within one frame count: the trace that links and the root have the same base.
 */
import type { TraceTree } from './lower-trees.ts';

/** Numbers of the roots a tree's traces link to in their own frame. */
function linksOf({ root, sides }: TraceTree): Set<number> {
  return new Set([root, ...sides].flatMap(({ link, endsInRootFrame }) => (link.kind === 'root' && endsInRootFrame ? link.trace : [])));
}

/** What is reached from a tree, itself included, over the neighbours of each. */
function reach(from: number, neighbours: (number: number) => Iterable<number>): Set<number> {
  const seen = new Set([from]);
  for (const number of seen) for (const next of neighbours(number)) seen.add(next);
  return seen;
}

/**
 * The loops a function's tree leads into, and those they lead into: they become part of its code.
 * @param trees all trees there are, by the number of their root
 */
export function findLoopsOf<Tree extends TraceTree>(start: Tree, trees: ReadonlyMap<number, Tree>): Tree[] {
  const linked = (number: number): Iterable<number> => [...(number === start.root.number ? linksOf(start) : linksOf(trees.get(number)!))].filter((next) => trees.has(next));
  return [...reach(start.root.number, linked)].filter((number) => number !== start.root.number).map((number) => trees.get(number)!);
}

/**
 * The trees that can be reached from `start` and lead back to it, `start` first; a single one if there are no others.
 * @param trees all trees there are, by the number of their root
 */
export function findLinkedTrees<Tree extends TraceTree>(start: Tree, trees: ReadonlyMap<number, Tree>): Tree[] {
  const links = new Map([...trees].map(([number, tree]) => [number, [...linksOf(tree)].filter((next) => trees.has(next))]));
  const { number } = start.root;
  const forwards = reach(number, (from) => links.get(from) ?? []);
  const backwards = reach(number, (to) => [...links].filter(([, targets]) => targets.includes(to)).map(([from]) => from));
  const linked = [...forwards].filter((other) => other !== number && backwards.has(other));
  return [start, ...linked.map((other) => trees.get(other)!)];
}

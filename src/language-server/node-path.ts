import type { Node } from "../dsl/ast.ts";
import type { SourceRange } from "../model/diagnostic.ts";

/** A node of the tree, of which only the place is known. */
export type AnyNode = Node & { readonly kind?: string };

/** Nodes around an offset, outermost first; the last is the smallest that holds it. */
export function pathTo(tree: AnyNode, offset: number): readonly AnyNode[] {
  const path: AnyNode[] = [tree];
  for (;;) {
    const inner = childrenOf(path.at(-1)!).filter(({ range }) => holds(range, offset));
    const smallest = inner.reduce<AnyNode | null>(
      (best, one) => (best === null || length(one) < length(best) ? one : best),
      null,
    );
    if (smallest === null) return path;
    path.push(smallest);
  }
}

/** The cursor behind the last letter still means the word. */
export const holds = ({ start, end }: SourceRange, offset: number): boolean =>
  start <= offset && offset <= end;

const length = ({ range }: AnyNode): number => range.end - range.start;

/** Every node of a tree, parents before children. */
export function* allNodes(tree: AnyNode): Generator<AnyNode> {
  yield tree;
  for (const child of childrenOf(tree)) yield* allNodes(child);
}

/** A child may be wrapped in a record without a place, such as the test of a guard. */
function childrenOf(node: object): readonly AnyNode[] {
  return Object.entries(node).flatMap(([key, value]): readonly AnyNode[] => {
    if (key === "range" || typeof value !== "object" || value === null) return [];
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    return list.flatMap((one) => {
      if (typeof one !== "object" || one === null) return [];
      return "range" in one ? [one as AnyNode] : childrenOf(one);
    });
  });
}

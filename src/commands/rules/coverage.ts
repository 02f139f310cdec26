import { compareText } from "../../base/compare-text.ts";
import { openCheckout, sourcesOf } from "../../dsl/lock/checkout.ts";
import {
  type DeclaredKernel,
  declaredKernels,
  isServed,
} from "../../dsl/upstream/declared-kernel.ts";
import { saysFused } from "../../dsl/upstream/fused-name.ts";
import { launchedIn } from "../../dsl/upstream/python-kernels.ts";
import type { RuleSet } from "../../model/rule.ts";
import type { CategoryFrom } from "../../model/trace/kernel-graph.ts";
import { knownKernels, lookedFor } from "./known-kernels.ts";

/** Kernels of one source that differ in generated parts of their names only. */
export interface KernelFamily {
  readonly path: string;
  readonly line: number;
  readonly compiler: DeclaredKernel["compiler"];
  readonly symbol: string;
  /** As a profiler prints it, template arguments made up. */
  readonly printed: string;
  /** Kernels of the family that the tree declares. */
  readonly variants: number;
  readonly category: string;
  /** Null: nothing tells it. */
  readonly categoryFrom: CategoryFrom | null;
  /** Whether its name says that it does the work of several. */
  readonly isFused: boolean;
  /** Rules that know it as what they look for (not as what they would replace), by id. */
  readonly rules: readonly string[];
}

/** What the rules know of the kernels that one tree declares. */
export interface TreeCoverage {
  readonly repo: string;
  readonly root: string;
  readonly commit: string | null;
  readonly families: readonly KernelFamily[];
}

/**
 * Which kernels of source trees the rules know: each family that a tree declares, with its category
 * and the rules that look for it. The trees may be checkouts or what wheels unpack to.
 *
 * @param checkouts name → folder; the name is said, and nothing else asked of it.
 * @throws {TriageError} lock/no-checkout
 */
export async function coverageOf(
  ruleSet: RuleSet,
  checkouts: ReadonlyMap<string, string>,
): Promise<readonly TreeCoverage[]> {
  const trees: TreeCoverage[] = [];
  for (const [repo, root] of [...checkouts].sort(([a], [b]) => compareText(a, b))) {
    const { commit } = await openCheckout(root);
    trees.push({ repo, root, commit, families: known(ruleSet, await familiesIn(root)) });
  }
  return trees;
}

type Declared = Omit<KernelFamily, "category" | "categoryFrom" | "rules">;

async function familiesIn(root: string): Promise<readonly Declared[]> {
  const families = new Map<string, { first: Declared; variants: number; isDoubtful: boolean }>();
  const launched = new Set<string>();
  for await (const { path, text } of sourcesOf(root)) {
    if (!isServed(path)) continue;
    if (path.endsWith(".py")) for (const name of launchedIn(text)) launched.add(name);
    for (const { line, compiler, symbol, printed, isDoubtful } of declaredKernels(path, text)) {
      const family = withoutHash(symbol);
      const known = families.get(family);
      if (known !== undefined) known.variants++;
      else {
        const first = { path, line, compiler, symbol: family, printed, variants: 1 };
        families.set(family, {
          first: { ...first, isFused: saysFused(symbol) },
          ...{ variants: 1, isDoubtful },
        });
      }
    }
  }
  return [...families.values()]
    .filter(({ first, isDoubtful }) => !isDoubtful || launched.has(first.symbol))
    .map(({ first, variants }) => ({ ...first, variants }))
    .sort((a, b) => compareText(a.path, b.path) || a.line - b.line);
}

/** Generators number their kernels by a hash. */
const withoutHash = (symbol: string): string =>
  symbol.replace(/_(?=[0-9a-f]*\d)[0-9a-f]{8,}(?=_|$)/g, "_*");

function known(ruleSet: RuleSet, declared: readonly Declared[]): readonly KernelFamily[] {
  const kernels = knownKernels(
    ruleSet,
    declared.map(({ printed }) => printed),
  );
  const wanted = ruleSet.rules.map((rule) => ({ id: rule.id, classes: lookedFor(rule) }));
  return declared.map((family, index) => {
    const { category, categoryFrom, isIn } = kernels[index]!;
    const rules = wanted.filter(({ classes }) => isIn(classes)).map(({ id }) => id);
    return { ...family, category, categoryFrom, rules };
  });
}

import type { RuleUnit } from "../../dsl/checks/check.ts";
import { FunctionNames } from "../../dsl/checks/proofs/function-names.ts";
import type { Checkout } from "../../dsl/lock/checkout.ts";
import { declaredKernels } from "../../dsl/upstream/declared-kernel.ts";
import { classesOfRule } from "../../engine/match/classes/class-table.ts";
import type { SourceRange } from "../../model/diagnostic.ts";
import type { RuleSet } from "../../model/rule.ts";
import { knownKernels, lookedFor } from "./known-kernels.ts";

/** A kernel that a rule's source declares and that the rule does not look for. */
export interface UnmatchedKernel {
  readonly rule: string;
  readonly file: string;
  readonly range: SourceRange;
  readonly symbol: string;
  /** As a profiler prints it. */
  readonly printed: string;
}

/**
 * Rules that a trace of their own source would not wake: the file declares the kernel that the rule
 * names as its source, and no step of the rule fits the name that a profiler prints for it. Symbols that are no kernels (a pass, a switch, a launcher) are none of this.
 */
export async function unmatchedKernels(
  repo: string,
  ruleSet: RuleSet,
  rules: readonly RuleUnit[],
  checkout: Checkout,
): Promise<readonly UnmatchedKernel[]> {
  const found: UnmatchedKernel[] = [];
  for (const { rule, node, file } of rules) {
    // What waits for a merge cites what is there today.
    if (rule.status === "in-flight") continue;
    // What only draws the unfused path cites the kernel that would replace it.
    if (lookedFor(rule).length === 0) continue;
    const classes = classesOfRule(rule);
    // Template arguments decide what some kernels do, and those of the declaration are made up.
    const tested = new FunctionNames(
      rule.tests
        .filter(({ expect }) => expect.match !== null)
        .flatMap(({ kernels }) => kernels.map(({ name }) => name)),
    );
    for (const [index, { repo: of, path, symbol, pr }] of rule.sources.entries()) {
      const written = node.sources[index]!;
      if (of !== repo || symbol === null || pr !== null || written.commit !== null) continue;
      const source = await checkout.open(path);
      if (source === null) continue;
      const printed = declaredKernels(path, source.withTexts)
        .filter((kernel) => !kernel.isDoubtful && isCalled(kernel.symbol, symbol))
        .map((kernel) => kernel.printed);
      if (printed.length === 0 || printed.some((name) => name.includes("<") && tested.has(name)))
        continue;
      if (knownKernels(ruleSet, printed).some(({ isIn }) => isIn(classes))) continue;
      found.push({
        ...{ rule: rule.id, file: file.file, range: written.target.range, symbol },
        printed: printed[0]!,
      });
    }
  }
  return found;
}

/** `ns::kernel` is the source's `kernel`; `Class.kernel` is its `Class`, and its `Class.kernel`. */
function isCalled(declared: string, named: string): boolean {
  if (declared === named || declared.endsWith(`::${named}`)) return true;
  return declared.startsWith(`${named}.`);
}

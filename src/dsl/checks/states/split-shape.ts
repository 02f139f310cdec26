import { ruleCheck } from "../check.ts";
import { spanOf } from "../proofs/pattern-relations.ts";
import { keywordOf } from "./states.ts";

/** split-of-one. */
export const splitOfOne = ruleCheck("split-of-one", function* ({ node, rule }) {
  for (const [index, { state, pattern }] of rule.states.entries())
    if (state === "split" && pattern.kind !== "overlap" && spanOf(pattern, "min") < 2)
      yield {
        range: keywordOf(node.states[index]!),
        message: "a single kernel is not split",
        help: "draw the pieces that the fused kernel replaces; a kernel of a lesser fusion is `partial`",
      };
});

/** Farther apart, kernels belong together only by chance. */
const MOST = { skip: 4, gapNs: 1_000_000, within: 32 } as const;

/** loose-link. */
export const looseLinks = ruleCheck("loose-link", function* ({ node }) {
  for (const { pattern } of node.states) {
    if (pattern.kind === "any-order" && pattern.within.value > MOST.within)
      yield {
        range: pattern.within.range,
        message: `a window of ${pattern.within.value} kernels is wide`,
        help: `kernels of one site lie within ${MOST.within}`,
      };
    for (const { skip, gap } of pattern.kind === "chain" ? pattern.links : []) {
      if (skip !== null && skip.value > MOST.skip)
        yield {
          range: skip.range,
          message: `between two pieces of one fusion lie no ${skip.value} others`,
          help: `use at most skip ${MOST.skip}; \`past CLASS\` lets known helpers through without counting`,
        };
      if (gap !== null && gap.ns > MOST.gapNs)
        yield {
          range: gap.range,
          message: `${gap.text} of idle time is more than a slow host takes between two launches`,
          help: "use at most gap 1ms",
        };
    }
  }
});

/** unbounded-gap. Only links of the unfused path: a fused kernel saves what lies between its pieces. */
export const unboundedGaps = ruleCheck("unbounded-gap", function* ({ node }) {
  for (const { state, pattern } of node.states) {
    if (state !== "split" || pattern.kind !== "chain") continue;
    for (const [index, { gap }] of pattern.links.entries()) {
      if (gap !== null) continue;
      const step = pattern.steps[index + 1]!;
      yield {
        range: step.class.range,
        message: "any idle time may lie before this step",
        help: "bound it, such as -> [gap 10us]",
      };
    }
  }
});

import { ruleCheck } from "../check.ts";
import { stepsOf } from "../proofs/pattern-relations.ts";

/** exchanged-states. Fusing makes fewer kernels of many. */
export const exchangedStates = ruleCheck("exchanged-states", function* ({ node, rule }) {
  if (rule.kind === "overlap") {
    const chained = rule.states.findIndex(
      ({ state, pattern }) => state === "active" && pattern.kind !== "overlap",
    );
    const apart = rule.states.some(
      ({ state, pattern }) => state === "split" && pattern.kind === "overlap",
    );
    if (chained < 0 || !apart) return;
    const { range } = node.states[chained]!;
    yield {
      range: { ...range, end: range.start + "active".length },
      message: "one after the other is the active path, and at the same time the split one",
      help: "exchange `active` and `split`",
    };
    return;
  }
  const spans = (wanted: string): number[] =>
    rule.states
      .filter(({ state, pattern }) => state === wanted && pattern.kind !== "overlap")
      .map(({ pattern }) => stepsOf(pattern).reduce((sum, { min }) => sum + min, 0));
  const active = spans("active");
  const split = spans("split");
  if (active.length === 0 || split.length === 0) return;
  const [least, most] = [Math.min(...active), Math.max(...split)];
  if (least <= most) return;
  const index = rule.states.findIndex(({ state }) => state === "active");
  const { range } = node.states[index]!;
  yield {
    range: { ...range, end: range.start + "active".length },
    message: `the fused path has ${least} kernels, the unfused one ${most}`,
    help: "exchange `active` and `split`",
  };
});

import { ruleCheck } from "../check.ts";

/** missing-part. What a rule can run without, but nobody can use it without; the compiler asks for the rest. */
export const missingParts = ruleCheck("missing-part", function* ({ node, rule }) {
  const at = { range: node.id.range };
  if (rule.sources.length === 0)
    yield {
      ...at,
      message: "the rule has no `source`",
      help: 'name the file that holds the fused path: source sglang "python/…/layernorm.py#RMSNorm"',
    };
  if (node.report === null)
    yield {
      ...at,
      message: "the rule has no `report`",
      help: "say from which share of GPU time on it is worth a row: report share >= 0.5%",
    };
  const isDrawn = rule.states.some(({ state }) => state === "split");
  const isSaid = rule.messages.some(({ kind, state }) => kind === "verdict" && state === "split");
  if (isDrawn && !isSaid)
    yield {
      ...at,
      message: "the rule draws `split` and has no `verdict split`",
      help: "say in one sentence what the kernels show, with placeholders such as {count} and {share}",
    };
});

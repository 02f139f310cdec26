import type { StateName } from "../../../model/rule.ts";
import { ruleCheck } from "../check.ts";

/** unshown-message. A sentence about a state that the patterns cannot come to is never printed. */
export const unshownMessages = ruleCheck("unshown-message", function* ({ node, rule }) {
  const drawn = new Set<StateName>(rule.states.map(({ state }) => state));
  if (drawn.has("active") && drawn.has("split")) drawn.add("partial");
  for (const { kind, state, range, template } of node.messages) {
    if (!drawn.has(state))
      yield {
        range,
        message: `no pattern of the rule comes to \`${state}\`, so this ${kind} is never printed`,
        help: `draw \`${state}\`, or remove the ${kind}`,
      };
    else if (template.text.trim().length < LEAST_LETTERS)
      yield {
        range: template.range,
        message: `this ${kind} says nothing`,
        help: "one sentence, such as: {count} times in one kernel ({share}).",
      };
  }
});

/** Fewer letters are no sentence. */
const LEAST_LETTERS = 12;

import { ruleCheck } from "../check.ts";

/** untested-state. */
export const untestedStates = ruleCheck("untested-state", function* ({ node, rule }) {
  const shown = new Set(rule.tests.map(({ expect }) => expect.match));
  const states = new Map(node.states.map((state) => [state.state, state]));
  for (const [state, { range }] of states)
    if (!shown.has(state))
      yield {
        range: { ...range, end: range.start + state.length },
        message: `no test expects \`match ${state}\``,
        help: `add a test with the kernels that ${state} draws, and \`expect match ${state}\``,
      };
});

/** no-near-miss. */
export const nearMisses = ruleCheck("no-near-miss", function* ({ node, rule }) {
  const misses = rule.tests.flatMap(({ expect }) => (expect.match === null ? [expect] : []));
  if (misses.some(({ because }) => because !== null)) return;
  const help =
    "add a test that differs from a match in one thing, with `expect no match because pattern` (or guard FACT, or share)";
  yield {
    range: node.id.range,
    message:
      misses.length === 0
        ? "no test shows what does not match"
        : "no near miss says why it does not match",
    help,
  };
});

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
  if (misses.length > 0 && misses.every(({ because }) => because !== null)) return;
  const help =
    "add a test that differs from a match in one thing, with `expect no match because pattern` (or guard FACT, or share)";
  const mute = rule.tests.findIndex(
    ({ expect }) => expect.match === null && expect.because === null,
  );
  yield {
    range: mute < 0 ? node.id.range : node.tests[mute]!.title.range,
    message:
      mute < 0
        ? "no test shows what does not match"
        : "this near miss does not say why nothing matches, so it would pass for any reason",
    help,
  };
});

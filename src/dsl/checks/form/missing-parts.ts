import { type Check, type Remark, ruleCheck } from "../check.ts";

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

/** impossible-value. Who is asked is written as the code host writes it. */
export const ownerNames = ruleCheck("impossible-value", function* ({ node }) {
  const owner = node.owner?.value;
  if (owner === undefined || /^@[\w-]+(?:\/[\w.-]+)?$/.test(owner.text)) return;
  yield {
    range: owner.range,
    message: "an owner is a user or a team of the code host",
    help: 'such as owner "@fuse-triage/norm"',
  };
});

/** todo-left. The frame that `rules new` writes says TODO wherever something is to be filled in. */
export const todosLeft: Check = {
  code: "todo-left",
  *run({ loaded }) {
    for (const { ast, file, text } of loaded.files) {
      const rule = ast.rules[0]?.id.text;
      const remark = rule === undefined ? null : todoIn(text);
      if (remark !== null) yield { file, rule: rule!, ...remark };
    }
  },
};

/** Where a text has something left to be filled in, null where nothing is. */
export function todoIn(text: string): Pick<Remark, "range" | "message" | "help"> | null {
  const places = [...text.matchAll(/TODO/g)].map(({ index }) => index);
  const [start] = places;
  if (start === undefined) return null;
  const before = text.slice(0, start).split("\n");
  return {
    range: { start, end: start + 4, line: before.length, column: before.at(-1)!.length + 1 },
    message:
      places.length === 1
        ? "something is still to be filled in"
        : `${places.length} places are still to be filled in`,
    help: "write what the place asks for, or remove it",
  };
}

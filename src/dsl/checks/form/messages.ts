import type { SourceRange } from "../../../model/diagnostic.ts";
import type { StateName } from "../../../model/rule.ts";
import type { MessageNode, RuleNode } from "../../ast.ts";
import { stepsOf } from "../../compile/compile-state.ts";
import { didYouMean } from "../../parse/messages.ts";
import { type Remark, ruleCheck } from "../check.ts";

type Place = Omit<Remark, "file" | "rule">;

const PLAIN = ["count", "share", "coverage", "pr", "stage"];
const STATES: readonly string[] = ["active", "partial", "split"] satisfies StateName[];
const CAPTURE_FIELDS = ["name", "frame", "op", "scope", "stream"];

/** Advice belongs into `advice`, switches into `toggle`. */
const ADVICE = /\b(?:should|must|consider|recommend\w*|please|try)\b|(?<!\w)--[a-z][\w-]+/i;
const CAUSE =
  /\b(?:because|caused by|due to|therefore|hence|leads? to|result(?:s|ed)? (?:in|from))\b/i;

/** message-words. */
export const messageWords = ruleCheck("message-words", function* ({ node, rule }) {
  for (const message of node.messages) {
    yield* placeholderFaults(message, node, rule.prs.length > 0);
    const advice = message.kind === "verdict" ? ADVICE.exec(message.template.text) : null;
    if (advice !== null)
      yield {
        range: within(message, advice),
        message: `a verdict says what the trace shows; \`${advice[0]}\` gives advice`,
        help: "move it to `advice`, and the switch itself to `toggle`",
      };
  }
});

/** claimed-cause. */
export const causality = ruleCheck("claimed-cause", function* ({ node }) {
  for (const message of node.messages) {
    const cause = message.kind === "verdict" ? CAUSE.exec(message.template.text) : null;
    if (cause !== null)
      yield {
        range: within(message, cause),
        message: `a trace shows what follows what, not why: \`${cause[0]}\``,
        help: "state what was seen",
      };
  }
});

function* placeholderFaults(
  message: MessageNode,
  rule: RuleNode,
  hasPr: boolean,
): Generator<Place> {
  // Text as written keeps escapes; they hold no braces, so both have the same placeholders.
  for (const found of message.template.text.matchAll(/\{([^{}]*)\}/g)) {
    const word = found[1]!;
    const range = within(message, found);
    if (word === "pr" && !hasPr)
      yield { range, message: "`{pr}` is empty: the rule is not in flight" };
    const [name = "", field, more] = word.split(".");
    const captures = capturesFor(message.state, rule);
    const known = [
      ...PLAIN,
      ...STATES.map((state) => `${state}.count`),
      ...captures.flatMap((capture) => CAPTURE_FIELDS.map((it) => `${capture}.${it}`)),
    ];
    if (known.includes(word) || more !== undefined) continue;
    const isElsewhere = field !== undefined && allCaptures(rule).includes(name);
    yield {
      range,
      message:
        isElsewhere && !captures.includes(name)
          ? `no \`${message.state}\` pattern captures \`${name}\``
          : `\`{${word}}\` is no placeholder`,
      help: `placeholders: {${PLAIN.join("}, {")}}, {active.count}, and {capture.name} (frame, op, scope, stream)`,
      ...didYouMean(word, known),
    };
  }
}

const allCaptures = ({ states }: RuleNode): string[] =>
  states.flatMap(stepsOf).flatMap(({ capture }) => (capture === null ? [] : [capture.text]));

/** A `partial` finding may hold occurrences of all patterns. */
function capturesFor(state: StateName, rule: RuleNode): string[] {
  if (state === "partial") return allCaptures(rule);
  return allCaptures({ ...rule, states: rule.states.filter((one) => one.state === state) });
}

/** Place of a piece of a message. Where the text has escapes before it, the whole text. */
function within({ template }: MessageNode, found: RegExpExecArray): SourceRange {
  const { range, text } = template;
  if (range.end - range.start !== text.length + 2) return range;
  const start = range.start + 1 + found.index;
  return {
    start,
    end: start + found[0].length,
    line: range.line,
    column: range.column + 1 + found.index,
  };
}

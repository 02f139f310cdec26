import type { LinkNode, RefNode } from "../../ast.ts";
import { refText } from "../../format/print-class.ts";
import { ruleCheck } from "../check.ts";

/** Less idle time than profilers tell from none: they write whole microseconds, or round to 32 ns and jitter. */
const LEAST_GAP_NS = 1000;

/** empty-clause. A clause that changes nothing was meant to say something else. */
export const emptyClauses = ruleCheck("empty-clause", function* ({ node }) {
  for (const { pattern, repeat } of node.states) {
    if (repeat !== null && repeat.min.value === 1)
      yield {
        range: repeat.range,
        message: "every state counts from its first occurrence on",
        help: "leave it out, or say how many make a model: repeat >= 2",
      };
    for (const link of pattern.kind === "chain" ? pattern.links : []) yield* faultsOf(link);
  }
});

function* faultsOf({ gap, without, past }: LinkNode) {
  if (gap !== null && gap.ns < LEAST_GAP_NS)
    yield {
      range: gap.range,
      message: `${gap.text} of idle time is less than a trace can tell`,
      help: "launches lie 1us to 10us apart: gap 10us; the units are ns, us and ms",
    };
  const letPast = new Set(past.map(refText));
  const both = without.find((ref: RefNode) => letPast.has(refText(ref)));
  if (both !== undefined)
    yield {
      range: both.range,
      message: `\`past\` lets ${refText(both)} through and \`without\` forbids it`,
      help: "keep one of the two",
    };
}

import type { ConditionNode, LinkNode, RefNode, StepNode } from "../../ast.ts";
import { stepsOf } from "../../compile/compile-state.ts";
import { refText } from "../../format/print-class.ts";
import { ruleCheck } from "../check.ts";

/** Less idle time than profilers tell from none: they write whole microseconds, or round to 32 ns and jitter. */
const LEAST_GAP_NS = 1000;

/** empty-clause. A clause that changes nothing was meant to say something else. */
export const emptyClauses = ruleCheck("empty-clause", function* ({ node }) {
  for (const state of node.states) {
    const { pattern, repeat, where } = state;
    if (repeat !== null && repeat.min.value === 1)
      yield {
        range: repeat.range,
        message: "every state counts from its first occurrence on",
        help: "leave it out, or say how many make a model: repeat >= 2",
      };
    if (pattern.kind === "overlap" && pattern.least?.share === 0)
      yield {
        range: pattern.least.range,
        message: "every overlap is more than nothing",
        help: "say how much of the shorter kernel must be covered: >= 20%",
      };
    yield* where.flatMap(selfCompared);
    if (pattern.kind === "chain") yield* where.flatMap(sameStream);
    yield* stepsOf(state).flatMap(onceSaid);
    if (pattern.kind !== "chain") continue;
    for (const [index, link] of pattern.links.entries()) {
      yield* faultsOf(link);
      yield* selfForbidden(link, pattern.steps[index + 1]!);
      yield* selfPassed(link, pattern.steps[index + 1]!);
    }
  }
});

/** A chain is drawn on one stream of one GPU. */
function sameStream({ left, right, range }: ConditionNode) {
  const field = left.field.text;
  if (left.capture.text === right.capture.text || field !== right.field.text) return [];
  if (field !== "stream" && field !== "device") return [];
  return [
    {
      range,
      message: `the steps of a chain share their ${field} in any case`,
      help: "compare scope, op, layer or name; kernels of several streams are drawn by `overlap`",
    },
  ];
}

function selfCompared({ left, right, range }: ConditionNode) {
  if (left.capture.text !== right.capture.text || left.field.text !== right.field.text) return [];
  return [
    {
      range,
      message: `both sides are \`${left.capture.text}.${left.field.text}\``,
      help: "compare two captured kernels: x.scope == y.scope",
    },
  ];
}

function onceSaid({ quantifier }: StepNode) {
  if (quantifier === null || quantifier.min !== 1 || quantifier.max !== 1) return [];
  return [
    {
      range: quantifier.range,
      message: "a step stands once in any case",
      help: "leave the number out; `?` means once or not at all, {1..3} up to three times",
    },
  ];
}

/** The nearest kernel of a step's class is the step: another one before it is what nobody waits for. */
function* selfForbidden({ without }: LinkNode, step: StepNode) {
  const own = without.find((ref) => refText(ref) === refText(step.class));
  if (own !== undefined)
    yield {
      range: own.range,
      message: `\`without\` forbids ${refText(own)}, which the chain goes on with`,
      help: "forbid what would make the two steps unrelated, such as the fused kernel",
    };
}

/** The nearest kernel of a step's class is the step, so none of them is ever let past. */
function* selfPassed({ past }: LinkNode, step: StepNode) {
  const own = past.find((ref) => refText(ref) === refText(step.class));
  if (own !== undefined)
    yield {
      range: own.range,
      message: `\`past\` lets ${refText(own)} through, which the chain goes on with`,
      help: "leave it out; several of them in a row are a step with a number: x{1..3}",
    };
}

function* faultsOf({ skip, gap, without, past }: LinkNode) {
  if (skip !== null && skip.value === 0)
    yield {
      range: skip.range,
      message: "no other kernel may stand between in any case",
      help: "leave `skip` out, or say how many may: skip 1",
    };
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

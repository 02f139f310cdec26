import { append, largestOf } from "../../base/extremes.ts";
import type { StageName } from "../../model/framework.ts";
import type { StageSpan } from "./step-spans.ts";

/**
 * One step per engine iteration. Engines nest several spans around one: the outermost gives the
 * window (it holds input preparation and sampling too), the most trusted gives the label. Where an
 * outer span holds several trusted ones that lie beside each other, it is a loop around steps and
 * they are the steps; unless it is itself an iteration and they agree (draft, verify and target
 * passes of speculative decoding).
 *
 * @returns spans of one lane never overlapping, ordered by lane, then start.
 */
export function collapseSpans(spans: readonly StageSpan[]): readonly StageSpan[] {
  const ordered = [...spans].sort(
    (a, b) => a.lane - b.lane || a.start - b.start || b.end - a.end || b.step.trust - a.step.trust,
  );
  const steps: StageSpan[] = [];
  for (let from = 0; from < ordered.length; ) {
    const outer = ordered[from]!;
    let to = from + 1;
    while (
      to < ordered.length &&
      ordered[to]!.lane === outer.lane &&
      ordered[to]!.start < outer.end
    )
      to++;
    append(steps, stepsOfGroup(ordered.slice(from, to)));
    from = to;
  }
  return steps;
}

/** A span of at least this trust is an engine iteration by its own word. */
const ITERATION_TRUST = 1;

function stepsOfGroup(group: readonly StageSpan[]): readonly StageSpan[] {
  const outer = group[0]!;
  const trust = largestOf(group.map((span) => span.step.trust));
  const leaders: StageSpan[] = [];
  for (const span of group) {
    if (span.step.trust === trust && span.start >= (leaders.at(-1)?.end ?? -Infinity))
      leaders.push(span);
  }
  const leader = leaders[0]!;
  const agree = leaders.every((span) => span.step.stage === leader.step.stage);
  if (leaders.length > 1 && !(agree && outer.step.trust >= ITERATION_TRUST)) return leaders;
  return [
    {
      ...leader,
      start: outer.start,
      end: Math.max(outer.end, leader.end),
      step: { ...leader.step, stage: stageOfPass(group, leader) },
    },
  ];
}

/** A pass over the model in which backends ran both their prefill and their decode call is mixed. */
function stageOfPass(group: readonly StageSpan[], leader: StageSpan): StageName {
  if (leader.from === "annotation") return leader.step.stage;
  return group.every((span) => span.step.stage === leader.step.stage) ? leader.step.stage : "mixed";
}

import { IDLE_CAUSES, type StepsApart } from "../../model/contracts/report.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import { type Nanoseconds, toUs } from "../../model/trace/units.ts";
import { medianOf } from "../spread.ts";
import { type IdleSpans, idleSpanAt } from "./idle-time.ts";
import type { Gaps } from "./stage-gaps.ts";
import type { PerStep } from "./step-times.ts";

/** Of fewer steps none is the odd one. */
const LEAST_STEPS = 4;

/** A step this many times the median did something else: tuned kernels, loaded modules, met a first request. */
const ODD_TIMES = 3;

/** Short steps differ by as much without a reason. */
const ODD_BEYOND: Nanoseconds = 1_000_000;

/** More than this share of the steps is another kind of step, not the odd one. */
const ODD_SHARE = 0.2;

/**
 * Steps far from the others, with their wall and idle time, so that verdicts can leave them out;
 * null where none is. Steps with different numbers of tokens take different times by right.
 */
export function stepsApart(
  graph: KernelGraph,
  stage: StageGraph,
  perStep: PerStep,
  gaps: Gaps,
  idle: IdleSpans,
): StepsApart | null {
  const count = perStep.step.length;
  if (count < LEAST_STEPS) return null;
  const usual = medianOf(perStep.duration);
  const tokens = medianOf(stage.steps.flatMap((step) => step.tokens ?? []));
  const odd = [...perStep.step.keys()].filter((at) => {
    const duration = perStep.duration[at]!;
    const more = (graph.steps[perStep.step[at]!]!.tokens ?? tokens) > ODD_TIMES * tokens;
    return !more && duration >= ODD_TIMES * usual && duration - usual >= ODD_BEYOND;
  });
  if (odd.length === 0 || odd.length > ODD_SHARE * count) return null;
  const indexes = new Set(odd.map((at) => perStep.step[at]!));
  const idleNs = IDLE_CAUSES.map(() => 0);
  for (let at = 0; at < idle.count; at++) {
    const { start, end, cause, next } = idleSpanAt({ gaps, idle }, at);
    if (indexes.has(graph.stepOf[next]!)) idleNs[IDLE_CAUSES.indexOf(cause)]! += end - start;
  }
  return {
    steps: odd.map((at) => ({
      index: perStep.step[at]!,
      number: at + 1,
      label: graph.steps[perStep.step[at]!]!.label,
      us: toUs(perStep.duration[at]!),
    })),
    of: count,
    usualUs: toUs(usual),
    totalUs: toUs(odd.reduce((sum, at) => sum + perStep.duration[at]!, 0)),
    idleCauses: IDLE_CAUSES.map((cause, at) => ({ cause, us: toUs(idleNs[at]!) })).filter(
      ({ us }) => us > 0,
    ),
  };
}

import { conditionText, stepText } from "../../../model/rule-text.ts";
import { matchAnyOrderAt, type Picks } from "../../match/patterns/any-order.ts";
import { isIn, rowAt, stepAt } from "../../match/stage-view.ts";
import type { PatternExplainer } from "./pattern-explainer.ts";
import type { Attempt, WindowKernel } from "./stops.ts";

/** A window this much wider tells how far away the missing kernel is. */
const WIDER = 4;

/** What kept each window that begins with a kernel of the group from holding the whole group. */
export function* anyOrderAttempts(explainer: PatternExplainer<"any-order">): Generator<Attempt> {
  const { view, pattern, isHeld } = explainer;
  const { steps } = pattern.plan;
  for (let lane = 0; lane < view.lanes.starts.length - 1; lane++) {
    const end = view.lanes.starts[lane + 1]!;
    for (let at = view.lanes.starts[lane]!; at < end; at++)
      if (!isHeld(at) && steps.some((step) => isIn(view, at, step.bit)))
        yield attemptAt(explainer, at, end);
  }
}

function attemptAt(
  explainer: PatternExplainer<"any-order">,
  start: number,
  laneEnd: number,
): Attempt {
  const { view, pattern, ruleSet, brokenCondition } = explainer;
  const { steps, within } = pattern.plan;
  const line = pattern.source.line ?? null;
  const whole = matchAnyOrderAt(pattern.plan, view, null, start, laneEnd);
  const broken = whole === null ? -1 : brokenCondition(whole);
  if (whole !== null && broken >= 0) {
    const wanted = `where ${conditionText(pattern.source.where[broken]!)}`;
    const window = windowOf(explainer, whole);
    const reached = steps.length;
    return {
      reached,
      step: reached,
      clause: "where",
      line,
      wanted,
      saw: "it does not hold",
      off: 1,
      window,
    };
  }
  const picks = picksFrom(explainer, start, Math.min(laneEnd, start + within));
  const lacking = steps.findIndex((step, index) => picks[index]!.length < step.min);
  const step = Math.max(0, lacking);
  const { bit } = steps[step]!;
  const text = stepText(ruleSet, stepsOfSource(explainer)[step]!);
  const next = nearestAfter(explainer, start, Math.min(laneEnd, start + WIDER * within), bit);
  const common = {
    reached: picks.filter((list, index) => list.length >= Math.max(1, steps[index]!.min)).length,
    step,
    line,
    window: windowOf(explainer, picks),
  };
  if (next === null)
    return {
      ...common,
      clause: "missing",
      wanted: text,
      saw: `none in ${WIDER * within} kernels`,
      off: WIDER * within,
    };
  const distance = next - start + 1;
  const isFar = distance > within;
  const saw = isFar
    ? `${text} comes as kernel ${distance}`
    : `too few of ${text} are free in one step`;
  return { ...common, clause: "within", wanted: `within ${within} kernels`, saw, off: distance };
}

/** The kernels each step would get, conditions aside. */
function picksFrom(explainer: PatternExplainer<"any-order">, start: number, end: number): Picks {
  const { view, pattern, isHeld } = explainer;
  const picks: number[][] = pattern.plan.steps.map(() => []);
  for (let at = start; at < end && stepAt(view, at) === stepAt(view, start); at++) {
    if (isHeld(at)) continue;
    const index = pattern.plan.steps.findIndex(
      (step, i) => picks[i]!.length < step.max && isIn(view, at, step.bit),
    );
    if (index >= 0) picks[index]!.push(at);
  }
  return picks;
}

function nearestAfter(
  { view, isHeld }: PatternExplainer<"any-order">,
  start: number,
  end: number,
  bit: number,
): number | null {
  for (let at = start + 1; at < end; at++) if (isIn(view, at, bit) && !isHeld(at)) return at;
  return null;
}

function stepsOfSource({ pattern }: PatternExplainer<"any-order">) {
  const source = pattern.source.pattern;
  return source.kind === "any-order" ? source.steps : [];
}

function windowOf({ view }: PatternExplainer<"any-order">, picks: Picks): readonly WindowKernel[] {
  const stepOf = new Map(picks.flatMap((list, step) => list.map((at) => [at, step] as const)));
  const first = Math.min(...stepOf.keys());
  const length = Math.max(...stepOf.keys()) - first + 1;
  return Array.from({ length }, (_, i) => ({
    row: rowAt(view, first + i),
    step: stepOf.get(first + i) ?? null,
  }));
}

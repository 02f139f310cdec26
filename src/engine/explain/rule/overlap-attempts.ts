import { conditionText, durationText, shareText } from "../../../model/rule-text.ts";
import { gpuEnd } from "../../../model/trace/trace.ts";
import { isIn, rowAt } from "../../match/stage-view.ts";
import type { PatternExplainer } from "./pattern-explainer.ts";
import type { Attempt, StopClause } from "./stops.ts";

/** Kernels of the second class looked at around each of the first, by start. */
const NEIGHBOURS = 8;

/** Why kernels of the first class have no partner, each judged by the nearest of the second class. */
export function* overlapAttempts(explainer: PatternExplainer<"overlap">): Generator<Attempt> {
  const { view, pattern, isHeld } = explainer;
  const byRow = (bit: number): readonly number[] => {
    const list: number[] = [];
    for (let at = 0; at < view.lanes.count; at++) if (isIn(view, at, bit)) list.push(at);
    return list.sort((a, b) => rowAt(view, a) - rowAt(view, b));
  };
  const seconds = byRow(pattern.plan.second.bit);
  let after = 0;
  for (const first of byRow(pattern.plan.first.bit)) {
    while (after < seconds.length && rowAt(view, seconds[after]!) < rowAt(view, first)) after++;
    if (isHeld(first)) continue;
    const near = seconds
      .slice(Math.max(0, after - NEIGHBOURS), after + NEIGHBOURS)
      .filter((second) => second !== first);
    yield nearestAttempt(explainer, first, near);
  }
}

function nearestAttempt(
  explainer: PatternExplainer<"overlap">,
  first: number,
  seconds: readonly number[],
): Attempt {
  const attempts = seconds.map((second) => pairAttempt(explainer, first, second));
  attempts.sort((a, b) => b.reached - a.reached || a.off - b.off);
  const line = explainer.pattern.source.line ?? null;
  const window = [{ row: rowAt(explainer.view, first), step: 0 }];
  return (
    attempts[0] ?? {
      reached: 1,
      step: 1,
      clause: "missing",
      line,
      wanted: explainer.classNameOf(explainer.pattern.plan.second.bit),
      saw: "none in this stage",
      off: Number.MAX_SAFE_INTEGER,
      window,
    }
  );
}

function pairAttempt(
  { view, pattern, isHeld, brokenCondition }: PatternExplainer<"overlap">,
  first: number,
  second: number,
): Attempt {
  const { gpu, streams } = view.graph.trace;
  const a = rowAt(view, first);
  const b = rowAt(view, second);
  const shared = Math.min(gpuEnd(gpu, a), gpuEnd(gpu, b)) - Math.max(gpu.start[a]!, gpu.start[b]!);
  const shorter = Math.min(gpu.duration[a]!, gpu.duration[b]!);
  const stop = (clause: StopClause, wanted: string, saw: string, off: number): Attempt => ({
    reached: clause === "missing" || clause === "stream" ? 1 : 2,
    step: 1,
    clause,
    line: pattern.source.line ?? null,
    wanted,
    saw,
    off,
    window: [
      { row: a, step: 0 },
      { row: b, step: 1 },
    ],
  });
  const { minShare } = pattern.plan;
  if (gpu.stream[a] === gpu.stream[b])
    return stop("stream", "kernels of two streams", "both are on one stream", Math.max(0, -shared));
  if (streams[gpu.stream[a]!]!.device !== streams[gpu.stream[b]!]!.device)
    return stop("device", "one device", "they run on two devices", Math.max(0, -shared));
  if (shared <= 0)
    return stop("missing", "kernels at the same time", `${durationText(-shared)} apart`, -shared);
  if (shared < minShare * shorter) {
    const saw = `${((100 * shared) / shorter).toFixed(1)}% of the shorter kernel`;
    return stop("share", `>= ${shareText(minShare)}`, saw, minShare * shorter - shared);
  }
  const broken = brokenCondition([[first], [second]]);
  if (broken >= 0) {
    const wanted = `where ${conditionText(pattern.source.where[broken]!)}`;
    return stop("where", wanted, "it does not hold", 1);
  }
  const saw = isHeld(second) ? "another occurrence holds it" : "it has a nearer partner";
  return stop("claimed", "a free kernel", saw, 1);
}

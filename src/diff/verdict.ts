import type { Diff, StageDiff, StageVerdict, VerdictChange } from "../model/diff.ts";
import { STAGE_TITLE } from "../model/framework.ts";
import { diffReasons } from "./reasons.ts";
import type { StagePair } from "./stage-pair.ts";
import { isNews, us } from "./words.ts";

/** A share of a step's GPU time from which kernels alone make a stage slower or faster. */
const LEAST_SUM_PCT = 1;

/**
 * Slower or faster by the time of a step, else by its GPU time; where there are too few steps, by
 * what its kernels add up to.
 */
export function judgeStage(
  stage: Omit<StageDiff, "verdict">,
  { before, after }: StagePair,
  stepUs: number,
): StageVerdict {
  const none = { pct: null, deltaUs: null, by: null };
  const title = STAGE_TITLE[stage.stage];
  if (JSON.stringify(before) === JSON.stringify(after))
    return { ...none, change: "identical", text: `${title}: both reports hold the same numbers.` };
  const isTold = ({ change }: { change: string }): boolean =>
    change === "slower" || change === "faster";
  const metric = ["stepTime", "gpuTime"]
    .map((name) => stage.metrics.find((one) => one.metric === name))
    .find((one) => one !== undefined && isTold(one));
  const reasons = diffReasons(stage);
  if (metric !== undefined) {
    const change = metric.change as VerdictChange;
    const { pct, deltaUs } = metric;
    const what = metric.metric === "stepTime" ? "a step" : "the GPU time of a step";
    const text = `${title}: ${what} is ${amount(pct, deltaUs)} ${change} (${us(metric.before.medianUs)} → ${us(metric.after.medianUs)}).${reasons}`;
    return { change, pct, deltaUs, by: metric.metric, text };
  }
  const sum = stage.kernels.filter(isNews).reduce((total, row) => total + row.perStepDeltaUs, 0);
  const pct = stepUs > 0 ? (100 * sum) / stepUs : 0;
  const few = stage.metrics.length === 0 || stage.metrics[0]!.change === "inconclusive";
  const steps = `${stage.steps.before} and ${stage.steps.after} steps`;
  if (few && Math.abs(pct) >= LEAST_SUM_PCT) {
    const change = sum > 0 ? "slower" : "faster";
    const text = `${title}: its kernels are ${amount(pct, sum)} ${change}; ${steps} are too few to judge the time of a step.${reasons}`;
    return { change, pct, deltaUs: sum, by: "kernels", text };
  }
  if (few)
    return {
      ...none,
      change: "inconclusive",
      text: `${title}: inconclusive, ${steps} are too few to judge the time of a step.${reasons}`,
    };
  const text = `${title}: the time of a step is within noise (${signed(stage.metrics[0]!.deltaUs)}, noise ±${us(stage.metrics[0]!.noiseUs ?? 0)}).${reasons}`;
  return { ...none, change: "within-noise", text };
}

/** One answer for all stages, and one paragraph. */
export function judgeAll(
  stages: readonly StageDiff[],
  onlyBefore: readonly string[],
  onlyAfter: readonly string[],
): Diff["verdict"] {
  const alone = [
    ...onlyBefore.map((stage) => `Only before has a stage ${stage}.`),
    ...onlyAfter.map((stage) => `Only after has a stage ${stage}.`),
  ];
  if (stages.length === 0)
    return {
      change: "not-comparable",
      text: ["The reports have no stage in common.", ...alone].join(" "),
    };
  const changes = new Set(stages.map(({ verdict }) => verdict.change));
  const order = ["slower", "faster", "inconclusive", "within-noise", "identical"] as const;
  const change =
    changes.has("slower") && changes.has("faster")
      ? "mixed"
      : (order.find((one) => changes.has(one)) ?? "inconclusive");
  return { change, text: [...stages.map(({ verdict }) => verdict.text), ...alone].join(" ") };
}

function amount(pct: number | null, deltaUs: number): string {
  const size = us(Math.abs(deltaUs));
  return pct === null ? size : `${Math.abs(pct).toFixed(1)}% (${size})`;
}

function signed(time: number): string {
  return `${time < 0 ? "−" : "+"}${us(Math.abs(time))}`;
}

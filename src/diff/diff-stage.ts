import {
  METRICS,
  type MetricDiff,
  type MetricName,
  type RuleDiff,
  type StageDiff,
  type Thresholds,
} from "../model/contracts/diff.ts";
import { hostIdlePct } from "../model/contracts/launch-bound.ts";
import {
  type Spread,
  STEPS_TO_DROP_FIRST,
  type StageReport,
  type StepMetric,
  type StepTimes,
} from "../model/contracts/report.ts";
import { diffKernels } from "./diff-kernels.ts";
import { diffPhases } from "./diff-phases.ts";
import { diffRules, explainer } from "./diff-rules.ts";
import { changePct, compareTimes, type NoiseModel, type Sample, usualSpread } from "./noise.ts";
import { diffPositions } from "./pairs/diff-positions.ts";
import { gaveWayTo, pairLayers, takenPlaces } from "./pairs/pair-layers.ts";
import { outliersOf, perLayer, perToken, type StagePair, stageTotals } from "./stage-totals.ts";
import { judgeStage } from "./verdict.ts";

/** Compares one stage: a step as a whole, its kernels, the positions of its layers, its rules. */
export function diffStage(
  pair: StagePair,
  thresholds: Thresholds,
  minSharePct: number,
  differing: readonly string[],
): StageDiff {
  const { before, after } = pair;
  const model: NoiseModel = { ...thresholds, usualSpread: usualSpread(samplesOf(pair)) };
  const stepUs = Math.min(gpuTimeOfStep(before), gpuTimeOfStep(after));
  const pairs = pairLayers(before.layers?.template ?? [], after.layers?.template ?? []);
  const rules: readonly RuleDiff[] = diffRules(before.fuse, after.fuse, {
    minSharePct,
    takenPlaces: takenPlaces(pairs),
    gaveWayTo: gaveWayTo(pairs),
  });
  const explainedBy = explainer(rules, before.fuse, after.fuse);
  const steps = { before: stepsOf(before), after: stepsOf(after) };
  const metrics = diffMetrics(before.stepTimes, after.stepTimes, thresholds);
  const stepNoiseUs = metrics.find(({ metric }) => metric === "gpuTime")?.noiseUs ?? null;
  const context = { model, stepUs, steps, explainedBy, minSharePct, differing, stepNoiseUs };
  const { kernels, launchRatio, uniform } = diffKernels(pair, pairs, context);
  const stage: Omit<StageDiff, "verdict"> = {
    stage: before.stage,
    steps,
    metrics,
    totals: stageTotals(pair),
    requests: { before: before.requests, after: after.requests },
    perToken: perToken(pair),
    phases: diffPhases(pair, thresholds),
    perLayer: perLayer(pair),
    uniform,
    outliers: outliersOf(pair),
    idleCauses: diffIdleCauses(pair, steps),
    hostIdlePct: { before: hostIdlePct(before.timeline), after: hostIdlePct(after.timeline) },
    timesFloor: { before: before.limits.timesFloor, after: after.limits.timesFloor },
    launchRatio,
    kernels,
    positions: before.layers === null || after.layers === null ? [] : diffPositions(pairs, context),
    rules,
  };
  return { ...stage, verdict: judgeStage(stage, pair) };
}

/** Steps that times are divided by: a stage without any is one. */
function stepsOf({ stepTimes }: StageReport): number {
  return stepTimes?.count ?? 1;
}

function gpuTimeOfStep(stage: StageReport): number {
  return stage.timeline.gpuTimeUs / stepsOf(stage);
}

/** Positions of layers are one kernel at one shape: they tell the usual spread better than names. */
function samplesOf({ before, after }: StagePair): readonly Sample[] {
  return [before, after].flatMap(({ layers, kernels }) =>
    (layers?.template ?? kernels).map((row) => ({ ...row, count: row.launches })),
  );
}

const STEP_TIME: Readonly<Record<MetricName, StepMetric>> = {
  stepTime: "duration",
  gpuTime: "gpuTime",
  busy: "busy",
  idle: "idle",
  exposedComm: "exposedComm",
};

/** The times of a step that a metric names. */
function metricOf(times: StepTimes, metric: MetricName): Spread {
  return times[STEP_TIME[metric]];
}

function diffMetrics(
  before: StepTimes | null,
  after: StepTimes | null,
  thresholds: Thresholds,
): readonly MetricDiff[] {
  if (before === null || after === null) return [];
  const least = Math.min(before.duration.medianUs, after.duration.medianUs);
  return METRICS.map((metric) => {
    const [one, other] = [metricOf(before, metric), metricOf(after, metric)];
    // Idle and exposed time may be next to nothing: they must reach the share of a step, too.
    const { deltaUs, noiseUs, change } = compareTimes(
      sampleOf(before, metric),
      sampleOf(after, metric),
      { ...thresholds, minStagePct: thresholds.minChangePct, usualSpread: 0 },
      1,
      metric === "idle" || metric === "exposedComm" ? least : 0,
    );
    const pct = changePct(deltaUs, one.medianUs);
    return { metric, before: one, after: other, deltaUs, pct, noiseUs, change };
  });
}

function sampleOf(times: StepTimes, metric: MetricName): Sample {
  const medianDeviationUs = times.deviation[STEP_TIME[metric]];
  const count = measured(times, metric);
  return { ...metricOf(times, metric), count, avgUs: null, medianDeviationUs };
}

/** Of three steps or more the first has no step time and no idle ({@link StepTimes}). */
function measured({ count }: StepTimes, metric: MetricName): number {
  return count >= STEPS_TO_DROP_FIRST && (metric === "stepTime" || metric === "idle")
    ? count - 1
    : count;
}

function diffIdleCauses(
  { before, after }: StagePair,
  steps: StageDiff["steps"],
): StageDiff["idleCauses"] {
  const causes = [
    ...new Set(
      [before, after].flatMap(({ timeline }) => timeline.idleCauses.map((it) => it.cause)),
    ),
  ].sort();
  const perStep = (stage: StageReport, count: number, wanted: string): number =>
    stage.timeline.idleCauses.reduce((sum, { cause, us }) => sum + (cause === wanted ? us : 0), 0) /
    count;
  return causes.map((cause) => {
    const beforeUs = perStep(before, steps.before, cause);
    const afterUs = perStep(after, steps.after, cause);
    return { cause, beforeUs, afterUs, deltaUs: afterUs - beforeUs };
  });
}

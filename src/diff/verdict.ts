import {
  type Diff,
  isNews,
  type MetricDiff,
  type PerUnit,
  type PhaseDiff,
  type StageDiff,
  type StageVerdict,
  type VerdictChange,
} from "../model/contracts/diff.ts";
import { STAGE_TITLE } from "../model/framework.ts";
import { diffReasons, us } from "./reasons.ts";
import type { StagePair } from "./stage-totals.ts";

/** From this change of GPU time on a stage with too few steps is called slower or faster. */
const LEAST_SUM_PCT = 1;

/**
 * Slower or faster by the time of a step, else by its GPU time; where there are too few steps, by
 * what its kernels add up to.
 */
export function judgeStage(
  stage: Omit<StageDiff, "verdict">,
  { before, after }: StagePair,
): StageVerdict {
  const none = { pct: null, deltaUs: null, by: null };
  const title = STAGE_TITLE[stage.stage];
  if (JSON.stringify(before) === JSON.stringify(after))
    return { ...none, change: "identical", text: `${title}: both reports hold the same numbers.` };
  const reasons = `${fairly(stage)}${diffReasons(stage)}`;
  const byPhase = judgePhases(stage, title, reasons);
  if (byPhase !== null) return byPhase;
  const metric = deciding(stage.metrics);
  if (metric !== null) {
    const change = metric.change as VerdictChange;
    const { pct, deltaUs } = metric;
    const what = metric.metric === "stepTime" ? "a step" : "the GPU time of a step";
    const text = `${title}: ${what} is ${amount(pct, deltaUs)} ${change} (${us(metric.before.medianUs)} → ${us(metric.after.medianUs)}).${reasons}`;
    return { change, pct, deltaUs, by: metric.metric, text };
  }
  const few = stage.metrics.length === 0 || stage.metrics[0]!.change === "inconclusive";
  if (few) return judgeFew(stage, title, reasons);
  const text = `${title}: the time of a step is within noise (${signed(stage.metrics[0]!.deltaUs)}, noise ±${us(stage.metrics[0]!.noiseUs ?? 0)}).${reasons}`;
  return { ...none, change: "within-noise", text };
}

/**
 * Drafting and verifying steps one by one, where both sides have several: the median over all steps
 * is that of the phase that comes most often. Null where too few steps tell.
 */
function judgePhases(
  { phases }: Omit<StageDiff, "verdict">,
  title: string,
  reasons: string,
): StageVerdict | null {
  if (phases.length < 2 || phases.some(({ change }) => change === "inconclusive")) return null;
  const told = phases.filter(({ change }) => change === "slower" || change === "faster");
  const words = phases.map(({ phase, change, before, after, pct, deltaUs, noiseUs, kernels }) =>
    change === "slower" || change === "faster"
      ? `${phase} steps are ${amount(pct, deltaUs)} ${change} (${us(before.medianUs)} → ${us(after.medianUs)})${inKernels(kernels)}`
      : `${phase} steps are within noise (${signed(deltaUs)}, noise ±${us(noiseUs ?? 0)})`,
  );
  const changes = new Set(told.map(({ change }) => change as VerdictChange));
  const change = changes.size > 1 ? "mixed" : ([...changes][0] ?? "within-noise");
  const [most] = told.toSorted((a, b) => Math.abs(b.deltaUs) - Math.abs(a.deltaUs));
  return {
    change,
    pct: most?.pct ?? null,
    deltaUs: most?.deltaUs ?? null,
    by: most === undefined ? null : "stepTime",
    text: `${title}: ${words.join("; ")}.${reasons}`,
  };
}

const MOST_KERNELS = 3;

/** Which kernels change a phase. */
function inKernels(kernels: PhaseDiff["kernels"]): string {
  if (kernels.length === 0) return "";
  const told = kernels
    .slice(0, MOST_KERNELS)
    .map(({ shortName, deltaUs }) => `${shortName} ${signed(deltaUs)}`);
  const more = kernels.length - told.length;
  return `: ${told.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/**
 * The time of a step; its GPU time only where the noise of the step's time would have hidden as
 * much: work that ran beside the rest made no step longer.
 */
function deciding(metrics: StageDiff["metrics"]): MetricDiff | null {
  const of = (name: MetricDiff["metric"]) => metrics.find(({ metric }) => metric === name);
  const [step, gpu] = [of("stepTime"), of("gpuTime")];
  if (step === undefined || gpu === undefined) return null;
  const isTold = ({ change }: MetricDiff): boolean => change === "slower" || change === "faster";
  if (isTold(step)) return step;
  const isHidden = (step.noiseUs ?? Infinity) >= Math.abs(gpu.deltaUs);
  return isTold(gpu) && isHidden ? gpu : null;
}

/** Where steps are too few, by the GPU time: of a step as the table shows it, else of the stage. */
function judgeFew(stage: Omit<StageDiff, "verdict">, title: string, reasons: string): StageVerdict {
  const steps = `${stage.steps.before} and ${stage.steps.after} steps`;
  const step = stage.metrics.find(({ metric }) => metric === "gpuTime");
  const total = stage.totals?.find((one) => one.total === "gpuTimeUs");
  const gpu =
    step === undefined
      ? (total ?? null)
      : { ...step, beforeUs: step.before.medianUs, afterUs: step.after.medianUs };
  const none = { pct: null, deltaUs: null, by: null };
  if (gpu === null || !stage.kernels.some(isNews) || Math.abs(gpu.pct ?? 0) < LEAST_SUM_PCT)
    return {
      ...none,
      change: "inconclusive",
      text: `${title}: inconclusive, ${steps} are too few to judge the time of a step.${reasons}`,
    };
  const { pct, deltaUs } = gpu;
  const change = deltaUs > 0 ? "slower" : "faster";
  const what = step === undefined ? "the GPU time" : "the GPU time of a step";
  const text = `${title}: ${what} is ${amount(pct, deltaUs)} ${deltaUs > 0 ? "more" : "less"} (${us(gpu.beforeUs)} → ${us(gpu.afterUs)})${stepInWords(stage)}; ${steps} are too few to tell that from noise.${wholeInWords(stage)}${reasons}`;
  return { change, pct, deltaUs, by: step === undefined ? "total" : "gpuTime", text };
}

/** The step beside its GPU time: what one waits for, and the less certain of the two. */
function stepInWords({ metrics }: Omit<StageDiff, "verdict">): string {
  const step = metrics.find(({ metric }) => metric === "stepTime");
  if (step === undefined || step.deltaUs === 0) return "";
  return `, a step ${signed(step.deltaUs)} (${us(step.before.medianUs)} → ${us(step.after.medianUs)})`;
}

/** What the whole stage did, where steps are too few: what lies outside them counts, too. */
function wholeInWords({ totals }: Omit<StageDiff, "verdict">): string {
  if (totals === null) return "";
  const words: Readonly<Record<string, string>> = {
    gpuTimeUs: "GPU time",
    commUs: "communication",
    exposedCommUs: "exposed communication",
    idleUs: "idle",
  };
  const parts = totals.flatMap(({ total, deltaUs, pct }) =>
    words[total] === undefined || deltaUs === 0
      ? []
      : [
          `${words[total]} ${signed(deltaUs)}${pct === null ? "" : ` (${pct < 0 ? "−" : "+"}${Math.abs(pct).toFixed(1)}%)`}`,
        ],
  );
  return parts.length === 0
    ? ""
    : ` Over the whole stage, what lies outside its steps included: ${parts.join(", ")}.`;
}

/** Per token or layer, where a step is not the same amount of work. */
function fairly({ perToken, perLayer }: Omit<StageDiff, "verdict">): string {
  const told = (unit: string, of: PerUnit | null): string =>
    of === null
      ? ""
      : ` Per ${unit}: ${unitTime(of.beforeUs)} → ${unitTime(of.afterUs)}${of.pct === null ? "" : ` (${of.pct < 0 ? "−" : "+"}${Math.abs(of.pct).toFixed(1)}%)`}.`;
  return `${told("token", perToken)}${told("layer", perLayer)}`;
}

/** Tokens take fractions of a microsecond. */
function unitTime(time: number): string {
  return time < 10 ? `${time.toPrecision(3)} µs` : us(time);
}

/** One answer for all stages, and one paragraph. */
export function judgeAll(
  stages: readonly StageDiff[],
  onlyBefore: readonly string[],
  onlyAfter: readonly string[],
  warnings: Diff["warnings"],
): Diff["verdict"] {
  const doubt =
    warnings.length === 0
      ? []
      : [`Doubtful: ${warnings.map(({ message }) => message).join("; ")}.`];
  const alone = [
    ...onlyBefore.map((stage) => `Only before has a stage ${stage}.`),
    ...onlyAfter.map((stage) => `Only after has a stage ${stage}.`),
  ];
  if (stages.length === 0)
    return {
      change: "not-comparable",
      text: [...doubt, "The reports have no stage in common.", ...alone].join(" "),
    };
  const changes = new Set(stages.map(({ verdict }) => verdict.change));
  const order = ["mixed", "slower", "faster", "inconclusive", "within-noise", "identical"] as const;
  const change =
    changes.has("slower") && changes.has("faster")
      ? "mixed"
      : (order.find((one) => changes.has(one)) ?? "inconclusive");
  return {
    change,
    text: [...doubt, ...stages.map(({ verdict }) => verdict.text), ...alone].join(" "),
  };
}

function amount(pct: number | null, deltaUs: number): string {
  const size = us(Math.abs(deltaUs));
  return pct === null ? size : `${Math.abs(pct).toFixed(1)}% (${size})`;
}

function signed(time: number): string {
  return `${time < 0 ? "−" : "+"}${us(Math.abs(time))}`;
}

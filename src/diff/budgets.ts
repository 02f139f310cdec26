import { nearestWord } from "../base/nearest.ts";
import {
  type BudgetAnswer,
  type Diff,
  METRICS,
  type MetricName,
  type StageDiff,
} from "../model/contracts/diff.ts";
import { EXIT, TriageError } from "../model/errors.ts";
import { STAGE_WORDS, type StageName } from "../model/framework.ts";

/** A limit on a metric after, or, with a sign or a percentage, on its change. */
export interface Budget {
  readonly text: string;
  /** Null = every stage of both reports. */
  readonly stage: StageName | null;
  readonly metric: MetricName | "kernel";
  /** Kernel's name; "" for metrics. */
  readonly kernel: string;
  readonly operator: "<=" | "<" | ">=" | ">";
  readonly of: "percent" | "delta" | "value";
  /** Percent or microseconds. */
  readonly limit: number;
}

const FORM = /^(.+?)\s*(<=|>=|<|>)\s*([+-]?)(\d+(?:\.\d+)?)\s*(%|us|µs|ms)$/;
const KERNEL_FORM = /^(.+)(<=|>=|<|>)\s*([+-]?)(\d+(?:\.\d+)?)\s*(%|us|µs|ms)$/;

/**
 * Reads "[stage.]metric<=+2%", "decode.stepTime<=12ms" or "decode.kernel:NAME<+0.5us".
 *
 * @throws {TriageError} budget/syntax, budget/unknown-metric, budget/unknown-stage (exit 2)
 */
export function parseBudget(text: string): Budget {
  const trimmed = text.trim();
  // A kernel's name may hold < and >: its operator is the last one.
  const parts = (/^([a-z]+\.)?kernel:/.test(trimmed) ? KERNEL_FORM : FORM).exec(trimmed);
  if (parts === null)
    throw wrong("syntax", `'${text}' is no budget. Write [STAGE.]METRIC<=+2%, <=12ms or <+0.5us.`);
  const [, left = "", operator, sign, digits, unit] = parts;
  const [, stageWord, rest = ""] = /^(?:([A-Za-z]+)\.)?(.*)$/s.exec(left.trim()) ?? [];
  const number = Number(digits) * (sign === "-" ? -1 : 1) * (unit === "ms" ? 1000 : 1);
  return {
    text,
    stage: stageWord === undefined ? null : stageOf(stageWord),
    ...metricOf(rest),
    operator: operator as Budget["operator"],
    of: unit === "%" ? "percent" : sign === "" ? "value" : "delta",
    limit: number,
  };
}

function stageOf(word: string): StageName {
  const stage = Object.hasOwn(STAGE_WORDS, word) ? STAGE_WORDS[word] : undefined;
  if (stage !== undefined) return stage;
  const words = Object.keys(STAGE_WORDS);
  throw wrong("unknown-stage", `There is no stage '${word}'.${meant(word, words)}`);
}

function metricOf(word: string): Pick<Budget, "metric" | "kernel"> {
  if (word.startsWith("kernel:") && word.length > 7)
    return { metric: "kernel", kernel: word.slice(7).trim() };
  const metric = METRICS.find((one) => one === word);
  if (metric !== undefined) return { metric, kernel: "" };
  throw wrong("unknown-metric", `There is no metric '${word}'.${meant(word, METRICS)}`);
}

function meant(word: string, words: readonly string[]): string {
  const near = nearestWord(word, words);
  return near === null ? "" : ` Did you mean '${near}'?`;
}

function wrong(code: string, message: string): TriageError {
  return new TriageError({
    code: `budget/${code}`,
    exit: EXIT.usage,
    message,
    hint: `Metrics: ${METRICS.join(", ")}, kernel:NAME. Stages: ${Object.keys(STAGE_WORDS).join(", ")}.`,
  });
}

/** Judges medians per step. What cannot be judged has failed: a budget must not pass unseen. */
export function judgeBudget(budget: Budget, diff: Pick<Diff, "stages">): BudgetAnswer {
  const { text, stage } = budget;
  const stages = diff.stages.filter((one) => stage === null || one.stage === stage);
  if (stages.length === 0) {
    const which = stage === null ? "no stage is" : `no stage ${stage} is`;
    return { budget: text, failed: true, reason: `${which} in both reports` };
  }
  const answers = stages.map((one) => judgeIn(budget, one));
  return {
    budget: text,
    failed: answers.some(({ failed }) => failed),
    reason: answers.map(({ reason }) => reason).join("; "),
  };
}

function judgeIn(budget: Budget, stage: StageDiff): { failed: boolean; reason: string } {
  const measured = measure(budget, stage);
  if (typeof measured === "string") return { failed: true, reason: `${stage.stage}: ${measured}` };
  const { before, after } = measured;
  const change = after - before;
  const pct = before > 0 ? (100 * change) / before : change === 0 ? 0 : Infinity;
  const value = { percent: pct, delta: change, value: after }[budget.of];
  const holds = {
    "<=": value <= budget.limit,
    "<": value < budget.limit,
    ">=": value >= budget.limit,
    ">": value > budget.limit,
  }[budget.operator];
  const name = budget.metric === "kernel" ? budget.kernel : budget.metric;
  const sign = change < 0 ? "" : "+";
  const told = Number.isFinite(pct) ? `${sign}${pct.toFixed(2)}%` : "from nothing";
  return {
    failed: !holds,
    reason: `${stage.stage}.${name} ${before.toFixed(1)} → ${after.toFixed(1)} µs a step (${told})`,
  };
}

/** Microseconds of a step; text says why there are none. */
function measure(
  { metric, kernel }: Budget,
  stage: StageDiff,
): { before: number; after: number } | string {
  if (metric !== "kernel") {
    const found = stage.metrics.find((one) => one.metric === metric);
    if (found === undefined) return "no step has GPU work, so there is no time of a step";
    return { before: found.before.medianUs, after: found.after.medianUs };
  }
  const sides = stage.kernels.flatMap(({ before, after }) => [before, after]);
  const isIt = (side: (typeof sides)[number]): boolean =>
    side !== null && (side.name === kernel || side.shortName === kernel);
  if (!sides.some(isIt)) {
    const names = sides.flatMap((side) => (side === null ? [] : [side.shortName]));
    return `neither report has a kernel '${kernel}'.${meant(kernel, names)}`;
  }
  const perStep = (of: "before" | "after"): number =>
    stage.kernels.reduce((sum, row) => {
      const side = row[of];
      return isIt(side) ? sum + side!.medianUs * side!.launchesPerStep : sum;
    }, 0);
  return { before: perStep("before"), after: perStep("after") };
}

import { compareText } from "../base/compare-text.ts";
import type { Action } from "../model/contracts/action.ts";
import { usualTime } from "../model/contracts/launch-bound.ts";
import type { IdleCause, StageReport, TimelineReport } from "../model/contracts/report.ts";
import { STAGE_TITLE } from "../model/framework.ts";
import { percent } from "../model/trace/units.ts";
import { counted, share, timeInWords } from "./numbers.ts";

/** Idle share of the window from which waiting, not kernels, is what to work on. */
const MOSTLY_WAITING_PCT = 30;
/** Idle, exposure or a hole below this share is not worth a sentence. */
const WORTH_SAYING_PCT = 5;
const TOP_CATEGORIES = 3;

/**
 * One paragraph: per stage whether the GPU works or waits (said first when it waits), what takes
 * the time, and what to do first. `stages` hold every row, so that shares are whole.
 */
export function summarize(stages: readonly StageReport[], actions: readonly Action[]): string {
  const told = stages
    .filter(({ timeline }) => timeline.gpuTimeUs > 0)
    .map((stage) => stageSentences(stage, actions));
  return told.length === 0 ? "The trace holds no GPU time to sum up." : told.join(" ");
}

function stageSentences(stage: StageReport, actions: readonly Action[]): string {
  return [
    busySentence(stage),
    exposedSentence(stage.timeline),
    dominantSentence(stage),
    firstSentence(stage, actions),
  ]
    .filter((sentence) => sentence !== "")
    .join(" ");
}

/** "decode (1 step) is launch-bound: …" */
function busySentence(report: StageReport): string {
  const { stage, steps, timeline } = report;
  const subject = `${STAGE_TITLE[stage]}${steps === 0 ? "" : ` (${counted(steps, "step")})`}`;
  const { idleUs, busyUs, totalUs, holeUs, cause, causeUs } = waiting(timeline);
  const idlePct = percent(idleUs, totalUs);
  const busy = `the GPU is busy ${timeInWords(busyUs)} of ${timeInWords(totalUs)} (${share(100 - idlePct)})`;
  const hole =
    percent(holeUs, timeline.totalUs) < WORTH_SAYING_PCT
      ? ""
      : ` A hole of ${timeInWords(holeUs)} that nothing explains is left out.`;
  if (idlePct >= MOSTLY_WAITING_PCT && isOneReplay(report) && ONE_STEP.has(cause ?? "other"))
    return `${subject} is one step, in which the GPU waits ${timeInWords(causeUs)} for the host around its graph: no host bound by itself, since a scheduler that prepares the next step meanwhile may hide it in a steady run — ${busy}.${hole}`;
  if (idlePct >= MOSTLY_WAITING_PCT)
    return `${subject} ${VERDICT[cause ?? "other"](timeInWords(causeUs))} — ${busy}.${hole}`;
  const waits =
    idlePct < WORTH_SAYING_PCT || cause === null ? "" : `, idle mostly by ${CAUSE_NOUN[cause]}`;
  return `${subject}: ${busy}${waits}.${hole}`;
}

/** One step whose kernels come from a graph: what comes before it may have been prepared ahead. */
function isOneReplay({ steps, requests }: StageReport): boolean {
  return steps === 1 && requests.graphs === true;
}

const ONE_STEP: ReadonlySet<IdleCause> = new Set(["host-launch", "graph-launch"]);

const VERDICT: Record<IdleCause, (time: string) => string> = {
  "host-launch": (time) =>
    `is launch-bound: for ${time} the GPU waits for the host to launch, so fewer launches come before faster kernels`,
  "host-pause": (time) => `waits for the host to do something else: ${time} in long pauses`,
  "graph-launch": (time) =>
    `is launch-bound: for ${time} the GPU waits for graph launches, so fewer and larger graphs come before faster kernels`,
  synchronisation: (time) =>
    `is held up by synchronisation: for ${time} the GPU waits because the host waited for it`,
  hole: () => "is mostly idle",
  other: () => "is mostly idle for reasons the trace does not tell",
};

const CAUSE_NOUN: Record<IdleCause, string> = {
  "host-launch": "waiting for launches",
  "host-pause": "pauses of the host",
  "graph-launch": "graph launches",
  synchronisation: "synchronisation",
  hole: "a hole in the trace",
  other: "causes the trace does not tell",
};

/** Idle without holes, which say something about the trace and nothing about the run. */
function waiting(timeline: TimelineReport): {
  readonly idleUs: number;
  readonly busyUs: number;
  readonly totalUs: number;
  readonly holeUs: number;
  readonly cause: IdleCause | null;
  readonly causeUs: number;
} {
  const usual = usualTime(timeline);
  const holeUs = usual.idleCauses
    .filter(({ cause }) => cause === "hole")
    .reduce((sum, { us }) => sum + us, 0);
  const [largest] = usual.idleCauses
    .filter(({ cause, us }) => cause !== "hole" && us > 0)
    .sort((a, b) => b.us - a.us || compareText(a.cause, b.cause));
  return {
    idleUs: usual.idleUs - holeUs,
    totalUs: usual.totalUs - holeUs,
    busyUs: usual.busyUs,
    holeUs,
    cause: largest?.cause ?? null,
    causeUs: largest?.us ?? 0,
  };
}

function exposedSentence({ exposedCommUs, commUs, busyUs }: TimelineReport): string {
  const pct = percent(exposedCommUs, busyUs);
  if (pct < WORTH_SAYING_PCT) return "";
  return `Communication is exposed for ${timeInWords(exposedCommUs)} of its ${timeInWords(commUs)} (${share(pct)} of busy time).`;
}

function dominantSentence({ kernels }: StageReport): string {
  const pctOf = new Map<string, number>();
  for (const { category, sharePct } of kernels)
    pctOf.set(category, (pctOf.get(category) ?? 0) + sharePct);
  const categories = [...pctOf]
    .sort(([a, x], [b, y]) => y - x || compareText(a, b))
    .slice(0, TOP_CATEGORIES)
    .map(([category, pct]) => `${category} ${share(pct)}`);
  return categories.length === 0 ? "" : `GPU time goes to ${inWords(categories)}.`;
}

/** The first thing to do in the stage. */
function firstSentence({ stage }: StageReport, actions: readonly Action[]): string {
  const first = actions.find((one) => one.stage === stage);
  if (first === undefined) return "";
  const { kernelUs, gapUs, pctOfStep } = first.saves;
  const saves =
    pctOfStep === 0
      ? ""
      : ` (at most ${timeInWords(kernelUs + gapUs)}, ${share(pctOfStep)} of the step)`;
  return `First: ${first.title}${saves}.`;
}

/** "a", "a and b", "a, b and c". */
function inWords(items: readonly string[]): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} and ${items[items.length - 1]}`;
}

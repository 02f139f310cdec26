import { compareText } from "../base/compare-text.ts";
import { isNews, isOfSome, type KernelDiff, type StageDiff } from "../model/contracts/diff.ts";
import { changePct } from "./noise.ts";
import { CLOCK } from "./uniform-change.ts";

const MOST = 6;

/** A cause in words with what it adds to a step. */
interface Reason {
  readonly text: string;
  readonly deltaUs: number;
}

/**
 * Why a stage changed, the largest measured change first, in one or two sentences that follow the
 * verdict; "" where nothing is known. One cause is one line: a change of clock, kernels that gave
 * way to others of their kind, a synchronisation and the idle time it made.
 */
export function diffReasons(stage: Omit<StageDiff, "verdict">): string {
  const reasons = [
    ...uniformReason(stage),
    ...kernelReasons(stage),
    ...ruleReasons(stage),
    ...idleReason(stage),
  ].sort((a, b) => Math.abs(b.deltaUs) - Math.abs(a.deltaUs) || compareText(a.text, b.text));
  const outliers = stage.outliers.map(
    ({ side, kernel, maxUs, medianUs }) =>
      `one launch of ${kernel} ${side} took ${us(maxUs)} (median ${us(medianUs)}), an outlier`,
  );
  const shown = reasons.slice(0, MOST).map(({ text }) => text);
  const more = reasons.length - shown.length;
  const parts = [
    ...shown,
    ...(more > 0 ? [`${more} smaller change${more === 1 ? "" : "s"}`] : []),
    ...outliers,
  ];
  return parts.length === 0 ? "" : ` What changed: ${parts.join("; ")}.`;
}

function uniformReason({ uniform, kernels }: Omit<StageDiff, "verdict">): Reason[] {
  if (uniform === null) return [];
  const delta = kernels
    .filter(({ explainedBy }) => explainedBy === uniform.why)
    .reduce((sum, row) => sum + row.perStepDeltaUs, 0);
  const way = uniform.pct > 0 ? "longer" : "shorter";
  const why =
    uniform.why === CLOCK
      ? `${CLOCK}, no kernel of its own`
      : `no kernel of its own, ${uniform.why}`;
  const many = uniform.kernels.length;
  const which =
    many === uniform.of ? "every kernel takes" : `${many} of ${uniform.of} kernels take`;
  return [
    {
      text: `${which} about ${Math.abs(uniform.pct).toFixed(1)}% ${way}: ${why} (${perStep(delta)})`,
      deltaUs: delta,
    },
  ];
}

/** Kernels one by one; those that only one side has together, by category. */
function kernelReasons({ kernels }: Omit<StageDiff, "verdict">): Reason[] {
  const news = kernels.filter((row) => isNews(row) && row.explainedBy === null);
  const alone = news.filter(({ change }) => change === "appeared" || change === "vanished");
  const reasons = news
    .filter((row) => !alone.includes(row))
    .map((row) => ({ text: kernelInWords(row), deltaUs: row.perStepDeltaUs }));
  const categories = new Map<string, KernelDiff[]>();
  for (const row of alone) {
    const { category } = row.before ?? row.after!;
    categories.set(category, [...(categories.get(category) ?? []), row]);
  }
  for (const [category, rows] of categories) {
    const gone = rows.filter(({ change }) => change === "vanished");
    const come = rows.filter(({ change }) => change === "appeared");
    if (gone.length === 0 || come.length === 0 || category === "other") {
      reasons.push(
        ...rows.map((row) => ({ text: kernelInWords(row), deltaUs: row.perStepDeltaUs })),
      );
      continue;
    }
    const deltaUs = rows.reduce((sum, row) => sum + row.perStepDeltaUs, 0);
    const names = (list: readonly KernelDiff[]): string => {
      const [first] = list.map(({ before, after }) => (before ?? after!).shortName);
      return list.length === 1 ? first! : `${first} and ${list.length - 1} more`;
    };
    reasons.push({
      text: `${category}: ${names(gone)} gave way to ${names(come)} (${perStep(deltaUs)})`,
      deltaUs,
    });
  }
  return reasons;
}

function ruleReasons({ rules, kernels }: Omit<StageDiff, "verdict">): Reason[] {
  return rules.map(({ rule, before, after, change, replacedBy }) => {
    const sum = kernels
      .filter((row) => isNews(row) && row.explainedBy === rule)
      .reduce((total, row) => total + row.perStepDeltaUs, 0);
    const states =
      change === "not-judged"
        ? "cannot be judged, because another kernel stands in its place"
        : change === "replaced"
          ? `gave way to ${replacedBy}`
          : `${before ?? "not seen"} → ${after ?? "not seen"}`;
    return { text: `${rule} ${states}${sum === 0 ? "" : ` (${perStep(sum)})`}`, deltaUs: sum };
  });
}

/** Copies to the host that the host waits for. */
const TO_HOST = /DtoH/;

/** Idle time, with the copies to the host or synchronisations that came or went with it. */
function idleReason(stage: Omit<StageDiff, "verdict">): Reason[] {
  const { metrics, idleCauses, kernels, perLayer, launchRatio } = stage;
  const idle = metrics.find(({ metric }) => metric === "idle");
  if (idle === undefined) return [];
  // More layers are more gaps.
  const beyond = idle.after.medianUs - idle.before.medianUs * launchRatio;
  if (perLayer !== null && Math.abs(beyond) < BEYOND_DEPTH * Math.abs(idle.deltaUs)) return [];
  const isTold = idle.change === "slower" || idle.change === "faster";
  // What took a copy's place is none for that.
  const copiesOf = (side: "before" | "after"): number =>
    kernels.reduce((sum, { [side]: of }) => {
      return of !== null && TO_HOST.test(of.name) ? sum + of.launchesPerStep : sum;
    }, 0);
  const copies = { before: copiesOf("before"), after: copiesOf("after") };
  const fewer = copies.before - copies.after;
  const isTogether = Math.abs(fewer) >= 1 && fewer * idle.deltaUs < 0;
  const isLarge = Math.abs(idle.deltaUs) >= LARGE_IDLE_SHARE * stepTimeOf(metrics);
  if (!isTold && !(isTogether && isLarge)) return [];
  const [cause] = [...idleCauses].sort(
    (a, b) => Math.abs(b.deltaUs) - Math.abs(a.deltaUs) || compareText(a.cause, b.cause),
  );
  const mostly = cause === undefined || cause.deltaUs === 0 ? "" : `, mostly ${cause.cause}`;
  const count = (number: number): string => String(Math.round(number));
  const withCopies = isTogether
    ? `: copies to the host, for which it waits, went ${count(copies.before)} → ${count(copies.after)} a step`
    : "";
  return [{ text: `idle ${perStep(idle.deltaUs)}${mostly}${withCopies}`, deltaUs: idle.deltaUs }];
}

const LARGE_IDLE_SHARE = 0.02;
const BEYOND_DEPTH = 0.25;

function stepTimeOf(metrics: StageDiff["metrics"]): number {
  return metrics.find(({ metric }) => metric === "stepTime")?.before.medianUs ?? 0;
}

function kernelInWords(row: KernelDiff): string {
  const { change, before, after, medianPct, perStepDeltaUs } = row;
  const name = (before ?? after!).shortName;
  const delta = perStep(perStepDeltaUs);
  const isTime = change === "slower" || change === "faster";
  if (isTime && isOfSome(row)) {
    const pct = changePct(perStepDeltaUs, before!.perStepUs);
    return `some launches of ${name} ${change}, ${Math.abs(pct ?? 0).toFixed(1)}% of its time in a step (${delta})`;
  }
  const alone = before === null ? after : after === null ? before : null;
  if (alone !== null && alone.launchesPerStep === 0)
    return `${name} ${change} outside the steps (${alone.launches} launches of ${us(alone.medianUs)})`;
  if (change === "replaced") return `${name} replaced by ${after!.shortName} (${delta})`;
  if (isTime) return `${name} ${Math.abs(medianPct ?? 0).toFixed(1)}% ${change} (${delta})`;
  return `${name} ${change.replace("-", " ")} (${delta})`;
}

function perStep(time: number): string {
  return `${time < 0 ? "−" : "+"}${us(Math.abs(time))} a step`;
}

/** Times within sentences of the contract; tables format their own. */
export function us(time: number): string {
  return Math.abs(time) >= 1000 ? `${(time / 1000).toFixed(2)} ms` : `${time.toFixed(1)} µs`;
}

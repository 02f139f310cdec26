import { compareText } from "../model/compare-text.ts";
import type { KernelDiff, StageDiff } from "../model/diff.ts";
import { isNews, us } from "./words.ts";

const MOST = 4;

/** Why a stage changed, in one or two sentences that follow the verdict; "" where nothing is known. */
export function diffReasons(stage: Omit<StageDiff, "verdict">): string {
  const kernels = stage.kernels.filter((row) => isNews(row) && row.explainedBy === null);
  const rules = stage.rules.map(({ rule, before, after }) => {
    const sum = stage.kernels
      .filter((row) => isNews(row) && row.explainedBy === rule)
      .reduce((total, row) => total + row.perStepDeltaUs, 0);
    return `${rule} ${before ?? "not seen"} → ${after ?? "not seen"}${sum === 0 ? "" : ` (${perStep(sum)})`}`;
  });
  const idle = stage.metrics.find(
    ({ metric, change }) => metric === "idle" && (change === "slower" || change === "faster"),
  );
  const cause = [...stage.idleCauses].sort(
    (a, b) => Math.abs(b.deltaUs) - Math.abs(a.deltaUs) || compareText(a.cause, b.cause),
  )[0];
  const parts = [
    ...kernels.slice(0, MOST).map(kernelInWords),
    ...(kernels.length > MOST ? [`${kernels.length - MOST} more kernels`] : []),
    ...rules.slice(0, MOST),
    ...(rules.length > MOST ? [`${rules.length - MOST} more rules`] : []),
    ...(idle === undefined
      ? []
      : [`idle ${perStep(idle.deltaUs)}${cause === undefined ? "" : `, mostly ${cause.cause}`}`]),
  ];
  return parts.length === 0 ? "" : ` What changed: ${parts.join("; ")}.`;
}

function kernelInWords({ change, before, after, medianPct, perStepDeltaUs }: KernelDiff): string {
  const name = (before ?? after!).shortName;
  const delta = perStep(perStepDeltaUs);
  if (change === "replaced") return `${name} replaced by ${after!.shortName} (${delta})`;
  if (change === "slower" || change === "faster")
    return `${name} ${Math.abs(medianPct ?? 0).toFixed(1)}% ${change} (${delta})`;
  return `${name} ${change.replace("-", " ")} (${delta})`;
}

function perStep(time: number): string {
  return `${time < 0 ? "−" : "+"}${us(Math.abs(time))} a step`;
}

import type { FleetReport, LeftOnTable, SlowerKernel } from "../../model/contracts/fleet.ts";
import { counted, share, timeInWords } from "../numbers.ts";
import { comboInWords } from "./combo-cells.ts";

/** What flipped, what got slower and where most is left, a sentence each. */
export function fleetSummary(report: Omit<FleetReport, "summary">): string {
  const { builds, flips, slower, left, damaged } = report;
  const digests = builds.reduce((sum, one) => sum + one.digests, 0);
  const parts = [
    `${counted(digests, "digest")} of ${counted(builds.length, "build")}: ${counted(flips.length, "rule")} flipped, ${counted(slower.length, "kernel")} got slower beyond noise.`,
    ...slower.slice(0, 1).map(slowestInWords),
    ...left
      .filter(({ action }) => action !== null)
      .slice(0, 1)
      .map(leftInWords),
  ];
  if (builds.length === 1) parts.push("Builds are compared once there are two.");
  if (damaged.length > 0) parts.push(`Without ${counted(damaged.length, "damaged digest")}.`);
  return parts.join(" ");
}

function slowestInWords(row: SlowerKernel): string {
  const step = row.perStepUs === null ? "" : `, ${timeInWords(row.perStepUs)} a step`;
  const work =
    row.otherWork.length === 0 ? "" : `, with other ${row.otherWork.join(", ")} than before`;
  return `The costliest is ${row.shortName} on ${comboInWords(row)} from ${row.before} to ${row.after}: ${timeInWords(row.fromUs)} to ${timeInWords(row.toUs)}${step}${work}.`;
}

function leftInWords(row: LeftOnTable): string {
  return `Most is left on ${comboInWords(row)}: ${share(row.savesPct)} of a step (${row.action}).`;
}

import { compareText } from "../../base/compare-text.ts";
import { groupBy } from "../../base/group-by.ts";
import type { SlowGroup } from "../../model/contracts/ranks.ts";
import { toUs } from "../../model/trace/units.ts";
import { medianOf, ranksOfOrdered } from "../spread.ts";
import type { MatchedCollective } from "./collectives/match-collectives.ts";
import type { LabelledStage } from "./labelled-stage.ts";

/** Links differ by so much without anything being wrong. */
const LEAST_SHARE = 0.1;
const LEAST_NS = 1000;

export interface FoundGroup {
  readonly row: SlowGroup;
  /** Indexes of its ranks. */
  readonly members: readonly number[];
  /** What moving data costs it more, per step, ns. */
  readonly perStep: number;
}

/**
 * Groups in which a collective moves its data longer than in the other groups that run the same:
 * one finding for all their ranks. What others wait is no part of it.
 */
export function slowGroups(
  ranks: readonly LabelledStage[],
  collectives: readonly MatchedCollective[],
): FoundGroup[] {
  const alike = groupBy(
    [...collectives],
    ({ row, members }) => `${row.kernel}\n${row.collective}\n${members.length}`,
  );
  const found: FoundGroup[] = [];
  for (const [, same] of [...alike].sort(([a], [b]) => compareText(a, b))) {
    if (same.length < 2) continue;
    const medians = same.map(({ moving }) => medianOf(moving));
    for (const [at, { row, members, moving, step }] of same.entries()) {
      const others = medianOf(medians.filter((_, other) => other !== at));
      const longer = medians[at]! - others;
      const { p10 } = ranksOfOrdered(moving.slice().sort());
      if (longer < Math.max(LEAST_NS, LEAST_SHARE * others) || p10 <= others) continue;
      const inSteps = step.reduce((sum, one) => sum + Number(one >= 0), 0);
      const perStep = (longer * inSteps) / Math.max(1, ranks[members[0]!]!.measure.steps.count);
      found.push({
        members,
        perStep,
        row: {
          labels: members.map((rank) => ranks[rank]!.label),
          kernel: row.shortName,
          collective: row.collective,
          longerUs: toUs(longer),
          usualUs: toUs(others),
          perStepUs: toUs(perStep),
        },
      });
    }
  }
  return found;
}

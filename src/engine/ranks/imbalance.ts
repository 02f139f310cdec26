import type { Imbalance } from "../../model/contracts/ranks.ts";
import { percent, toUs } from "../../model/trace/units.ts";
import { medianOf } from "../spread.ts";
import type { MatchedCollective } from "./collectives/match-collectives.ts";
import type { LabelledStage } from "./labelled-stage.ts";
import { causedBy } from "./late-ranks.ts";

/** A rank that makes the others wait for longer is slow, which is another finding. */
const MOST_SHARE = 0.6;
/** Waiting below this share of a collective's time is jitter. */
const LEAST_WAITING_PCT = 10;
const LEAST_LAUNCHES = 4;
/** Of a step; less is not worth a line. */
const LEAST_STEP_SHARE = 0.02;

/**
 * Collectives before which now one rank, now another comes last: the work between is spread
 * unevenly from step to step. Where expert kernels of the step run longest on the rank that the
 * others wait for, routing is the cause.
 */
export function imbalances(
  ranks: readonly LabelledStage[],
  collectives: readonly MatchedCollective[],
): Imbalance[] {
  return collectives.flatMap((one) => {
    const { row, members, last, waiting } = one;
    const told = last.filter((rank) => rank >= 0);
    const waitingPct = percent(
      row.waitingUs,
      row.ranks.reduce((sum, { totalUs }) => sum + totalUs, 0),
    );
    if (told.length < LEAST_LAUNCHES || waitingPct < LEAST_WAITING_PCT) return [];
    const often = members.map((rank) => told.filter((other) => other === rank).length);
    const total = waiting.reduce((sum, ns) => sum + ns, 0);
    if (Math.max(...members.map((rank) => causedBy(one, rank))) > MOST_SHARE * total) return [];
    const steps = Math.max(1, ranks[members[0]!]!.measure.steps.count);
    const perStep = total / members.length / steps;
    const step = medianOf(ranks[members[0]!]!.measure.steps.duration);
    if (perStep < LEAST_STEP_SHARE * step) return [];
    return [
      {
        kernel: row.shortName,
        collective: row.collective,
        waitingPct,
        perStepUs: toUs(perStep),
        last: members.map((rank, m) => ({ label: ranks[rank]!.label, times: often[m]! })),
        cause: isByExperts(one) ? ("experts" as const) : ("unknown" as const),
      },
    ];
  });
}

/** True where the last rank's expert kernels before it take longer than its partners', mostly. */
function isByExperts({ members, last, experts }: MatchedCollective): boolean {
  let fits = 0;
  let asked = 0;
  for (const [at, rank] of last.entries()) {
    if (rank < 0) continue;
    const times = experts.map((all) => all[at]!);
    asked++;
    if (times[members.indexOf(rank)]! > medianOf(times)) fits++;
  }
  return asked > 0 && fits > asked / 2;
}

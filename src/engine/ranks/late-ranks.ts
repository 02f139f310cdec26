import type { LateRank, Straggler } from "../../model/contracts/ranks.ts";
import { type Nanoseconds, toUs } from "../../model/trace/units.ts";
import { medianOf } from "../spread.ts";
import type { MatchedCollective } from "./collectives/match-collectives.ts";
import type { LabelledStage } from "./labelled-stage.ts";

/** Below this share of all ranks' steps nobody needs to know who waited for whom. */
const LEAST_STEP_SHARE = 0.02;
/** With less of all waiting on its account a rank is one of several. */
const MOSTLY = 0.6;
/** A step counts from this share of the longest waiting in any. */
const LEAST_OF_LONGEST = 0.1;

/**
 * The rank that most waiting is for, where its median step does not show why: it stalls now and
 * then, or its trace is cut. So no waiting of weight stands without a reason.
 */
export function lateRanks(
  ranks: readonly LabelledStage[],
  collectives: readonly MatchedCollective[],
  stragglers: readonly Straggler[],
): LateRank[] {
  const waited = ranks.map(() => new Map<number, Nanoseconds>());
  let all = 0;
  for (const { last, waiting, members, steps } of collectives)
    for (const [at, ns] of waiting.entries()) {
      all += ns;
      const rank = last[at]!;
      if (rank < 0) continue;
      const step = steps[members.indexOf(rank)]![at]!;
      const each = ns / (members.length - 1);
      waited[rank]!.set(step, (waited[rank]!.get(step) ?? 0) + each);
    }
  const length = ranks.reduce((sum, { measure }) => sum + sumOf(measure.steps.duration), 0);
  if (all < LEAST_STEP_SHARE * length) return [];
  const caused = ranks.map((_, rank) =>
    collectives.reduce((sum, one) => sum + causedBy(one, rank), 0),
  );
  const rank = caused.indexOf(Math.max(...caused));
  const { label, isComplete, measure } = ranks[rank]!;
  if (caused[rank]! < MOSTLY * all || stragglers.some((one) => one.label === label)) return [];
  const times = [...waited[rank]!.values()];
  const longest = Math.max(...times);
  const counted = times.filter((ns) => ns >= LEAST_OF_LONGEST * longest);
  return [
    {
      label,
      steps: counted.length,
      of: measure.steps.count,
      waitingUs: toUs(medianOf(counted)),
      isComplete,
    },
  ];
}

/** What the others wait in launches to which this rank comes last, ns. */
export function causedBy({ last, waiting }: MatchedCollective, rank: number): Nanoseconds {
  return waiting.reduce((sum, ns, at) => sum + (last[at] === rank ? ns : 0), 0);
}

function sumOf(times: Float64Array): number {
  return times.reduce((sum, ns) => sum + ns, 0);
}

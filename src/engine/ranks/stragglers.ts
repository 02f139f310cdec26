import { compareText } from "../../base/compare-text.ts";
import { groupBy } from "../../base/group-by.ts";
import type { EarlyRank, RankLoss, Straggler } from "../../model/contracts/ranks.ts";
import { type Nanoseconds, percent, toUs } from "../../model/trace/units.ts";
import { COMMUNICATION_CATEGORIES } from "../overlap/work-kind.ts";
import { medianOf, ranksOfOrdered } from "../spread.ts";
import { alignSteps } from "./align-steps.ts";
import type { MatchedCollective } from "./collectives/match-collectives.ts";
import type { LabelledStage } from "./labelled-stage.ts";
import { causedBy } from "./late-ranks.ts";
import type { RankSums } from "./rank-sums.ts";
import type { FoundGroup } from "./slow-groups.ts";
import { uniformLoss } from "./uniform-loss.ts";

/** Two runs of one rank differ by about this much of a step; less is never called slow. */
const NOISE_SHARE = 0.01;
/** Too few steps show nothing of how much a step varies. */
const FEW_STEPS = 3;
const FEW_STEPS_NOISE_SHARE = 0.05;
/** Losses below this share of the whole are not told. */
const LEAST_LOSS_SHARE = 0.05;
const MOST_LOSSES = 8;
/** A collective waits for the rank that causes more than this share of its waiting. */
const MOSTLY = 0.5;

interface StragglerInput {
  readonly ranks: readonly LabelledStage[];
  /** By rank, what each of its steps takes without waiting, ns. */
  readonly own: readonly Float64Array[];
  readonly sums: RankSums;
  /** By rank, by step: whether its waiting is known. */
  readonly usable: readonly Uint8Array[];
  /** By rank, its place in the pipeline: stages of different size are compared nowhere. */
  readonly places: readonly number[];
  readonly groups: readonly FoundGroup[];
  readonly collectives: readonly MatchedCollective[];
}

/**
 * Ranks whose own time per step is longer than the others' beyond noise: the largest of one percent
 * (five where there are fewer than three steps), half of what the difference varies over the steps
 * (p10 to p90), and the median deviation among the others. What a slow group's links cost is that
 * group's finding and no rank's.
 */
export function stragglers(input: StragglerInput): Compared {
  const { ranks, places } = input;
  // A step cut short says nothing of how fast its rank is.
  const whole = ranks.flatMap(({ isComplete, measure }, at) =>
    isComplete && measure.steps.count > 0 ? [at] : [],
  );
  const compared = [...groupBy(whole, (at) => places[at]!).values()].flatMap((peers) =>
    peers.length < 2 ? [] : [slowOf(input, peers)],
  );
  return {
    slow: compared.flatMap(({ slow }) => slow),
    early: compared.flatMap(({ early }) => early),
  };
}

/** What comparing ranks of one place in the pipeline found. */
interface Compared {
  readonly slow: readonly Straggler[];
  /** Ranks with less to do; where some are slow, all others have. */
  readonly early: readonly EarlyRank[];
}

function slowOf(input: StragglerInput, peers: readonly number[]): Compared {
  const { ranks, own, sums, groups, usable } = input;
  const aligned = alignSteps(ranks, peers, sums);
  const known = [...aligned[0]!.keys()].filter((at) =>
    peers.every((rank, peer) => usable[rank]![aligned[peer]![at]!] === 1),
  );
  const positions = aligned.map((steps) => Int32Array.from(known, (at) => steps[at]!));
  const links = peers.map((rank) =>
    groups.reduce((sum, { members, perStep }) => sum + (members.includes(rank) ? perStep : 0), 0),
  );
  const times = peers.map((rank, at) =>
    Float64Array.from(positions[at]!, (step) => own[rank]![step]! - links[at]!),
  );
  if (times[0]!.length === 0) return { slow: [], early: [] };
  const compared = peers.map((rank, at) => perStep(ranks[rank]!, positions[at]!));
  const early: EarlyRank[] = [];
  const slow = peers.flatMap((rank, at) => {
    const others = times.filter((_, other) => other !== at);
    const usual = times[at]!.map((_, step) => medianOf(others.map((one) => one[step]!)));
    const slower = times[at]!.map((time, step) => time - usual[step]!);
    const by = medianOf(slower);
    const noise = noiseOf(slower, usual, others);
    if (by < -noise)
      early.push({
        label: ranks[rank]!.label,
        fasterByUs: toUs(-by),
        batch: otherBatch(ranks, peers, rank),
      });
    if (by <= noise) return [];
    const uniform = uniformLoss(
      compared[at]!.kernels,
      compared.filter((_, other) => other !== at).map(({ kernels }) => kernels),
    );
    return [
      {
        label: ranks[rank]!.label,
        waitedForIn: waitedFor(input, rank),
        batch: otherBatch(ranks, peers, rank),
        slowerByUs: toUs(by),
        slowerByPct: percent(by, medianOf(usual)),
        noiseUs: toUs(noise),
        uniformPct: uniform === null ? null : 100 * uniform,
        losses: lossesOf(compared, at, by),
      },
    ];
  });
  return { slow, early: slow.length === 0 ? early : [] };
}

/** The collective in which the others wait most for a rank that mostly comes last. */
function waitedFor({ collectives }: StragglerInput, rank: number): string | null {
  const found = collectives.find((one) => {
    const total = one.waiting.reduce((sum, ns) => sum + ns, 0);
    return total > 0 && causedBy(one, rank) > MOSTLY * total;
  });
  return found?.row.shortName ?? null;
}

function otherBatch(
  ranks: readonly LabelledStage[],
  peers: readonly number[],
  rank: number,
): string | null {
  const batch = (at: number): number | null => ranks[at]!.measure.requests.batch;
  const others = peers.filter((at) => at !== rank).flatMap((at) => batch(at) ?? []);
  const own = batch(rank);
  if (own === null || others.length === 0 || own === medianOf(others)) return null;
  return `${own} requests a step, the others ${medianOf(others)}`;
}

function noiseOf(
  slower: Float64Array,
  usual: Float64Array,
  others: readonly Float64Array[],
): Nanoseconds {
  const { p10, p90 } = ranksOfOrdered(withoutEnds(slower).sort());
  const middles = others.map(medianOf);
  const middle = medianOf(middles);
  const apart = medianOf(middles.map((time) => Math.abs(time - middle)));
  const share = slower.length < FEW_STEPS ? FEW_STEPS_NOISE_SHARE : NOISE_SHARE;
  return Math.max(share * medianOf(usual), (p90 - p10) / 2, apart);
}

/** A cold first step and a cut last one say nothing of how much steps vary. */
function withoutEnds(times: Float64Array): Float64Array {
  return times.length < 2 * FEW_STEPS - 1 ? times.slice() : times.slice(1, -1);
}

/** By category and by kernel, of one step. */
interface StepParts {
  readonly categories: ReadonlyMap<string, Nanoseconds>;
  readonly kernels: ReadonlyMap<string, Nanoseconds>;
}

function perStep({ measure }: LabelledStage, steps: Int32Array): StepParts {
  const middle = (times: Float64Array) => medianOf(Float64Array.from(steps, (at) => times[at]!));
  const categories = new Map<string, Nanoseconds>([["idle", middle(measure.steps.idle)]]);
  for (const [category, times] of measure.categories)
    if (!COMMUNICATION_CATEGORIES.has(category)) categories.set(category, middle(times));
  const kernels = new Map<string, Nanoseconds>();
  for (const { category, name, ns } of measure.kernels) kernels.set(`${category}\n${name}`, ns);
  return { categories, kernels };
}

/** By category, then the kernels of those that lose, per step against the others' median. */
function lossesOf(parts: readonly StepParts[], rank: number, by: Nanoseconds): RankLoss[] {
  const least = LEAST_LOSS_SHARE * by;
  const lost = (key: keyof StepParts) =>
    [...parts[rank]![key]]
      .map(([name, time]) => {
        const others = parts.filter((_, other) => other !== rank);
        return { key: name, ns: time - medianOf(others.map((of) => of[key].get(name) ?? 0)) };
      })
      .filter(({ ns }) => ns > least)
      .sort((a, b) => b.ns - a.ns || compareText(a.key, b.key));
  const byKernel = lost("kernels");
  return lost("categories")
    .flatMap(({ key, ns }): RankLoss[] => [
      { category: key, kernel: null, us: toUs(ns) },
      ...byKernel
        .filter((kernel) => kernel.key.startsWith(`${key}\n`))
        .map((kernel) => ({
          category: key,
          kernel: kernel.key.slice(key.length + 1),
          us: toUs(kernel.ns),
        })),
    ])
    .slice(0, MOST_LOSSES);
}

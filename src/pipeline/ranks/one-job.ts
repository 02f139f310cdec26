import type { RankIdentity } from "../../engine/ranks/rank-measure.ts";
import type { LabelledRank } from "../../engine/ranks/side-by-side.ts";
import type { RanksReport } from "../../model/contracts/ranks.ts";

type Remark = RanksReport["remarks"][number];

/** Recordings of one job begin within this much of each other, whatever their clocks. */
const MOST_APART_US = 60e6;
/** Times of day count from 1970: smaller bases are relative to something else. */
const LEAST_ABSOLUTE_US = 1e15;

const FACTS: readonly (readonly [keyof RankIdentity, string])[] = [
  ["engine", "engine"],
  ["model", "model"],
  ["gpu", "GPU"],
  ["driver", "driver"],
];

/** What of the ranks must be of one job and is not. */
interface JobDoubts {
  readonly remarks: readonly Remark[];
  /** Why comparing them would say nothing; null where they may be compared. */
  readonly doubt: string | null;
}

/** Compares what ranks tell of their job: engine, model, GPU, driver, world size, time. */
export function jobDoubts(ranks: readonly LabelledRank[]): JobDoubts {
  const remarks: Remark[] = [];
  const reasons: string[] = [];
  const tell = (what: string, of: (one: LabelledRank) => string | null, isGrave: boolean): void => {
    const values = new Map<string, string[]>();
    for (const one of ranks) {
      const value = of(one);
      if (value !== null) values.set(value, [...(values.get(value) ?? []), one.label]);
    }
    if (values.size < 2) return;
    const parts = [...values].map(([value, labels]) => `${value} on rank ${labels.join(", ")}`);
    remarks.push({
      code: "ranks/not-one-run",
      message: `the ranks are not of one run: ${what} ${parts.join("; ")}`,
    });
    if (isGrave) reasons.push(`the ranks are not of one run (${what} differs)`);
  };
  tell("world size", ({ measure }) => textOf(measure.worldSize), true);
  for (const [key, words] of FACTS)
    tell(words, ({ measure }) => measure.identity[key], key !== "driver");
  for (const { label, measure } of ranks)
    if (measure.rank !== null && measure.worldSize !== null && measure.rank >= measure.worldSize)
      remarks.push({
        code: "ranks/not-one-run",
        message: `rank ${label} does not exist in its world of ${measure.worldSize}`,
      });
  const apart = farApart(ranks);
  if (apart !== null) {
    remarks.push({ code: "ranks/not-one-run", message: apart });
    reasons.push("the ranks were recorded at different times");
  }
  return { remarks, doubt: reasons[0] ?? null };
}

function textOf(value: number | null): string | null {
  return value === null ? null : String(value);
}

function farApart(ranks: readonly LabelledRank[]): string | null {
  const told = ranks.filter(({ measure }) => measure.window.fromUs > LEAST_ABSOLUTE_US);
  const ordered = [...told].sort((a, b) => a.measure.window.fromUs - b.measure.window.fromUs);
  for (const [at, later] of ordered.entries()) {
    const before = ordered[at - 1];
    if (before === undefined) continue;
    const us = later.measure.window.fromUs - before.measure.window.toUs;
    if (us > MOST_APART_US)
      return `rank ${later.label} was recorded ${Math.round(us / 1e6)} s after rank ${before.label} had ended`;
  }
  return null;
}

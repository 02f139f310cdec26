import type { RankIdentity } from "../../engine/ranks/rank-measure.ts";
import type { Doubts, LabelledRank } from "../../engine/ranks/side-by-side.ts";
import type { RanksReport } from "../../model/contracts/ranks.ts";
import { percent } from "../../model/trace/units.ts";

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
  ["runtime", "CUDA or HIP runtime"],
];

/** Nodes of one job may differ in these. */
const SOFTWARE: ReadonlySet<string> = new Set(["driver", "runtime"]);

/** What of the ranks must be of one job and is not. */
interface JobDoubts {
  readonly remarks: readonly Remark[];
  readonly doubts: Doubts;
  /** How far apart they were recorded, in words; null where that is no matter. */
  readonly apart: string | null;
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
      code: isGrave ? "ranks/not-one-run" : "ranks/software",
      message: `${isGrave ? "the ranks are not of one run" : "the ranks run different software"}: ${what} ${parts.join("; ")}`,
    });
    if (isGrave) reasons.push(`the ranks are not of one run (${what} differs)`);
  };
  tell("world size", ({ measure }) => textOf(measure.worldSize), true);
  for (const [key, words] of FACTS)
    tell(words, ({ measure }) => measure.identity[key], !SOFTWARE.has(key));
  for (const { label, measure } of ranks)
    if (measure.rank !== null && measure.worldSize !== null && measure.rank >= measure.worldSize)
      remarks.push({
        code: "ranks/not-one-run",
        message: `rank ${label} does not exist in its world of ${measure.worldSize}`,
      });
  const apart = farApart(ranks);
  remarks.push(...otherKernels(ranks));
  return {
    remarks,
    doubts: {
      doubt: reasons[0] ?? null,
      apart: apart === null ? null : "the ranks were recorded at different times",
    },
    apart,
  };
}

/** Of a rank's kernel time; the first and last stage of a pipeline have less of their own. */
const MOSTLY = 0.5;

/** Ranks most of whose kernel time is in kernels that no other rank runs. */
function otherKernels(ranks: readonly LabelledRank[]): Remark[] {
  const timesOf = ({ measure }: LabelledRank) =>
    new Map(measure.stages.flatMap(({ kernels }) => kernels.map(({ name, ns }) => [name, ns])));
  const all = ranks.map(timesOf);
  return ranks.flatMap(({ label }, at) => {
    let [own, total] = [0, 0];
    for (const [name, ns] of all[at]!) {
      total += ns;
      if (!all.some((other, rank) => rank !== at && other.has(name))) own += ns;
    }
    if (ranks.length < 2 || own <= MOSTLY * total) return [];
    return [
      {
        code: "ranks/other-kernels",
        message: `rank ${label} spends ${percent(own, total).toFixed(0)}% of its kernel time in kernels that no other rank runs: another model, another build, or another part of the model`,
      },
    ];
  });
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

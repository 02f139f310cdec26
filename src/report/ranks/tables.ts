import type { RankRow, RanksCollective, RanksStage } from "../../model/ranks.ts";
import { count, share, timeFormatFor, timeInWords } from "../numbers.ts";
import { type Cell, cell, type Line, left, NOTHING, right, span, type Table } from "../table.ts";

/** A stage's tables: ranks, who is slow, collectives. */
export function ranksTables(stage: RanksStage): readonly Table[] {
  const isSlow = new Set(stage.stragglers.map(({ label }) => label));
  return [rankTable(stage, isSlow), stragglerTable(stage), collectiveTable(stage)];
}

/** Per step, so that ranks with more steps compare. */
function rankTable({ ranks }: RanksStage, isSlow: ReadonlySet<string>): Table {
  const largest = Math.max(...ranks.map(({ step, gpuTimeUs }) => step?.medianUs ?? gpuTimeUs));
  const time = timeFormatFor(largest);
  const each = ({ steps }: RankRow, us: number): Cell => cell(span(time(us / Math.max(1, steps))));
  return {
    title: "Ranks (per step)",
    columns: [
      left("Rank"),
      ...["Steps", "Step", "Own", "GPU time", "Busy", "Idle", "Compute"].map(right),
      ...["Comm", "Exposed", "Waiting"].map(right),
    ],
    foldOrder: [],
    rows: ranks.map((row) => [
      cell(span(row.label, isSlow.has(row.label) ? "bad" : "plain")),
      cell(span(count(row.steps))),
      row.step === null ? NOTHING : cell(span(time(row.step.medianUs))),
      row.ownStep === null ? NOTHING : cell(span(time(row.ownStep.medianUs))),
      each(row, row.gpuTimeUs),
      each(row, row.busyUs),
      each(row, row.idleUs),
      each(row, row.computeUs),
      each(row, row.commUs),
      each(row, row.exposedCommUs),
      each(row, row.waitingUs),
    ]),
    empty: "No rank has this stage.",
    cut: 0,
  };
}

function stragglerTable({ stragglers }: RanksStage): Table {
  return {
    title: "Stragglers (per step)",
    columns: [left("Rank"), right("Slower by"), right("Noise"), left("Where")],
    foldOrder: [],
    rows: stragglers.map(({ label, slowerByUs, slowerByPct, noiseUs, losses }) => [
      cell(span(label, "bad")),
      cell(span(`${timeInWords(slowerByUs)} (${share(slowerByPct)})`)),
      cell(span(timeInWords(noiseUs))),
      losses.length === 0
        ? NOTHING
        : losses.map(
            ({ category, kernel, us }): Line => [
              span(`+${timeInWords(us)} `),
              kernel === null ? span(category, "strong") : span(kernel, "code"),
            ],
          ),
    ]),
    empty: "No rank is slower than the others beyond noise.",
    cut: 0,
  };
}

function collectiveTable({ collectives }: RanksStage): Table {
  const time = timeFormatFor(Math.max(0, ...collectives.map(({ movingUs }) => movingUs)));
  const one = timeFormatFor(Math.max(0, ...collectives.map(({ medianUs }) => medianUs)));
  return {
    title: "Collectives (waiting is time beyond the rank that came last)",
    columns: [
      left("Kernel", { min: 24 }),
      ...["Matched", "Min", "Median", "Max", "Moving"].map(right),
      left("Waiting by rank (share of its time, how often last)", { min: 30, fold: "waits" }),
    ],
    foldOrder: [6],
    rows: collectives.map((row) => [
      [[span(row.shortName, "code"), ...groupOf(row)]],
      cell(span(count(row.matched))),
      cell(span(one(row.minUs))),
      cell(span(one(row.medianUs))),
      cell(span(one(row.maxUs))),
      cell(span(time(row.movingUs))),
      row.ranks.map(
        ({ label, waitingUs, waitingPct, last }): Line => [
          span(
            `rank ${label}: ${timeInWords(waitingUs)} (${share(waitingPct)}), last ${count(last)}×`,
          ),
        ],
      ),
    ]),
    empty: "No collective is on two ranks.",
    cut: 0,
  };
}

function groupOf({ group }: RanksCollective): Line {
  return group === null ? [] : [span(` ${group}`, "dim")];
}

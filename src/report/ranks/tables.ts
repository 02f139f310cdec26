import type {
  CollectiveRank,
  RankRow,
  RanksCollective,
  RanksStage,
  RanksView,
} from "../../model/contracts/ranks.ts";
import { count, share, timeFormatFor, timeInWords } from "../numbers.ts";
import { type Cell, cell, type Line, left, NOTHING, right, span, type Table } from "../table.ts";

/** A stage's tables: ranks, who is slow, collectives. */
export function ranksTables(stage: RanksStage): readonly Table[] {
  const isSlow = new Set(stage.stragglers.map(({ label }) => label));
  return [
    rankTable(stage, isSlow),
    stragglerTable(stage),
    ...stage.views.map(viewTable),
    ...(stage.pipeline.length === 0 ? [] : [pipelineTable(stage)]),
    collectiveTable(stage),
    ...(stage.transfers.length === 0 ? [] : [transferTable(stage)]),
  ];
}

/** More rows are no table to read: the slowest stand there, the heat map and JSON have all. */
const MANY = 32;

/** The first rows of many, and how many there are besides. */
function firstOf(rows: Table["rows"], what: string): Pick<Table, "rows" | "note"> {
  const left = rows.length - MANY;
  if (left <= 0) return { rows };
  return {
    rows: rows.slice(0, MANY),
    note: `${count(left)} more ${what}: as JSON, ranks on the HTML page's map, too`,
  };
}

/** Per step, so that ranks with more steps compare. */
function rankTable({ ranks: inOrder }: RanksStage, isSlow: ReadonlySet<string>): Table {
  const isMany = inOrder.length > MANY;
  const own = ({ ownStep }: RankRow): number => ownStep?.medianUs ?? -1;
  const ranks = isMany ? [...inOrder].sort((a, b) => own(b) - own(a)) : inOrder;
  const largest = Math.max(...ranks.map(({ step, gpuTimeUs }) => step?.medianUs ?? gpuTimeUs));
  const time = timeFormatFor(largest);
  const median = (us: number | undefined): Cell =>
    us === undefined ? NOTHING : cell(span(time(us)));
  return {
    title: `Ranks (per step, medians${isMany ? "; the slowest first" : ""})`,
    columns: [
      left("Rank"),
      ...["Steps", "Step", "Own", "GPU time", "Busy", "Idle", "Compute"].map(right),
      ...["Comm", "Exposed", "Waiting"].map(right),
    ],
    foldOrder: [],
    ...firstOf(
      ranks.map((row) => [
        cell(span(row.label, isSlow.has(row.label) ? "bad" : "plain")),
        cell(span(count(row.steps))),
        row.step === null ? NOTHING : cell(span(time(row.step.medianUs))),
        row.ownStep === null ? NOTHING : cell(span(time(row.ownStep.medianUs))),
        median(row.perStep?.gpuTimeUs),
        median(row.perStep?.busyUs),
        median(row.perStep?.idleUs),
        median(row.perStep?.computeUs),
        median(row.perStep?.commUs),
        median(row.perStep?.exposedCommUs),
        median(row.perStep?.waitingUs),
      ]),
      "ranks",
    ),
    empty: "No rank has this stage.",
    cut: 0,
  };
}

function stragglerTable({
  stragglers,
  notJudged,
  slowGroups,
  imbalances,
  late,
  pipeline,
}: RanksStage): Table {
  return {
    title: "Stragglers (per step)",
    columns: [left("Rank"), right("Slower by"), right("Noise"), left("Where")],
    foldOrder: [],
    ...firstOf(
      stragglers.map(({ label, slowerByUs, slowerByPct, noiseUs, losses }) => [
        cell(span(label, "bad")),
        cell(span(`${timeInWords(slowerByUs)} (${share(slowerByPct)})`)),
        cell(span(timeInWords(noiseUs))),
        losses.length === 0
          ? NOTHING
          : losses
              .slice(0, stragglers.length > MANY / 4 ? 3 : losses.length)
              .map(
                ({ category, kernel, us }): Line => [
                  span(`+${timeInWords(us)} `),
                  kernel === null ? span(category, "strong") : span(kernel, "code"),
                ],
              ),
      ]),
      "stragglers",
    ),
    empty:
      notJudged !== null
        ? `Cannot be judged, because ${notJudged}.`
        : slowGroups.length + imbalances.length + late.length > 0
          ? "No single rank is slower than the others; see the summary."
          : pipeline.length === 0
            ? "No rank is slower than the others beyond noise."
            : "No rank is slower than others of its pipeline stage; see the summary.",
    cut: 0,
  };
}

function collectiveTable({ ranks, collectives }: RanksStage): Table {
  const isMany = ranks.length > MANY;
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
    ...firstOf(
      collectives.map((row) => [
        [[span(row.shortName, "code"), ...groupOf(row)]],
        cell(span(count(row.matched))),
        cell(span(one(row.minUs))),
        cell(span(one(row.medianUs))),
        cell(span(one(row.maxUs))),
        cell(span(time(row.movingUs))),
        waitingCell(row.ranks, isMany),
      ]),
      "collectives",
    ),
    empty: "No collective is on two ranks.",
    cut: 0,
  };
}

/** Of many ranks those that came last most often, then what the others wait. */
function waitingCell(ranks: readonly CollectiveRank[], isMany: boolean): Cell {
  const told = ({ label, waitingUs, waitingPct, last }: CollectiveRank): Line => [
    span(`rank ${label}: ${timeInWords(waitingUs)} (${share(waitingPct)}), last ${count(last)}×`),
  ];
  if (ranks.length <= (isMany ? MOST_WAITS + 1 : MANY / 2)) return ranks.map(told);
  const ordered = [...ranks].sort((a, b) => b.last - a.last || a.waitingUs - b.waitingUs);
  const others = ordered.slice(MOST_WAITS).map(({ waitingUs }) => waitingUs);
  const [least, most] = [Math.min(...others), Math.max(...others)];
  return [
    ...ordered.slice(0, MOST_WAITS).map(told),
    [
      span(
        `${count(others.length)} more ranks: ${timeInWords(least)} to ${timeInWords(most)}`,
        "dim",
      ),
    ],
  ];
}

const MOST_WAITS = 3;

/** One line for each node or process group. */
function viewTable({ kind, from, parts }: RanksView): Table {
  const time = timeFormatFor(Math.max(0, ...parts.map(({ stepUs }) => stepUs ?? 0)));
  const told = (us: number | null): Cell => (us === null ? NOTHING : cell(span(time(us))));
  const isMany = parts.length > MANY;
  const ordered = isMany
    ? [...parts].sort((a, b) => (b.slowerByPct ?? -1) - (a.slowerByPct ?? -1))
    : parts;
  return {
    title: `By ${kind} (${from}; per step, medians over ranks${isMany ? "; the slowest first" : ""})`,
    columns: [
      left(kind === "node" ? "Node" : "Ranks"),
      ...["Ranks", "Step", "Own", "Waiting", "Against the others", "Slowest rank"].map((title) =>
        right(title),
      ),
    ],
    foldOrder: [],
    ...firstOf(
      ordered.map((part) => [
        cell(span(part.name, part.isSlow ? "bad" : "plain")),
        cell(span(count(part.labels.length))),
        told(part.stepUs),
        told(part.ownUs),
        told(part.waitingUs),
        part.slowerByPct === null
          ? NOTHING
          : cell(span(signed(part.slowerByPct), part.isSlow ? "bad" : "plain")),
        part.slowest === null ? NOTHING : cell(span(part.slowest)),
      ]),
      "parts",
    ),
    empty: "",
    cut: 0,
  };
}

function signed(pct: number): string {
  return `${pct < 0 ? "−" : "+"}${share(Math.abs(pct))}`;
}

function pipelineTable({ pipeline }: RanksStage): Table {
  const time = timeFormatFor(Math.max(...pipeline.map(({ workUs }) => workUs)));
  return {
    title: "Pipeline (per step, medians)",
    columns: [right("Stage"), left("Ranks"), right("Work"), right("Bubble")],
    foldOrder: [],
    rows: pipeline.map(({ stage, labels, workUs, bubbleUs, bubblePct }) => [
      cell(span(count(stage))),
      cell(span(labels.join(", "))),
      cell(span(time(workUs))),
      cell(span(`${time(bubbleUs)} (${share(bubblePct)})`)),
    ]),
    empty: "",
    cut: 0,
  };
}

function transferTable({ transfers }: RanksStage): Table {
  const time = timeFormatFor(Math.max(0, ...transfers.map(({ movingUs }) => movingUs)));
  return {
    title: "Transfers between two ranks",
    columns: [
      left("Kernel", { min: 24 }),
      ...["From", "To", "Matched", "Moving", "Sender waits", "Receiver waits"].map(right),
    ],
    foldOrder: [],
    rows: transfers.map((row) => [
      cell(span(row.kernel, "code")),
      cell(span(row.from)),
      cell(span(row.to)),
      cell(span(count(row.matched))),
      cell(span(time(row.movingUs))),
      cell(span(time(row.senderWaitsUs))),
      cell(span(time(row.receiverWaitsUs))),
    ]),
    empty: "",
    cut: 0,
  };
}

function groupOf({ group }: RanksCollective): Line {
  return group === null ? [] : [span(` ${group}`, "dim")];
}

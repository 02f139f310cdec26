import type { RankRow, RanksStage } from "../../model/contracts/ranks.ts";
import type { Block } from "../document/block.ts";
import { share, timeInWords } from "../numbers.ts";

/** Own time of a step beyond the fastest half's: as dark as it gets from here on. */
const DARKEST = 0.2;
/** Collectives shown: those with the longest waiting. */
const MOST_COLLECTIVES = 8;

interface Column {
  readonly title: string;
  readonly of: (row: RankRow) => { readonly level: number | null; readonly title: string };
}

/** Every rank in a line: how its own step stands against the others', and where it waits. */
export function rankMap(stage: RanksStage): readonly Block[] {
  const { ranks } = stage;
  if (ranks.length < 2) return [];
  const columns = [ownColumn(ranks), ...shareColumns(), ...collectiveColumns(stage)];
  return [
    {
      kind: "heat",
      heading: `Ranks: own step against the median (full at +${100 * DARKEST}%), what of a step is idle, exposed communication and waiting, and what of each collective is waiting`,
      columns: columns.map(({ title }) => title),
      rows: ranks.map((row) => ({
        title: `rank ${row.label}`,
        cells: columns.map(({ title, of }) => {
          const { level, title: said } = of(row);
          return { level, title: `${title}: ${said}` };
        }),
      })),
      table: null,
    },
  ];
}

function ownColumn(ranks: readonly RankRow[]): Column {
  const times = ranks.flatMap(({ ownStep }) => ownStep?.medianUs ?? []).sort((a, b) => a - b);
  const usual = times[(times.length - 1) >> 1] ?? 0;
  return {
    title: "own step",
    of: ({ ownStep }) =>
      ownStep === null || usual === 0
        ? { level: null, title: "not known" }
        : {
            level: within((ownStep.medianUs / usual - 1) / DARKEST),
            title: timeInWords(ownStep.medianUs),
          },
  };
}

function shareColumns(): readonly Column[] {
  const column = (title: string, key: "idleUs" | "exposedCommUs" | "waitingUs"): Column => ({
    title,
    of: ({ step, perStep }) => {
      if (step === null || perStep === null || step.medianUs === 0)
        return { level: null, title: "not known" };
      return {
        level: within(perStep[key] / step.medianUs),
        title: `${timeInWords(perStep[key])} a step`,
      };
    },
  });
  return [
    column("idle", "idleUs"),
    column("exposed", "exposedCommUs"),
    column("waiting", "waitingUs"),
  ];
}

/** Groups of one kind that run the same collective share a column. */
function collectiveColumns({ collectives, views }: RanksStage): readonly Column[] {
  const kindOf = new Map(
    views
      .filter(({ kind }) => kind !== "node")
      .flatMap(({ kind, parts }) => parts.map(({ labels }) => [labels.join(), kind] as const)),
  );
  const nameOf = ({ collective, shortName, ranks }: RanksStage["collectives"][number]): string => {
    const kind = kindOf.get(ranks.map(({ label }) => label).join());
    return `${collective ?? shortName}${kind === undefined ? "" : ` ${kind}`}`;
  };
  const names = [...new Set(collectives.map(nameOf))].slice(0, MOST_COLLECTIVES);
  return names.map((name) => {
    const own = collectives.filter((one) => nameOf(one) === name).flatMap(({ ranks }) => ranks);
    return {
      title: name,
      of: ({ label }) => {
        const mine = own.filter((one) => one.label === label);
        const total = mine.reduce((sum, { totalUs }) => sum + totalUs, 0);
        if (total === 0) return { level: null, title: "not run" };
        const waiting = mine.reduce((sum, { waitingUs }) => sum + waitingUs, 0);
        return {
          level: within(waiting / total),
          title: `waits ${timeInWords(waiting)} (${share((100 * waiting) / total)})`,
        };
      },
    };
  });
}

function within(level: number): number {
  return Math.min(1, Math.max(0, level));
}

import { groupBy } from "../../base/group-by.ts";
import type { LeftOut, RanksReport, RanksStage, RankTrace } from "../../model/contracts/ranks.ts";
import { timeInWords } from "../numbers.ts";

interface RemarksInput {
  readonly traces: readonly RankTrace[];
  readonly stages: readonly RanksStage[];
  readonly older: readonly {
    readonly label: string;
    readonly path: string;
    readonly isCopy: boolean;
  }[];
  readonly aside: readonly { readonly path: string; readonly problem: string }[];
  /** Null where the clocks agree that the ranks ran together. */
  readonly apart: { readonly words: string; readonly isOneRun: boolean } | null;
  readonly differing: { readonly steps: number; readonly of: number } | null;
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  readonly worldSizes: readonly (number | null)[];
}

/** What limits the comparison, the weightiest first. */
export function ranksRemarks(input: RemarksInput): RanksReport["remarks"] {
  const { traces, stages, older, aside, worldSizes, skipped } = input;
  const told = traces.flatMap(({ label, state, problem }) =>
    state === "complete"
      ? []
      : [
          state === "partial"
            ? {
                code: "ranks/partial",
                message: `rank ${label} is shown up to its damage and not judged: ${problem}`,
              }
            : { code: "ranks/unreadable", message: `rank ${label} is left out: ${problem}` },
        ],
  );
  return [
    ...timesApart(input),
    ...told,
    ...missing(traces, worldSizes),
    ...older.map(({ label, path, isCopy }) => ({
      code: isCopy ? "ranks/copy" : "ranks/older",
      message: isCopy
        ? `${path} is left out: it holds the same recording of rank ${label} as the file that counts`
        : `${path} is left out: a newer trace of rank ${label} and the same stage is here`,
    })),
    ...aside.map(({ path, problem }) => ({
      code: "ranks/no-gpu",
      message: `${path} is no rank's trace and left out: ${problem}`,
    })),
    ...skipped.map(({ path, reason }) => ({
      code: "ranks/skipped",
      message: `${path} is no trace: ${reason}`,
    })),
    ...stagesDiffer(input),
    ...stages.flatMap(batches),
    ...stages.flatMap(leftOut),
    ...unproven(stages),
  ];
}

function timesApart({ apart }: RemarksInput): RanksReport["remarks"] {
  if (apart === null) return [];
  return apart.isOneRun
    ? [
        {
          code: "ranks/clocks",
          message: `the hosts' clocks are far apart (${apart.words}), yet the collectives of all ranks end together: it is one run`,
        },
      ]
    : [{ code: "ranks/not-one-run", message: apart.words }];
}

function stagesDiffer({ differing }: RemarksInput): RanksReport["remarks"] {
  if (differing === null) return [];
  const { steps, of } = differing;
  return [
    {
      code: "ranks/stages-differ",
      message: `in ${steps} of ${of} iterations the ranks do different things (some prefill while others decode): iterations are compared by the collectives they share, whatever their stage`,
    },
  ];
}

/** Ranks that work on another number of requests. */
function batches({ stage, ranks }: RanksStage): RanksReport["remarks"] {
  const byBatch = new Map<number, string[]>();
  for (const { label, batch } of ranks)
    if (batch !== null) byBatch.set(batch, [...(byBatch.get(batch) ?? []), label]);
  if (byBatch.size < 2) return [];
  const parts = [...byBatch]
    .sort(([a], [b]) => b - a)
    .map(([batch, labels]) => `${batch} on rank ${labels.join(", ")}`);
  return [
    {
      code: "ranks/batch",
      message: `${stage}: the ranks work on different batches (requests of a step: ${parts.join("; ")}), so their times differ for that reason, too`,
    },
  ];
}

/** One line per kernel and reason, with the time it is. */
function leftOut({ stage, leftOut: all }: RanksStage): RanksReport["remarks"] {
  const groups = groupBy(all, ({ kernel, why }) => `${kernel}\n${why}`);
  return [...groups.values()].map((same) => {
    const [{ kernel, why }] = same as [LeftOut];
    const ranks = same.map(({ label, us }) => `${label} (${timeInWords(us)})`).join(", ");
    return {
      code: "ranks/left-out",
      message: `${stage}: ${kernel}: ${why}; on rank ${ranks}`,
    };
  });
}

function missing(
  traces: readonly RankTrace[],
  worldSizes: readonly (number | null)[],
): RanksReport["remarks"] {
  const size = Math.max(0, ...worldSizes.map((it) => it ?? 0));
  const here = new Set(
    traces.filter(({ state }) => state !== "unreadable").map(({ rank }) => rank),
  );
  if (here.has(null)) return [];
  const absent = Array.from({ length: size }, (_, rank) => rank).filter((rank) => !here.has(rank));
  if (absent.length === 0) return [];
  return [
    {
      code: "ranks/missing",
      message: `no measurements of rank ${absent.join(", ")} of ${size}: where it comes last, all ranks here wait for it and part of the waiting counts as data movement`,
    },
  ];
}

function unproven(stages: readonly RanksStage[]): RanksReport["remarks"] {
  const byName = stages.some(({ collectives }) =>
    collectives.some(({ matchedBy }) => matchedBy === "kernel name and order"),
  );
  if (!byName) return [];
  return [
    {
      code: "ranks/no-group",
      message:
        "collectives whose kernels carry no process group were matched by name and order: within the groups that the run tells, else over all ranks given where they end on all at once",
    },
  ];
}

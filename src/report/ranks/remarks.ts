import type { RanksReport, RanksStage, RankTrace } from "../../model/ranks.ts";

/** What limits the comparison, the weightiest first. */
export function ranksRemarks(
  traces: readonly RankTrace[],
  stages: readonly RanksStage[],
  worldSizes: readonly (number | null)[],
): RanksReport["remarks"] {
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
    ...told,
    ...missing(traces, worldSizes),
    ...stages.flatMap(({ stage, leftOut }) =>
      leftOut.map((words) => ({ code: "ranks/left-out", message: `${stage}: ${words}` })),
    ),
    ...unproven(stages),
  ];
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
        "collectives whose kernels carry no process group were matched by name and order over all ranks given: give the ranks of one group",
    },
  ];
}

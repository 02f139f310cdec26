/** What a rank's GPU does next, on its main stream unless it says otherwise. */
export type Work =
  | { readonly do: "kernel"; readonly name: string; readonly us: number; readonly op?: string }
  /** A copy on a stream of its own that nobody waits for. */
  | { readonly do: "side-copy"; readonly us: number; readonly outsideSteps?: boolean }
  /** The host launches the next kernel so much later. */
  | {
      readonly do: "late-host";
      readonly us: number;
      /** The call that the host spends it in, such as cudaStreamSynchronize. */
      readonly call?: string;
    }
  | {
      readonly do: "collective";
      /** As NCCL's arguments have it ("allreduce", "all_to_allv"). */
      readonly collective: string;
      readonly kernel: string;
      readonly group: readonly number[];
      /** Time in which data moves, once all are there. */
      readonly us: number;
      readonly desc?: string;
    }
  | {
      readonly do: "send" | "recv";
      readonly peer: number;
      readonly us: number;
      readonly kernel?: string;
      /** One of a batch, of which no peer is recorded. */
      readonly isCoalesced?: boolean;
    };

/** A span on a rank's GPU, µs by the simulation's one true clock. */
export interface SimSpan {
  readonly work: Work;
  readonly step: number;
  readonly start: number;
  readonly end: number;
  /** Of it, time until the last one came. */
  readonly waiting: number;
}

export interface SimRank {
  readonly rank: number;
  readonly spans: readonly SimSpan[];
  /** By step: first start and last end of what the main stream ran. */
  readonly steps: readonly { readonly start: number; readonly end: number }[];
}

/**
 * Runs every rank's program step by step: kernels one after the other, a collective from when its
 * rank comes until all have come and the data moved, a send or receive until both are there. So
 * every wait is known exactly.
 */
export function simulate(
  ranks: number,
  steps: number,
  program: (rank: number, step: number) => readonly Work[],
): readonly SimRank[] {
  const items = Array.from({ length: ranks }, (_, rank) =>
    Array.from({ length: steps }, (_, step) =>
      program(rank, step).map((work) => ({ work, step })),
    ).flat(),
  );
  const at = new Array<number>(ranks).fill(0);
  const clock = new Array<number>(ranks).fill(0);
  const arrived = items.map(() => Number.NaN);
  const spans: SimSpan[][] = items.map(() => []);
  const finish = (rank: number, start: number, end: number, waiting: number): void => {
    const { work, step } = items[rank]![at[rank]!]!;
    spans[rank]!.push({ work, step, start, end, waiting });
    at[rank]!++;
    arrived[rank] = Number.NaN;
    clock[rank] = end + GAP_US;
  };
  for (let moved = true; moved; ) {
    moved = false;
    for (let rank = 0; rank < ranks; rank++) {
      const item = items[rank]![at[rank]!];
      if (item === undefined) continue;
      const { work, step } = item;
      if (work.do === "late-host") {
        const start = clock[rank]!;
        clock[rank] = start + work.us;
        if (work.call !== undefined)
          spans[rank]!.push({ work, step, start, end: clock[rank]!, waiting: 0 });
        at[rank]!++;
      } else if (work.do === "side-copy") {
        const start = clock[rank]!;
        spans[rank]!.push({ work, step, start, end: start + work.us, waiting: 0 });
        at[rank]!++;
      } else if (work.do === "kernel") {
        finish(rank, clock[rank]!, clock[rank]! + work.us, 0);
      } else {
        if (Number.isNaN(arrived[rank])) arrived[rank] = clock[rank]!;
        const members = partners(rank, work);
        const there = members.every((other) => {
          const theirs = items[other]![at[other]!]?.work;
          return !Number.isNaN(arrived[other]) && theirs !== undefined && isSame(work, theirs);
        });
        if (!there) continue;
        const last = Math.max(...members.map((other) => arrived[other]!));
        for (const other of members)
          finish(other, arrived[other]!, last + work.us, last - arrived[other]!);
      }
      moved = true;
    }
  }
  for (const [rank, all] of items.entries())
    if (at[rank] !== all.length) throw new Error(`rank ${rank} waits for ever`);
  return spans.map((all, rank) => ({
    rank,
    spans: all,
    steps: Array.from({ length: steps }, (_, step) => {
      const own = all.filter(
        ({ step: of, work }) => of === step && work.do !== "side-copy" && work.do !== "late-host",
      );
      return {
        start: Math.min(...own.map(({ start }) => start)),
        end: Math.max(...own.map(({ end }) => end)),
      };
    }),
  }));
}

/** Between one kernel and the next. */
const GAP_US = 1;

function partners(rank: number, work: Work): readonly number[] {
  if (work.do === "collective") return work.group;
  return work.do === "send" || work.do === "recv" ? [rank, work.peer] : [rank];
}

function isSame(one: Work, other: Work): boolean {
  if (one.do === "collective")
    return other.do === "collective" && other.group.join() === one.group.join();
  return (
    (one.do === "send" && other.do !== "send") ||
    (one.do === "recv" && other.do !== "recv") ||
    one === other
  );
}

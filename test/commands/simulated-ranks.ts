import { ranksSideBySide } from "../../src/commands/ranks.ts";
import type { RanksReport, RanksStage } from "../../src/model/contracts/ranks.ts";
import { DEFAULT_ANALYZE_OPTIONS } from "../../src/model/options.ts";
import type { SimRank, Work } from "../support/synth/ranks/simulate.ts";
import { type RankFileOptions, rankText } from "../support/synth/ranks/write.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

export const kernel = (name: string, us: number): Work => ({ do: "kernel", name, us });
export const collective = (
  kind: string,
  name: string,
  group: readonly number[],
  us = 12,
): Work => ({ do: "collective", collective: kind, kernel: name, group, us });
export const allReduce = (group: readonly number[], us = 12): Work =>
  collective("allreduce", "ncclDevKernel_AllReduce_Sum_bf16_RING_LL(x)", group, us);
export const allToAll = (group: readonly number[]): Work =>
  collective("all_to_allv", "ncclDevKernel_SendRecv(ncclDevKernelArgsStorage<4096ul>)", group);

interface Options extends Partial<Omit<RankFileOptions, "world">> {
  readonly name?: (rank: number) => string;
  readonly of?: (rank: number) => Partial<RankFileOptions>;
  /** Ranks that leave no file. */
  readonly without?: readonly number[];
  /** Further files beside those of the ranks. */
  readonly beside?: (texts: readonly string[]) => Readonly<Record<string, string>>;
  /** A rank's text as it reaches the disk. */
  readonly damaged?: (text: string, rank: number) => string;
}

/** Writes the simulated ranks into one folder and compares them. */
export async function compared(
  ranks: readonly SimRank[],
  {
    name = (rank) => `TP-${rank}-DECODE.trace.json`,
    of = () => ({}),
    without = [],
    beside = () => ({}),
    damaged = (text) => text,
    ...all
  }: Options = {},
): Promise<{ report: RanksReport; stage: RanksStage }> {
  const texts = ranks.map((rank) =>
    damaged(rankText(rank, { world: ranks.length, ...all, ...of(rank.rank) }), rank.rank),
  );
  const files = texts.flatMap((text, rank) =>
    without.includes(rank) ? [] : [[name(rank), text] as const],
  );
  const inputs = [temporaryFolder({ ...Object.fromEntries(files), ...beside(texts) })];
  const report = await ranksSideBySide({
    ...DEFAULT_ANALYZE_OPTIONS,
    inputs,
    rulesPath: "rules",
    allRanks: true,
    jobs: 1,
  });
  return { report, stage: report.stages[0]! };
}

/** What the simulation says each rank waited, µs. */
export function waited(ranks: readonly SimRank[]): number[] {
  return ranks.map(({ spans }) => spans.reduce((sum, { waiting }) => sum + waiting, 0));
}

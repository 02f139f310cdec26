import type { RanksStage } from "../../model/ranks.ts";
import { share, timeInWords } from "../numbers.ts";

/** Who is slow and what waiting costs, a sentence per stage. */
export function ranksSummary(stages: readonly RanksStage[]): string {
  return stages.map((stage) => `${stage.stage}: ${stageInWords(stage)}`).join(" ");
}

function stageInWords({ stragglers, ranks, collectives }: RanksStage): string {
  if (ranks.length < 2) return `only rank ${ranks[0]!.label} has this stage.`;
  const slow = stragglers.map(({ label, slowerByUs, slowerByPct, noiseUs, losses }) => {
    const [worst] = losses;
    const where = worst === undefined ? "" : `, most of it in ${worst.category}`;
    return `rank ${label} is ${timeInWords(slowerByUs)} (${share(slowerByPct)}) a step slower than the others (noise ${timeInWords(noiseUs)})${where}`;
  });
  const verdict =
    slow.length === 0 ? "no rank is slower than the others beyond noise" : slow.join("; ");
  const communication = collectives.reduce((sum, one) => sum + timeOf(one.ranks), 0);
  if (communication === 0) return `${verdict}; no collective was matched.`;
  const waiting = collectives.reduce((sum, { waitingUs }) => sum + waitingUs, 0);
  return `${verdict}; ${share((100 * waiting) / communication)} of the time in collectives is waiting.`;
}

function timeOf(ranks: readonly { readonly totalUs: number }[]): number {
  return ranks.reduce((sum, { totalUs }) => sum + totalUs, 0);
}

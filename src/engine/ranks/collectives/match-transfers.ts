import type { LeftOut, RanksTransfer } from "../../../model/contracts/ranks.ts";
import { type Nanoseconds, toUs } from "../../../model/trace/units.ts";
import type { LabelledStage } from "../labelled-stage.ts";
import type { TransferSequence } from "../rank-measure.ts";
import type { RankSums } from "../rank-sums.ts";
import { alignSequences } from "./align-sequences.ts";
import { pairsByEnds } from "./pair-by-ends.ts";

/** Sends of one rank paired with another's receives. */
export interface MatchedTransfer {
  readonly row: RanksTransfer;
  /** Indexes of the ranks. */
  readonly from: number;
  readonly to: number;
}

/**
 * Pairs the i-th send from one rank to another with that one's i-th receive from it. Both end when
 * the data is there: the shorter of the two moves data, what the other spends beyond it waits.
 */
export function matchTransfers(
  ranks: readonly LabelledStage[],
  sums: RankSums,
): { readonly transfers: readonly MatchedTransfer[]; readonly leftOut: readonly LeftOut[] } {
  const transfers: MatchedTransfer[] = [];
  const leftOut: LeftOut[] = [];
  const paired = new Set<TransferSequence>();
  for (const [from, sender] of ranks.entries())
    for (const send of sender.measure.transfers) {
      if (!send.isSend || send.peer === null) continue;
      const to = ranks.findIndex(({ rank }) => rank === send.peer);
      const receive = ranks[to]?.measure.transfers.find(
        ({ isSend, peer }) => !isSend && peer !== null && peer === sender.rank,
      );
      if (receive === undefined) continue;
      paired.add(send).add(receive);
      transfers.push(pair(ranks, { from, to, send, receive, matchedBy: "peer" }, sums));
    }
  for (const found of pairsByEnds(ranks)) {
    for (const whole of found.of) paired.add(whole);
    transfers.push(pair(ranks, found, sums));
  }
  for (const { label, measure } of ranks)
    for (const one of measure.transfers) {
      if (paired.has(one)) continue;
      const way = one.isSend ? "send to" : "receive from";
      const why =
        one.peer === null
          ? "point-to-point transfers whose peer is not recorded"
          : `${way} rank ${one.peer}, whose side is not here`;
      leftOut.push({ kernel: one.shortName, label, us: toUs(total(one.duration)), why });
    }
  return { transfers, leftOut };
}

interface Pair {
  readonly from: number;
  readonly to: number;
  readonly send: TransferSequence;
  readonly receive: TransferSequence;
  readonly matchedBy: RanksTransfer["matchedBy"];
}

function pair(
  ranks: readonly LabelledStage[],
  { from, to, send, receive, matchedBy }: Pair,
  sums: RankSums,
): MatchedTransfer {
  const blank = (sequence: TransferSequence) => ({
    keys: Array.from(sequence.duration, () => ""),
    end: sequence.end,
  });
  const [sent, received] = alignSequences([blank(send), blank(receive)]) as [
    Int32Array,
    Int32Array,
  ];
  let moving: Nanoseconds = 0;
  const waits = { send: 0, receive: 0 };
  for (const [i, at] of sent.entries()) {
    const [one, other] = [send.duration[at]!, receive.duration[received[i]!]!];
    const shortest = Math.min(one, other);
    const [sendStep, receiveStep] = [send.step[at]!, receive.step[received[i]!]!];
    moving += shortest;
    waits.send += one - shortest;
    waits.receive += other - shortest;
    sums.addWaiting(from, sendStep, one - shortest);
    sums.addWaiting(to, receiveStep, other - shortest);
    sums.addMatched(from, sendStep, one);
    sums.addMatched(to, receiveStep, other);
    sums.addPartners(from, sendStep, to, receiveStep);
  }
  return {
    from,
    to,
    row: {
      kernel: send.shortName,
      from: ranks[from]!.label,
      to: ranks[to]!.label,
      matchedBy,
      matched: sent.length,
      movingUs: toUs(moving),
      senderWaitsUs: toUs(waits.send),
      receiverWaitsUs: toUs(waits.receive),
    },
  };
}

function total(durations: Float64Array): Nanoseconds {
  return durations.reduce((sum, ns) => sum + ns, 0);
}

import type { Nanoseconds } from "../../model/trace/units.ts";
import type { LabelledStage } from "./labelled-stage.ts";

/** What matching communication adds up for every rank. */
export class RankSums {
  /** By rank, by step of the stage. */
  readonly waitingByStep: readonly Float64Array[];
  /** Time in communication that has its partners. */
  readonly matchedByStep: readonly Float64Array[];
  /** By rank, those outside steps included. */
  readonly waiting: Nanoseconds[];
  /** By rank and other rank: how often steps lie so far apart, as votes. */
  readonly #distances = new Map<string, Map<number, number>>();

  constructor(ranks: readonly LabelledStage[]) {
    const columns = () => ranks.map(({ measure }) => new Float64Array(measure.steps.count));
    this.waitingByStep = columns();
    this.matchedByStep = columns();
    this.waiting = ranks.map(() => 0);
  }

  addWaiting(rank: number, step: number, ns: Nanoseconds): void {
    this.waiting[rank]! += ns;
    if (step >= 0) this.waitingByStep[rank]![step]! += ns;
  }

  addMatched(rank: number, step: number, ns: Nanoseconds): void {
    if (step >= 0) this.matchedByStep[rank]![step]! += ns;
  }

  /** One launch that two ranks have in common lies in these steps. */
  addPartners(rank: number, step: number, other: number, otherStep: number): void {
    if (rank === other || step < 0 || otherStep < 0) return;
    for (const [key, distance] of [
      [`${rank} ${other}`, otherStep - step],
      [`${other} ${rank}`, step - otherStep],
    ] as const) {
      const votes = this.#distances.get(key) ?? new Map<number, number>();
      votes.set(distance, (votes.get(distance) ?? 0) + 1);
      this.#distances.set(key, votes);
    }
  }

  /** How many steps the other rank's count is ahead; null where no collective is common. */
  distance(rank: number, other: number): number | null {
    if (rank === other) return 0;
    const votes = this.#distances.get(`${rank} ${other}`);
    if (votes === undefined) return null;
    return [...votes].sort(([a, x], [b, y]) => y - x || Math.abs(a) - Math.abs(b) || a - b)[0]![0];
  }
}

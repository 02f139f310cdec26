import { largestOf } from "../../base/extremes.ts";

/** What choosing needs to know of one captured graph. */
interface Candidate {
  readonly batchSize: number | null;
  /** Which graph of its batch size it is, in capture order: the piece of a piecewise capture. */
  readonly ordinal: number;
}

interface ReplayInStep {
  /** Which graph launch of its step it is. */
  readonly ordinal: number;
  /** Batch size of the step's annotation, null when unknown. */
  readonly batchSize: number | null;
}

/** Below this share of common kernels two graphs are not the same model part. */
const LEAST_SIMILARITY = 0.5;
/** Graphs within this much of the best are judged by batch size and position instead. */
const NEAR = 0.02;

/**
 * Picks the captured graph for each replay: the most similar one; among equals the one of the
 * step's batch size (a padded step runs the next larger), then the piece at the same position.
 * Null where nothing is similar enough.
 */
export function chooseGraphs(
  replays: readonly ReplayInStep[],
  candidates: readonly Candidate[],
  similarityOf: (replay: number, candidate: number) => number,
): (number | null)[] {
  return replays.map((replay, index) => {
    const scored = candidates
      .map((candidate, at) => ({ candidate, at, score: similarityOf(index, at) }))
      .filter(({ score }) => score >= LEAST_SIMILARITY);
    const best = largestOf(scored.map(({ score }) => score));
    const near = scored.filter(({ score }) => score >= best - NEAR);
    near.sort(
      (a, b) =>
        batchDistance(replay, a.candidate) - batchDistance(replay, b.candidate) ||
        Math.abs(replay.ordinal - a.candidate.ordinal) -
          Math.abs(replay.ordinal - b.candidate.ordinal) ||
        b.score - a.score ||
        a.at - b.at,
    );
    return near[0]?.at ?? null;
  });
}

/** Graphs are captured for fixed batch sizes and a step runs the smallest that holds it. */
function batchDistance(replay: ReplayInStep, candidate: Candidate): number {
  if (replay.batchSize === null || candidate.batchSize === null) return 0;
  const padding = candidate.batchSize - replay.batchSize;
  return padding >= 0 ? padding : 1e6 - padding;
}

import type { RankMeasure, StageMeasure } from "./rank-measure.ts";

/** One rank's stage under the name tables give it. */
export interface LabelledStage {
  readonly label: string;
  readonly rank: number | null;
  readonly isComplete: boolean;
  readonly groups: RankMeasure["groups"];
  readonly measure: StageMeasure;
}

import type { Microseconds } from "../../model/trace/units.ts";
import type { RankMeasure, StageMeasure } from "./rank-measure.ts";

/** One rank's stage under the name tables give it. */
export interface LabelledStage {
  readonly label: string;
  readonly rank: number | null;
  readonly isComplete: boolean;
  readonly place: RankMeasure["place"];
  readonly paths: readonly string[];
  readonly groups: RankMeasure["groups"];
  /** What times of the measure count from, by the rank's own clock. */
  readonly baseUs: Microseconds;
  readonly measure: StageMeasure;
}

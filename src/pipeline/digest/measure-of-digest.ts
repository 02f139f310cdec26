import type { RankMeasure } from "../../engine/ranks/rank-measure.ts";
import { TriageError } from "../../model/errors.ts";
import type { Means } from "../inputs/means.ts";
import type { Run } from "../inputs/runs.ts";
import { openDigest } from "./open-digest.ts";
import { refuseFixed } from "./refuse-fixed.ts";

/**
 * What ranks are compared by, of one file of a digest.
 *
 * @throws {TriageError} for a digest that cannot be read, and what its trace was refused with
 */
export async function measureOfDigest({ digest }: Run, { options }: Means): Promise<RankMeasure> {
  const { path, file } = digest!;
  refuseFixed(path, options);
  const measures = await openDigest(path).measures();
  const { measure, error } = measures[file ?? 0]!;
  if (error !== null) throw new TriageError(error);
  return measure;
}

import { compareText } from "../../../base/compare-text.ts";
import type { Row } from "../../../model/trace/units.ts";

/** What kept a candidate from being an occurrence. */
export type StopClause =
  | "missing"
  | "repeat"
  | "skip"
  | "past"
  | "gap"
  | "without"
  | "step"
  | "claimed"
  | "where"
  | "within"
  | "stream"
  | "device"
  | "share";

/** A kernel of a candidate window; `step` is the pattern step it stands for, null for what stands between. */
export interface WindowKernel {
  readonly row: Row;
  readonly step: number | null;
}

/** One attempt that came to an end. */
export interface Attempt {
  /** Steps that had their kernels before it ended. */
  readonly reached: number;
  /** Step that could not be had; the number of steps where it was a condition over all of them. */
  readonly step: number;
  readonly clause: StopClause;
  /** 1-based line of the clause in the rule's file, when known. */
  readonly line: number | null;
  /** The clause as written: "gap 5us". */
  readonly wanted: string;
  /** What was there instead: "11us idle". */
  readonly saw: string;
  /** Distance from passing, in the clause's own unit; smaller is nearer. */
  readonly off: number;
  readonly window: readonly WindowKernel[];
}

/** Attempts that ended alike, with the one that came nearest. */
export interface Stop extends Attempt {
  readonly times: number;
}

/** Farthest first, then most frequent; at most `limit`. */
export function groupAttempts(attempts: Iterable<Attempt>, limit: number): readonly Stop[] {
  const groups = new Map<string, Stop>();
  for (const attempt of attempts) {
    const key = `${attempt.reached}|${attempt.step}|${attempt.clause}`;
    const known = groups.get(key);
    const times = (known?.times ?? 0) + 1;
    const nearest = known === undefined || attempt.off < known.off ? attempt : known;
    groups.set(key, { ...nearest, times });
  }
  return [...groups.values()]
    .sort(
      (a, b) =>
        b.reached - a.reached ||
        b.times - a.times ||
        a.off - b.off ||
        compareText(a.clause, b.clause),
    )
    .slice(0, limit);
}

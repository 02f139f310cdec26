import { compareText } from "../../base/compare-text.ts";
import type { ExcerptReport } from "../../model/contracts/report.ts";

/** One occurrence of a rule over the lanes. */
export interface Bracket {
  readonly rule: string;
  readonly state: "active" | "partial" | "split";
  readonly from: number;
  readonly to: number;
  /** Row of brackets it stands in, from the lanes upwards: none meets another of its row. */
  readonly level: number;
}

/** Places the fuse occurrences, the earliest first, each in the lowest row that is free. */
export function placeBrackets({ fuse, spans }: ExcerptReport): readonly Bracket[] {
  const ends: number[] = [];
  return fuse
    .map(({ rule, state, spans: at }) => {
      const own = at.map((index) => spans[index]!);
      return {
        rule,
        state,
        from: Math.min(...own.map(({ startUs }) => startUs)),
        to: Math.max(...own.map(({ startUs, durUs }) => startUs + durUs)),
      };
    })
    .sort((a, b) => a.from - b.from || b.to - a.to || compareText(a.rule, b.rule))
    .map((bracket) => {
      const free = ends.findIndex((end) => end <= bracket.from);
      const level = free < 0 ? ends.length : free;
      ends[level] = bracket.to;
      return { ...bracket, level };
    });
}

import type { Microseconds } from "../model/trace/units.ts";

/** No line break between a number and its unit; formats print it as a plain blank. */
export const GLUE = "\u00a0";

/** Writes times of one table in one unit, so that a column can be compared at a glance. */
export type TimeFormat = (time: Microseconds) => string;

/** Milliseconds where the largest value reaches one, microseconds below. */
export function timeFormatFor(largest: Microseconds): TimeFormat {
  return largest >= 1000
    ? (time) => `${grouped((time / 1000).toFixed(3))}${GLUE}ms`
    : (time) => `${grouped(time.toFixed(1))}${GLUE}µs`;
}

/** A time within a sentence: three digits that matter and the unit that keeps them short. */
export function timeInWords(time: Microseconds): string {
  if (time >= 1e6) return `${significant(time / 1e6)}${GLUE}s`;
  if (time >= 1000) return `${significant(time / 1000)}${GLUE}ms`;
  return time === 0 ? "0" : `${significant(time)}${GLUE}µs`;
}

/** Times of one sentence in one unit, the one that keeps the largest short. */
export function timesInWords(largest: Microseconds): TimeFormat {
  const [scale, unit] = largest >= 1e6 ? [1e6, "s"] : largest >= 1000 ? [1000, "ms"] : [1, "µs"];
  return (time) => {
    if (time === 0) return "0";
    const value = time / scale;
    const digits = value >= 1 ? significant(value) : value.toFixed(value >= 0.1 ? 2 : 3);
    return `${digits}${GLUE}${unit}`;
  };
}

function significant(value: number): string {
  if (value >= 100) return grouped(value.toFixed(0));
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** "18.2%"; what is above zero never reads as zero, and a whole is a whole. */
export function share(pct: number): string {
  if (pct >= 99.95) return "100%";
  return pct > 0 && pct < 0.05 ? "<0.1%" : `${pct.toFixed(1)}%`;
}

export function count(value: number): string {
  return grouped(String(value));
}

/** "1 step", "3 steps", "no steps". */
export function counted(value: number, noun: string): string {
  if (value === 0) return `no ${noun}s`;
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** Thousands apart by commas, whatever the locale. */
function grouped(digits: string): string {
  return digits.replace(/^\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));
}

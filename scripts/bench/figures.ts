import type { Run } from "./rounds.ts";

/** Figures that hold from machine to machine, by what they say; lower is better for all. */
export type Figures = Readonly<Record<string, number>>;

/** Runs by contender: `gunzip` and `read` always, the others where they were possible. */
export type Runs = Readonly<Record<string, readonly Run[]>>;

/** What is compared with the baseline: ratios of medians, and memory. */
export function figuresOf(runs: Runs): Figures {
  const figures: Record<string, number> = {};
  const ratio = (of: string, to: string): void => {
    if (runs[of] === undefined || runs[to] === undefined) return;
    figures[`${of} / ${to}`] = rounded(middle(runs[of], "ms") / middle(runs[to], "ms"));
    figures[`${of} / ${to}, CPU`] = rounded(middle(runs[of], "cpuMs") / middle(runs[to], "cpuMs"));
  };
  ratio("read", "gunzip");
  ratio("command", "gunzip");
  ratio("read", "JSON.parse");
  ratio("read", "reference");
  for (const name of ["read", "command"]) {
    if (runs[name] !== undefined) figures[`peak of ${name}, MB`] = peakMb(runs[name]);
  }
  if (runs.quarter !== undefined) figures["bytes per event"] = slope(runs.read!, runs.quarter);
  return figures;
}

/** The middle of what was measured. */
export function middle(runs: readonly Run[], field: keyof Run): number {
  const sorted = runs.map((run) => run[field]).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

export function peakMb(runs: readonly Run[]): number {
  return Math.round(middle(runs, "peakKb") / 1024);
}

/** Bytes of memory per event that reading a larger file takes beyond a smaller one. */
function slope(more: readonly Run[], less: readonly Run[]): number {
  const bytes = (middle(more, "peakKb") - middle(less, "peakKb")) * 1024;
  return rounded(bytes / (more[0]!.events - less[0]!.events));
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

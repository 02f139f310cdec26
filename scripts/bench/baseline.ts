import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Figures } from "./figures.ts";

/** Figures by what was measured ("stacks 1g"). */
export type Baseline = Readonly<Record<string, Figures>>;

/** Worse by more than this part is worth a warning; less is noise. */
const TOLERANCE = 0.2;

/** Sentences about what got worse; empty when nothing did or there is nothing to compare with. */
export function worsened(input: string, figures: Figures, baseline: Baseline): string[] {
  const known = baseline[input] ?? {};
  return Object.entries(figures).flatMap(([name, value]) => {
    const before = known[name];
    if (before === undefined || value <= before * (1 + TOLERANCE)) return [];
    const percent = Math.round((value / before - 1) * 100);
    return [`${input}: ${name} is ${value}, ${percent} % worse than the baseline's ${before}`];
  });
}

/** The baseline with these figures in it, inputs in order. */
export function updated(baseline: Baseline, input: string, figures: Figures): Baseline {
  const all = { ...baseline, [input]: figures };
  const inputs = Object.keys(all).sort();
  return Object.fromEntries(inputs.map((key) => [key, all[key]!]));
}

export function readBaseline(path: string): Baseline {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Baseline) : {};
}

export function writeBaseline(path: string, baseline: Baseline): void {
  writeFileSync(path, `${JSON.stringify(baseline, null, 2)}\n`);
}

import { compareText } from "../base/compare-text.ts";
import type { Combo } from "../model/contracts/fleet.ts";

export function comboOf({ model, gpu, framework, stage }: Combo): Combo {
  return { model, gpu, framework, stage };
}

/** Equal for rows of the same model, GPU, engine and stage. */
export function comboKey(row: Combo): string {
  return JSON.stringify(Object.values(comboOf(row)));
}

/** The builds that have rows, in order. */
export function buildsOf(
  rows: readonly { readonly build: string }[],
  builds: readonly string[],
): readonly string[] {
  const there = new Set(rows.map(({ build }) => build));
  return builds.filter((name) => there.has(name));
}

/** Each with the one after it. */
export function neighbours(
  ordered: readonly string[],
): readonly (readonly [before: string, after: string])[] {
  return ordered.slice(1).map((after, at) => [ordered[at]!, after] as const);
}

/** nightly-9 before nightly-10. */
export function byBuild(a: string, b: string): number {
  const padded = (name: string): string => name.replace(/\d+/g, (it) => it.padStart(20, "0"));
  return compareText(padded(a), padded(b)) || compareText(a, b);
}

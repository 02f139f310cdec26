import type { KernelChange } from "../model/contracts/diff.ts";

/** True for a row that says something happened. */
export function isNews({ change }: { readonly change: KernelChange }): boolean {
  return change !== "within-noise" && change !== "negligible" && change !== "inconclusive";
}

/** Times within sentences of the contract; tables format their own. */
export function us(time: number): string {
  return Math.abs(time) >= 1000 ? `${(time / 1000).toFixed(2)} ms` : `${time.toFixed(1)} µs`;
}

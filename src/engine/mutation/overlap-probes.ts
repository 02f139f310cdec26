import type { Rule, TestKernel } from "../../model/rule.ts";

/** Pairs of kernels that are moved against each other. */
const MOST_PAIRS = 12;

/** Two kernels of different streams sharing exactly the least share, a nanosecond less, and one nanosecond. */
export function overlapProbes(
  rule: Rule,
  kernels: readonly TestKernel[],
): readonly (readonly [change: string, kernels: readonly TestKernel[]])[] {
  const shares = rule.states.flatMap(({ pattern }) =>
    pattern.kind === "overlap" ? [pattern.minShare] : [],
  );
  if (shares.length === 0) return [];
  const pairs = kernels
    .flatMap((a, i) => kernels.slice(i + 1).map((b, j) => ({ a, b, at: i + 1 + j })))
    .filter(({ a, b }) => a.stream !== b.stream)
    .slice(0, MOST_PAIRS);
  return pairs.flatMap(({ a, b, at }) =>
    shares.flatMap((share) => {
      const least = Math.ceil(share * Math.min(a.duration, b.duration));
      return [least, least - 1, 1, 0].map((shared) => {
        const start = Math.max(0, a.start + a.duration - shared);
        return [`kernel ${at} shares ${shared}ns`, kernels.with(at, { ...b, start })] as const;
      });
    }),
  );
}

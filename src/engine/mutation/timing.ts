import type { TestKernel } from "../../model/rule.ts";
import type { Nanoseconds } from "../../model/units.ts";

/** A kernel of no class. */
export const NEUTRAL = {
  name: "unrelated_probe_kernel",
  op: null,
  scope: null,
  frame: null,
} as const;

/** The kernels with exactly `idle` between one and the kernel before it on its stream; later ones move along. */
export function idleBefore(
  kernels: readonly TestKernel[],
  index: number,
  idle: Nanoseconds,
): readonly TestKernel[] {
  const { stream, start } = kernels[index]!;
  const before = kernels.slice(0, index).filter((it) => it.stream === stream);
  if (before.length === 0) return kernels;
  const end = Math.max(...before.map((it) => it.start + it.duration));
  const shift = end + idle - start;
  return kernels.map((it, at) =>
    at >= index && it.stream === stream ? { ...it, start: it.start + shift } : it,
  );
}

/** Unrelated kernels of 1 ns right before one, on its stream, without idle time. */
export function insertBefore(
  kernels: readonly TestKernel[],
  index: number,
  count: number,
): readonly TestKernel[] {
  const kernel = kernels[index]!;
  const { stream, start } = kernel;
  const shifted = kernels.map((it, at) =>
    at >= index && it.stream === stream ? { ...it, start: it.start + count } : it,
  );
  const added = Array.from({ length: count }, (_, i) => ({
    ...kernel,
    ...NEUTRAL,
    start: start + i,
    duration: 1,
  }));
  return shifted.toSpliced(index, 0, ...added);
}

/** Each kernel right after the one before it on its stream. */
export function retimed(kernels: readonly TestKernel[]): readonly TestKernel[] {
  const ends = new Map<string, Nanoseconds>();
  return kernels.map((kernel) => {
    const start = Math.max(kernel.start, ends.get(kernel.stream) ?? 0);
    ends.set(kernel.stream, start + kernel.duration);
    return { ...kernel, start };
  });
}

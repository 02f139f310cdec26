/**
 * The best way to lay steps over neighbouring kernels, in order and each kernel at most once: the
 * largest sum of fits, and of equal ones the earliest kernels.
 *
 * @param fits per step the fit of every kernel of the window, 0 for none.
 * @returns per step an index into the window, -1 for a step that gets no kernel.
 */
export function alignSteps(fits: readonly ArrayLike<number>[]): readonly number[] {
  const width = fits[0]?.length ?? 0;
  // best[i][k]: largest sum for steps i.. over kernels k..
  const best = Array.from({ length: fits.length + 1 }, () => new Float64Array(width + 1));
  for (let step = fits.length - 1; step >= 0; step--)
    for (let kernel = width; kernel >= 0; kernel--) {
      const without = Math.max(
        best[step + 1]![kernel]!,
        kernel < width ? best[step]![kernel + 1]! : 0,
      );
      const fit = kernel < width ? fits[step]![kernel]! : 0;
      const used = fit > 0 ? fit + best[step + 1]![kernel + 1]! : 0;
      best[step]![kernel] = Math.max(without, used);
    }
  const kernels: number[] = [];
  let kernel = 0;
  for (let step = 0; step < fits.length; step++) {
    const rest = best[step]!;
    let at = kernel;
    while (at < width && !uses(fits, best, step, at, rest[kernel]!)) at++;
    const isUsed = at < width && rest[kernel]! > best[step + 1]![kernel]!;
    kernels.push(isUsed ? at : -1);
    if (isUsed) kernel = at + 1;
  }
  return kernels;
}

/** True when giving `kernel` to `step` reaches the sum `wanted`. */
function uses(
  fits: readonly ArrayLike<number>[],
  best: readonly Float64Array[],
  step: number,
  kernel: number,
  wanted: number,
): boolean {
  const fit = fits[step]![kernel]!;
  return fit > 0 && fit + best[step + 1]![kernel + 1]! === wanted;
}

import type { StageReport } from "../../model/contracts/report.ts";
import { counted, share, timesInWords } from "../numbers.ts";
import { type Line, span } from "../table.ts";

/** The repeated layer in a line: what stands at each position, in order, with its median. */
export function layerLines({ layers }: StageReport): readonly Line[] {
  if (layers === null) return [];
  const { count, period, matchRatio, template } = layers;
  const head = span(
    `${counted(count, "layer")} of ${counted(period, "kernel")} repeat (${share(100 * matchRatio)} alike)`,
    "dim",
  );
  if (template.length === 0) return [[head]];
  const sum = (of: (at: (typeof template)[number]) => number): number =>
    template.reduce((total, at) => total + of(at), 0);
  const gaps = sum(({ gapBefore }) => Math.max(0, gapBefore.medianUs));
  const kernels = sum(({ medianUs }) => medianUs);
  const time = timesInWords(kernels + gaps);
  const steps = template.map(({ role, category, medianUs }, at) => {
    const before = at === 0 ? "" : " → ";
    return span(`${before}${role ?? category} ${medianUs.toFixed(1)}`);
  });
  return [
    [
      head,
      span(`, ${time(kernels)} and ${time(gaps)} of gaps each; medians in µs: `, "dim"),
      ...steps,
    ],
  ];
}

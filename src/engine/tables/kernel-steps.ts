import type { KernelPerStep } from "../../model/contracts/report.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import { toUs } from "../../model/trace/units.ts";
import { medianOf } from "../spread.ts";

/** From as many steps on the first and the last, which may be cut or cold, can be spared. */
const STEPS_TO_SPARE = 5;

/**
 * What a kernel does in one step, asked for kernel after kernel; work of no step does not count.
 * Where every step launches it equally often the median step speaks, so that a cold first, a cut
 * last or one disturbed step does not; else the mean of all steps but first and last.
 *
 * @param isCounted by index of a step: false for those that are left out
 */
export function kernelsPerStep(
  graph: KernelGraph,
  stage: StageGraph,
  isCounted: (step: number) => boolean = () => true,
): (rows: Uint32Array) => KernelPerStep | null {
  const { gpu } = graph.trace;
  const place = new Int32Array(graph.steps.length).fill(-1);
  for (const row of stage.events) {
    const step = graph.stepOf[row]!;
    if (step >= 0 && isCounted(step)) place[step] = 0;
  }
  let steps = 0;
  for (let step = 0; step < place.length; step++) if (place[step] === 0) place[step] = steps++;
  return (rows) => {
    if (steps === 0) return null;
    const launches = new Float64Array(steps);
    const ns = new Float64Array(steps);
    for (let at = 0; at < rows.length; at++) {
      const step = graph.stepOf[rows[at]!]!;
      if (step < 0 || place[step] === -1) continue;
      launches[place[step]!]!++;
      ns[place[step]!]! += gpu.duration[rows[at]!]!;
    }
    const isSpared = steps >= STEPS_TO_SPARE;
    const inner = (values: Float64Array) => (isSpared ? values.subarray(1, -1) : values);
    const [often, times] = [inner(launches), inner(ns)];
    if (often.every((count) => count === often[0]))
      return { launches: often[0]!, us: toUs(medianOf(times)) };
    return { launches: mean(often), us: toUs(mean(times)) };
  };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

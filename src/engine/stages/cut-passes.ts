import type { Step } from "../../model/trace/kernel-graph.ts";
import { gpuEnd, type Trace } from "../../model/trace/trace.ts";
import type { Nanoseconds, Row } from "../../model/trace/units.ts";
import type { StepAssignment } from "./assign-steps.ts";

/** What was one step before its passes were found. */
interface Uncut {
  readonly whole: Step;
  readonly stageOf: Uint8Array;
}

/**
 * The passes that begin at these times, one step each; the first begins with the trace.
 *
 * @param times ascending, one fewer than there are passes.
 */
export function cutPasses(
  trace: Trace,
  { whole, stageOf }: Uncut,
  times: readonly Nanoseconds[],
  from: Step["from"],
): StepAssignment {
  const stepOf = new Int32Array(trace.gpu.count).fill(0);
  let pass = 0;
  for (let row = 0; row < stepOf.length; row++) {
    while (pass < times.length && trace.gpu.start[row]! >= times[pass]!) pass++;
    stepOf[row] = pass;
  }
  const count = times.length + 1;
  const steps = Array.from({ length: count }, (_, index): Step => {
    return {
      ...whole,
      index,
      label: `pass ${index + 1} of ${count}`,
      from,
      cpuStart: index === 0 ? whole.cpuStart : times[index - 1]!,
      cpuEnd: times[index] ?? whole.cpuEnd,
    };
  });
  return { steps, stepOf, stageOf };
}

/** The row after the longest pause between two entries of `events`. */
export function pauseRow(
  { gpu }: Trace,
  events: ArrayLike<Row>,
  after: number,
  until: number,
): Row {
  let end = gpuEnd(gpu, events[after]!);
  let best = events[until]!;
  let longest = Number.NEGATIVE_INFINITY;
  for (let entry = after + 1; entry <= until; entry++) {
    const row = events[entry]!;
    const pause = gpu.start[row]! - end;
    if (pause > longest) [longest, best] = [pause, row];
    end = Math.max(end, gpuEnd(gpu, row));
  }
  return best;
}

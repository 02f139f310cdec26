import type { HealthFinding } from "../../model/contracts/health.ts";
import { gpuEnd, type Trace } from "../../model/trace/trace.ts";
import { type Nanoseconds, NO_ROW, type Row, toUs } from "../../model/trace/units.ts";
import type { Checked } from "./checked.ts";
import { gpuUs, placesOf } from "./place.ts";

/** Kernels of one stream lie in one run up to this pause between them. */
const PAUSE: Nanoseconds = 50_000;
/** Durations of a run may add up to so much more than it lasts: kernels end while the next begins. */
const DEPENDENT_LAUNCH = 1.1;
/** The most by which a kernel that was launched as dependent was seen to begin before its predecessor's end: 4 us. */
const DEPENDENT_START: Nanoseconds = 5_000;

/** What ran on one stream without a long pause. */
interface Busy {
  readonly rows: Row[];
  end: Nanoseconds;
  sum: Nanoseconds;
  /** Its durations add up to far more than it lasts. */
  isImpossible: boolean;
}

/**
 * One stream runs one kernel after the other, whatever their names usually do: where durations add
 * up to far more than the time that passed, they are clipped to the next start. Branches of a graph may
 * be recorded under one stream; those of one launch are left as they are, and told. So is a kernel
 * that lasts longer beyond the next start than a dependent launch explains, where its stream has no
 * time for both.
 */
export function serialStreams(trace: Trace, launchOf: Int32Array): Checked {
  const { gpu } = trace;
  const clipped: Row[] = [];
  const beside: Row[] = [];
  const beyond: Row[] = [];
  let duration: Float64Array | null = null;
  for (const { rows, isImpossible } of crowded(trace))
    for (const [at, row] of rows.entries()) {
      const next = rows[at + 1];
      if (next === undefined) continue;
      const room = gpu.start[next]! - gpu.start[row]!;
      if (gpu.duration[row]! <= room) continue;
      if (!isImpossible) {
        if (gpu.duration[row]! > room + DEPENDENT_START) beyond.push(row);
        continue;
      }
      if (launchOf[row] !== NO_ROW && launchOf[row] === launchOf[next]) {
        beside.push(row);
        continue;
      }
      duration ??= gpu.duration.slice();
      duration[row] = room;
      clipped.push(row);
    }
  const findings: HealthFinding[] = [];
  if (clipped.length > 0) {
    clipped.sort((a, b) => a - b);
    const less = clipped.reduce((sum, row) => sum + gpu.duration[row]! - duration![row]!, 0);
    findings.push({
      kind: "impossible-duration",
      count: clipped.length,
      us: gpuUs(trace, clipped),
      where: placesOf(trace, clipped),
      remedy: `durations on their stream add up to more than the time that passed; clipped to the next start, ${toUs(less).toFixed(1)} us less: ends were lost, or two recordings are in one; record again before judging them`,
    });
  }
  if (beside.length > 0)
    findings.push({
      kind: "side-by-side",
      count: beside.length,
      us: gpuUs(trace, beside),
      where: placesOf(trace, beside),
      remedy:
        "branches of one graph launch under one stream number: their durations add up to more than the time that passed, busy time counts it once",
    });
  if (beyond.length > 0)
    findings.push({
      kind: "side-by-side",
      count: beyond.length,
      us: gpuUs(trace, beyond),
      where: placesOf(trace, beyond),
      remedy:
        "they last beyond the start of the next kernel on their stream by more than a dependent launch explains, and durations there add up to more than the time that passed; busy time counts it once, GPU time adds both",
    });
  return {
    trace: duration === null ? trace : { ...trace, gpu: { ...gpu, duration } },
    findings,
  };
}

/** Runs whose durations add up to more than they last. */
function crowded({ gpu, streams }: Trace): Busy[] {
  const found: Busy[] = [];
  const open = new Array<Busy | undefined>(streams.length);
  const close = (busy: Busy | undefined): void => {
    if (busy === undefined || busy.rows.length < 2) return;
    const lasts = busy.end - gpu.start[busy.rows[0]!]!;
    busy.isImpossible = busy.sum > DEPENDENT_LAUNCH * lasts;
    if (busy.sum > lasts) found.push(busy);
  };
  for (let row = 0; row < gpu.count; row++) {
    const stream = gpu.stream[row]!;
    const before = open[stream];
    const end = gpuEnd(gpu, row);
    if (before === undefined || gpu.start[row]! > before.end + PAUSE) {
      close(before);
      open[stream] = { rows: [row], end, sum: gpu.duration[row]!, isImpossible: false };
      continue;
    }
    before.rows.push(row);
    before.end = Math.max(before.end, end);
    before.sum += gpu.duration[row]!;
  }
  for (const busy of open) close(busy);
  return found;
}

import { firstIndex } from "../../base/first-index.ts";
import { gpuEnd, type Trace } from "../../model/trace/trace.ts";
import { type Nanoseconds, NO_ROW, type Row, toUs } from "../../model/trace/units.ts";
import type { Checked } from "./checked.ts";
import { gpuUs, placesOf } from "./place.ts";
import { Sample } from "./sample.ts";

/** A kernel may still end while the next on its stream begins (programmatic dependent launch). */
const CONCURRENT: Nanoseconds = 5_000;
/** A kernel seen once has no others to be compared with: it must reach further. */
const ALONE: Nanoseconds = 50_000;
/** Of a name's kernels this many and this share reach into the next one: that is how they run. */
const USUAL = 3;
const USUAL_SHARE = 0.3;
/** The last on its stream is impossible when it outlasts everything recorded this many times. */
const OUTLASTS = 10;
const LONG: Nanoseconds = 100e6;

interface Overrun {
  readonly row: Row;
  /** Until when it can have run. */
  readonly until: Nanoseconds;
}

/**
 * Durations that cannot be: one stream runs one kernel after the other, so one that lasts far into
 * the next was not timed right, nor was one that outlasts the whole recording. They are clipped
 * where they must have ended.
 *
 * @param moved rows whose start is a reckoning: they and their neighbours prove nothing.
 */
export function clipDurations(trace: Trace, moved: ReadonlySet<Row>): Checked {
  const overruns = [
    ...unusual(trace, intoNext(trace, moved)),
    ...beyondEverything(trace, moved),
  ].sort((a, b) => a.row - b.row);
  if (overruns.length === 0) return { trace, findings: [] };
  const rows = overruns.map(({ row }) => row);
  const duration = trace.gpu.duration.slice();
  const usual = usualInPlace(trace, new Set(rows));
  for (const { row, until } of overruns) {
    const room = Math.max(0, until - trace.gpu.start[row]!);
    duration[row] = Math.min(room, usual.get(row) ?? room);
  }
  const clipped = rows.reduce((sum, row) => sum + trace.gpu.duration[row]! - duration[row]!, 0);
  return {
    trace: { ...trace, gpu: { ...trace.gpu, duration } },
    findings: [
      {
        kind: "impossible-duration",
        count: rows.length,
        us: gpuUs(trace, rows),
        where: placesOf(trace, rows),
        remedy: `their duration overlaps later work on the stream or lasts beyond the recording; clipped to the next start and to what its like takes at most, ${toUs(clipped).toFixed(1)} us less: the profiler's counter overflowed or an end was lost; record again before judging them`,
      },
    ],
  };
}

/**
 * What others took that ran in the same place, behind the same kernel on their stream: one name
 * serves several places of a layer, with other sizes each.
 *
 * @returns by row the usual duration; rows without any like them are missing.
 */
function usualInPlace(trace: Trace, rows: ReadonlySet<Row>): ReadonlyMap<Row, Nanoseconds> {
  const { gpu, streams, kernelNames } = trace;
  const before = new Int32Array(streams.length).fill(NO_ROW);
  const placeOfRow = new Map<Row, number>();
  const samples = new Map<number, Sample>();
  for (const pass of ["places", "samples"] as const) {
    before.fill(NO_ROW);
    for (let row = 0; row < gpu.count; row++) {
      const stream = gpu.stream[row]!;
      const last = before[stream]!;
      before[stream] = row;
      const behind = last === NO_ROW ? kernelNames.length : gpu.name[last]!;
      const place = behind * (kernelNames.length + 1) + gpu.name[row]!;
      if (pass === "samples") {
        if (!rows.has(row)) samples.get(place)?.add(0, gpu.duration[row]!);
      } else if (rows.has(row)) {
        placeOfRow.set(row, place);
        samples.set(place, new Sample(1));
      }
    }
  }
  const usual = new Map<Row, Nanoseconds>();
  for (const [row, place] of placeOfRow) {
    const sample = samples.get(place)!;
    if (sample.count > 0) usual.set(row, sample.middle());
  }
  return usual;
}

/** Events that last into the next start on their stream by more than concurrency explains. */
function intoNext({ gpu, streams }: Trace, moved: ReadonlySet<Row>): Overrun[] {
  const before = new Int32Array(streams.length).fill(NO_ROW);
  const overruns: Overrun[] = [];
  for (let row = 0; row < gpu.count; row++) {
    const stream = gpu.stream[row]!;
    const last = before[stream]!;
    before[stream] = row;
    if (last === NO_ROW || gpuEnd(gpu, last) - gpu.start[row]! <= CONCURRENT) continue;
    if (gpu.start[last] === gpu.start[row] || moved.has(last) || moved.has(row)) continue;
    overruns.push({ row: last, until: gpu.start[row]! });
  }
  return overruns;
}

/** Without those of names that usually run beside the next kernel, as branches of graphs do. */
function unusual({ gpu, kernelNames }: Trace, overruns: readonly Overrun[]): Overrun[] {
  if (overruns.length === 0) return [];
  const all = countsByName(gpu.name, kernelNames.length);
  const over = countsByName(
    overruns.map(({ row }) => gpu.name[row]!),
    kernelNames.length,
  );
  return overruns.filter(({ row, until }) => {
    const name = gpu.name[row]!;
    if (all[name] === 1) return gpuEnd(gpu, row) - until > ALONE;
    return over[name]! < USUAL || over[name]! < all[name]! * USUAL_SHARE;
  });
}

function countsByName(names: ArrayLike<number>, count: number): Uint32Array {
  const counts = new Uint32Array(count);
  for (let at = 0; at < names.length; at++) counts[names[at]!]!++;
  return counts;
}

/** Events that begin within the recording and end long after anything in it. */
function beyondEverything({ gpu, launches, streams }: Trace, moved: ReadonlySet<Row>): Overrun[] {
  const last = new Int32Array(streams.length).fill(NO_ROW);
  for (let row = 0; row < gpu.count; row++) last[gpu.stream[row]!] = row;
  const isLast = new Set(last);
  let end = 0;
  for (let row = 0; row < launches.count; row++)
    end = Math.max(end, launches.start[row]! + launches.duration[row]!);
  const ends = Float64Array.from(
    [...isLast].filter((row) => row !== NO_ROW),
    (row) => gpuEnd(gpu, row),
  ).sort();
  const first = Math.min(gpu.start[0] ?? 0, launches.start[0] ?? Number.POSITIVE_INFINITY);
  const overruns: Overrun[] = [];
  for (const row of isLast) {
    if (row === NO_ROW || moved.has(row) || gpu.duration[row]! < LONG) continue;
    const own = gpuEnd(gpu, row);
    const early = ends[firstIndex(0, ends.length, (at) => ends[at]! >= own / 2) - 1] ?? 0;
    const others = Math.max(end, gpu.start[gpu.count - 1]!, early);
    if (gpu.duration[row]! > OUTLASTS * Math.max(1, others - first))
      overruns.push({ row, until: Math.max(others, gpu.start[row]!) });
  }
  return overruns;
}

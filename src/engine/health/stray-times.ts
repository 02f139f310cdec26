import { pickRows } from "../../base/pick-rows.ts";
import type { HealthFinding } from "../../model/contracts/health.ts";
import type { Trace } from "../../model/trace/trace.ts";
import { type Nanoseconds, NO_ROW, type Row } from "../../model/trace/units.ts";
import { APART, bulkOf, isWithin, outside } from "./bulk.ts";
import type { Checked } from "./checked.ts";
import { gpuUs, placesOf } from "./place.ts";
import { Sample } from "./sample.ts";

/** As {@link Checked}, with the rows whose place in time is a reckoning. */
interface Timed extends Checked {
  readonly moved: ReadonlySet<Row>;
}

/** A kernel this long before its launch, or so much later than the others, was not timed right. */
const BEFORE: Nanoseconds = 1e6;
const BEHIND: Nanoseconds = 10e9;
/** Where lags differ as they like, so many times their usual distance from the middle. */
const FAR = 50;
/** Where to look for the recording proper: most of the events may have lost their time. */
const LATE = 0.95;
/** Recorders count from a boot or an epoch: at their zero nothing can have run, this far from it. */
const FAR_FROM_ZERO_US = 60e6;

/**
 * Times that contradict the rest of the recording: kernels at time zero, hours off or before their
 * launch. Those whose launch is known are put where it says, the others are left out.
 */
export function repairTimes(trace: Trace, launchOf: Int32Array): Timed {
  const { gpu, launches } = trace;
  const without = untimed(trace);
  const lags = usualLags(trace, launchOf, without);
  const aside = new Set<Row>(without);
  const moved: Row[] = [];
  const bulk = bulkOf(gpu.start.subarray(without.length));
  const called = bulkOf(launches.start);
  for (let row = 0; row < gpu.count; row++) {
    if (aside.has(row)) continue;
    const launch = launchOf[row]!;
    const start = gpu.start[row]!;
    if (launch === NO_ROW) {
      if (outside(bulk, start, start)) aside.add(row);
      continue;
    }
    const call = launches.start[launch]!;
    const isCallStray = isWithin(bulk, start) && !isWithin(called, call);
    if (isStray(start - call, lags) && !isCallStray) moved.push(row);
  }
  if (aside.size === 0 && moved.length === 0) return { trace, findings: [], moved: new Set() };
  return rearranged(trace, launchOf, { aside, moved, lag: lags.middle, untimed: without.length });
}

/** Events without duration at the zero of the recorder's clock, or as far off as can be told. */
function untimed({ gpu, baseUs }: Trace): readonly Row[] {
  const rows: Row[] = [];
  const middle = gpu.start[Math.floor(gpu.count * LATE)] ?? 0;
  // GPU events come by start: those at zero are the first, if any.
  for (let row = 0; row < gpu.count; row++) {
    const isZero =
      baseUs * 1000 + gpu.start[row]! <= 0 && baseUs + middle / 1000 > FAR_FROM_ZERO_US;
    if (!isZero && middle - gpu.start[row]! <= APART) break;
    if (gpu.duration[row] === 0) rows.push(row);
  }
  return rows;
}

interface Lags {
  readonly middle: Nanoseconds;
  readonly spread: Nanoseconds;
}

function usualLags(trace: Trace, launchOf: Int32Array, without: readonly Row[]): Lags {
  const { gpu, launches } = trace;
  const sample = new Sample(gpu.count - without.length);
  for (let row = without.length; row < gpu.count; row++) {
    const launch = launchOf[row]!;
    if (launch !== NO_ROW) sample.add(row, gpu.start[row]! - launches.start[launch]!);
  }
  const middle = sample.middle();
  return { middle, spread: sample.distanceFrom(middle) };
}

function isStray(lag: Nanoseconds, { middle, spread }: Lags): boolean {
  const distance = lag - middle;
  if (distance > 0) return distance > Math.max(BEHIND, FAR * spread);
  return lag < -BEFORE && -distance > Math.max(BEFORE, FAR * spread);
}

interface Decided {
  readonly aside: ReadonlySet<Row>;
  readonly moved: readonly Row[];
  readonly lag: Nanoseconds;
  readonly untimed: number;
}

function rearranged(trace: Trace, launchOf: Int32Array, decided: Decided): Timed {
  const { gpu } = trace;
  const start = gpu.start.slice();
  const moved = new Set(decided.moved);
  for (const [row, time] of timesByLaunch(trace, launchOf, decided)) start[row] = time;
  const rows = Array.from({ length: gpu.count }, (_, row) => row)
    .filter((row) => !decided.aside.has(row))
    .sort((a, b) => start[a]! - start[b]! || a - b);
  const repaired = pickRows({ ...gpu, start }, rows);
  const findings = findingsOf(trace, decided);
  return {
    trace: { ...trace, gpu: repaired },
    findings,
    moved: new Set(rows.flatMap((row, at) => (moved.has(row) ? [at] : []))),
  };
}

/** Kernels of one stream run in the order of their launches: behind the one before, or as late as is usual. */
function* timesByLaunch(
  { gpu, launches }: Trace,
  launchOf: Int32Array,
  { aside, moved, lag }: Decided,
): Generator<readonly [Row, Nanoseconds]> {
  const isMoved = new Set(moved);
  const streams = new Set(moved.map((row) => gpu.stream[row]!));
  const called = (row: Row): Nanoseconds => launches.start[launchOf[row]!]!;
  const ordered = Array.from({ length: gpu.count }, (_, row) => row)
    .filter((row) => streams.has(gpu.stream[row]!) && launchOf[row] !== NO_ROW && !aside.has(row))
    .sort((a, b) => called(a) - called(b) || a - b);
  const ends = new Map<number, Nanoseconds>();
  for (const row of ordered) {
    const stream = gpu.stream[row]!;
    let time = gpu.start[row]!;
    if (isMoved.has(row)) {
      time = Math.max(called(row) + Math.max(0, lag), ends.get(stream) ?? 0);
      yield [row, time];
    }
    ends.set(stream, Math.max(ends.get(stream) ?? 0, time + gpu.duration[row]!));
  }
}

function findingsOf(trace: Trace, { aside, moved, untimed: count }: Decided): HealthFinding[] {
  const findings: HealthFinding[] = [];
  const left = [...aside];
  const untimedRows = left.slice(0, count);
  const strays = left.slice(count);
  if (count > 0)
    findings.push({
      kind: "no-time",
      count,
      us: 0,
      where: `${namesOf(trace, untimedRows)} at time 0 with duration 0`,
      remedy:
        "left out: the GPU's clock was not read for them, so GPU time and steps miss their part; record again, with fewer events if buffers overflowed",
    });
  if (moved.length > 0)
    findings.push({
      kind: "stray-time",
      count: moved.length,
      us: gpuUs(trace, moved),
      where: placesOf(trace, moved),
      remedy:
        "their time contradicts their launch; they are shown behind it, and gaps around them mean nothing",
    });
  if (strays.length > 0)
    findings.push({
      kind: "stray-time",
      count: strays.length,
      us: gpuUs(trace, strays),
      where: placesOf(trace, strays),
      remedy:
        "left out: they lie far from the rest of the recording and no launch tells where they belong",
    });
  return findings;
}

function namesOf(trace: Trace, rows: readonly Row[]): string {
  const names = [...new Set(rows.map((row) => trace.kernelNames[trace.gpu.name[row]!]!.short))];
  const more = names.length > 3 ? ` and ${names.length - 3} more` : "";
  return `${names.slice(0, 3).join(", ")}${more}`;
}

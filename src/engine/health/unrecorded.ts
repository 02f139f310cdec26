import type { HealthFinding } from "../../model/contracts/health.ts";
import { GPU_KIND, type Trace, text } from "../../model/trace/trace.ts";
import {
  type EventId,
  type Nanoseconds,
  NO_ID,
  NO_ROW,
  type Row,
} from "../../model/trace/units.ts";
import { distinctNames } from "../attribution/distinct-names.ts";
import { gpuUs, ms } from "./place.ts";

interface Unrecorded {
  readonly findings: readonly HealthFinding[];
  /** Start of every launch without GPU work, ascending. */
  readonly unrecorded: readonly Nanoseconds[];
}

/** Calls that start a kernel or a graph of them, whatever the API. */
const LAUNCH = /^(cuda|cu|hip).*Launch(Kernel|Cooperative|Device)|^(cuda|cu|hip)Graph_?Launch/;
const GRAPH = /GraphLaunch/;
const CAPTURE_BEGINS = /StreamBeginCapture/;
const CAPTURE_ENDS = /StreamEndCapture/;
/** Kernels whose launch lies before the window are usual at its beginning, not later. */
const FEW = 0.02;

/** Launches whose work was not recorded, and work in the middle of the recording without a launch. */
export function unrecordedWork(trace: Trace, launchOf: Int32Array): Unrecorded {
  const without = launchesWithoutRecords(trace, launchOf);
  const findings = [...launchFinding(trace, without), ...recordFinding(trace, launchOf)];
  return { findings, unrecorded: without.map((row) => trace.launches.start[row]!) };
}

function launchesWithoutRecords(trace: Trace, launchOf: Int32Array): readonly Row[] {
  const { launches } = trace;
  const names = namesLike(trace, LAUNCH);
  const begins = namesLike(trace, CAPTURE_BEGINS);
  const ends = namesLike(trace, CAPTURE_ENDS);
  const isRecorded = new Uint8Array(launches.count);
  for (const launch of launchOf) if (launch !== NO_ROW) isRecorded[launch] = 1;
  const recorded = idsOf(trace, isRecorded, launches.count);
  let capturing = 0;
  const without: Row[] = [];
  for (let row = 0; row < launches.count; row++) {
    const name = launches.name[row]!;
    if (begins[name] === 1) capturing++;
    else if (ends[name] === 1) capturing = Math.max(0, capturing - 1);
    const id = launches.correlation[row]!;
    // A captured launch runs nothing, and one without an id cannot be joined to what it ran.
    if (names[name] === 0 || isRecorded[row] === 1 || capturing > 0 || id === NO_ID || id === 0)
      continue;
    if (!recorded(id)) without.push(row);
  }
  return without;
}

/** Whether another launch with the same id has its work recorded: driver calls repeat the runtime's. */
function idsOf(
  { launches }: Trace,
  isRecorded: Uint8Array,
  count: number,
): (id: EventId) => boolean {
  let ids: Set<EventId> | null = null;
  return (id) => {
    if (ids === null) {
      ids = new Set();
      for (let row = 0; row < count; row++)
        if (isRecorded[row] === 1) ids.add(launches.correlation[row]!);
    }
    return ids.has(id);
  };
}

function namesLike(trace: Trace, pattern: RegExp): Uint8Array {
  const flags = new Uint8Array(trace.strings.length);
  for (const id of distinctNames(trace, trace.launches))
    flags[id] = Number(pattern.test(text(trace, id)));
  return flags;
}

function launchFinding(trace: Trace, rows: readonly Row[]): HealthFinding[] {
  if (rows.length === 0 || trace.gpu.count === 0) return [];
  const { launches } = trace;
  const graphs = rows.filter((row) => GRAPH.test(text(trace, launches.name[row]!))).length;
  const kinds = [
    ...(rows.length > graphs ? [`${rows.length - graphs} kernel launches`] : []),
    ...(graphs > 0 ? [`${graphs} graph launches`] : []),
  ];
  const [first, last] = [rows[0]!, rows.at(-1)!];
  const isDamaged = damagedGpuEvents(trace) >= rows.length;
  return [
    {
      kind: "launches-without-records",
      count: rows.length,
      us: 0,
      where: `${kinds.join(" and ")} from ${ms(launches.start[first]!)} to ${ms(launches.start[last]!)}`,
      remedy: isDamaged
        ? "as many GPU events are damaged and were left out: idle time there is not the GPU's, and steps without records are not counted"
        : "what they ran was not recorded (activity buffers overflowed, or the export began or ended between): idle time there is not the GPU's, and steps without records are not counted; record fewer steps",
    },
  ];
}

/** GPU events that were in the file and could not be read. */
function damagedGpuEvents({ origin }: Trace): number {
  return origin.losses.reduce(
    (sum, { category, count }) =>
      sum + (/^(?:concurrent_)?kernel$|^gpu_mem/i.test(category) ? count : 0),
    0,
  );
}

/** Launches and kernels of which no two share an id. */
function idsFinding(trace: Trace): HealthFinding[] {
  const { gpu, launches } = trace;
  const isLaunch = namesLike(trace, LAUNCH);
  let calls = 0;
  for (let row = 0; row < launches.count; row++) calls += isLaunch[launches.name[row]!]!;
  const rows: Row[] = [];
  for (let row = 0; row < gpu.count; row++) if (gpu.kind[row] === GPU_KIND.kernel) rows.push(row);
  if (rows.length === 0 || calls < rows.length * ENOUGH_CALLS) return [];
  return [
    {
      kind: "records-without-launches",
      count: rows.length,
      us: gpuUs(trace, rows),
      where: `all kernels, beside ${calls} launch calls: no kernel and no call share a correlation id`,
      remedy:
        "ids are missing, unreadable or of another recording: neither their place in the code nor their step is known; record again, and keep args.correlation where a tool rewrites the file",
    },
  ];
}

/** Of the kernels: with fewer launch calls the others ran from graphs or before the window. */
const ENOUGH_CALLS = 0.5;

function recordFinding(trace: Trace, launchOf: Int32Array): HealthFinding[] {
  const { gpu, launches } = trace;
  if (launches.count === 0) return [];
  let first: Row = 0;
  while (first < gpu.count && launchOf[first] === NO_ROW) first++;
  if (first === gpu.count) return idsFinding(trace);
  // Ids count up: a lower one than any recorded launch has was launched before the window opened.
  let opened = Number.POSITIVE_INFINITY;
  for (const id of launches.correlation) if (id > 0 && id < opened) opened = id;
  const rows: Row[] = [];
  for (let row = first; row < gpu.count; row++)
    if (
      launchOf[row] === NO_ROW &&
      gpu.kind[row] === GPU_KIND.kernel &&
      gpu.correlation[row]! > opened
    )
      rows.push(row);
  if (rows.length <= gpu.count * FEW) return [];
  const times = rows.map((row) => gpu.start[row]!);
  return [
    {
      kind: "records-without-launches",
      count: rows.length,
      us: gpuUs(trace, rows),
      where: `kernels from ${ms(times[0]!)} to ${ms(times.at(-1)!)}`,
      remedy:
        "their launch calls were not recorded: their place in the code is told by their neighbours at best, and the step by time; record with the host's activities too",
    },
  ];
}

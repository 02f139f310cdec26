import { pickRows } from "../base/pick-rows.ts";
import { EXIT, TriageError } from "../model/errors.ts";
import type { StreamKey, Trace } from "../model/trace/trace.ts";

interface Restriction {
  /** Keep GPU events of this device only; null keeps all. */
  readonly device: number | null;
  /**
   * Keep GPU events of lanes whose pid contains this (merged files write the rank there), else
   * those launched by processes whose id or thread name does; null keeps all.
   */
  readonly pidSubstring: string | null;
}

/**
 * The same trace with fewer GPU events: one device of several, or one process of a merged file.
 * Host events stay, because sites and steps are found through them. A GPU event belongs to the
 * process of its launch; one without a launch in the trace belongs to none.
 *
 * @throws {TriageError} `trace/nothing-left` (exit 2) when no GPU event is left
 */
export function restrictTrace(trace: Trace, { device, pidSubstring }: Restriction): Trace {
  if (device === null && pidSubstring === null) return trace;
  const owned = trace.streams.map((stream) => isOwned(stream, pidSubstring ?? ""));
  const isMerged = trace.streams.some(({ owner }) => owner !== undefined);
  const onDevice = trace.streams.map(
    (stream, index) =>
      (device === null || stream.device === device) &&
      (pidSubstring === null || !isMerged || owned[index]!),
  );
  // Ranks of a merged file count their correlations from one, so only the lane tells them apart.
  const byProcess = pidSubstring === null || isMerged ? null : launchedBy(trace, pidSubstring);
  const kept: number[] = [];
  for (let row = 0; row < trace.gpu.count; row++) {
    if (!onDevice[trace.gpu.stream[row]!]) continue;
    if (byProcess !== null && !byProcess.has(trace.gpu.correlation[row]!)) continue;
    kept.push(row);
  }
  if (kept.length === 0) throw nothingLeft(trace, device, pidSubstring);
  return { ...trace, gpu: pickRows(trace.gpu, kept) };
}

/** Numbers are compared whole: `1` is no part of process 1500. */
function isOwned({ owner, process }: StreamKey, wanted: string): boolean {
  if (owner === undefined) return false;
  if (/^\d+$/.test(owner)) return owner === wanted || process === wanted;
  return owner.includes(wanted);
}

/** Correlations of the launches of matching processes. */
function launchedBy(trace: Trace, pidSubstring: string): ReadonlySet<number> {
  const wanted = trace.threads.map(
    ({ pid, name }) => pid.includes(pidSubstring) || (name ?? "").includes(pidSubstring),
  );
  const ids = new Set<number>();
  for (let row = 0; row < trace.launches.count; row++) {
    if (wanted[trace.launches.thread[row]!]) ids.add(trace.launches.correlation[row]!);
  }
  ids.delete(-1);
  return ids;
}

function nothingLeft(
  { origin, streams, threads }: Trace,
  device: number | null,
  pidSubstring: string | null,
): TriageError {
  const devices = [...new Set(streams.map((stream) => stream.device))].sort((a, b) => a - b);
  const owners = streams.flatMap(({ owner }) => (owner === undefined ? [] : [owner]));
  const pids = [...new Set([...owners, ...threads.map(({ pid }) => pid)])].sort();
  const asked = [
    ...(device === null ? [] : [`device ${device}`]),
    ...(pidSubstring === null ? [] : [`a process with '${pidSubstring}'`]),
  ];
  return new TriageError({
    code: "trace/nothing-left",
    exit: EXIT.usage,
    message: `${origin.path} has no GPU events of ${asked.join(" and ")}.`,
    place: origin.path,
    hint: `It has devices ${devices.join(", ")} and processes ${pids.slice(0, 8).join(", ")}.`,
  });
}

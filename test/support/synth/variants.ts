/** The same trace as other profilers, other versions or bad luck would have left it. */
import { isGpuEvent, type Json, type SynthEvent, type SynthTrace } from "./trace.ts";

/**
 * The window opened late: the first `count` launches, and all host events that ended before the
 * next one, are missing; their kernels stay. Truth keeps the origin, without a launch.
 */
export function launchesBeforeWindow(trace: SynthTrace, count: number): SynthTrace {
  const launches = [...new Set(trace.truth.kernels.map(({ launch }) => launch!))].sort(
    (a, b) => a.ts - b.ts,
  );
  const opens = launches[count]?.ts ?? Number.POSITIVE_INFINITY;
  const missing = (event: SynthEvent) =>
    (event.ph === "X" && !isOnGpu(event) && event.ts + (event.dur ?? 0) < opens) ||
    (event.ph === "s" && event.ts < opens);
  const kernels = trace.truth.kernels.map((kernel) => ({
    ...kernel,
    launch: kernel.launch!.ts < opens ? null : kernel.launch,
  }));
  return {
    ...trace,
    events: trace.events.filter((event) => event.cat === "Trace" || !missing(event)),
    truth: { ...trace.truth, kernels },
  };
}

function isOnGpu(event: SynthEvent): boolean {
  return isGpuEvent(event) || event.cat === "gpu_user_annotation";
}

/**
 * As torch 1.12 wrote: whole microseconds (16 digits), External id equal to the correlation on
 * everything the GPU side wrote, "async_cpu_to_gpu" flows, a "Trace name" in every op.
 */
export function oldTorch(trace: SynthTrace): SynthTrace {
  return {
    ...withEvents(trace, oldEvent),
    baseUs: 1_661_203_462_584_773,
    head: trace.head.filter(([key]) => key === "schemaVersion" || key === "deviceProperties"),
    tail: [],
  };
}

function oldEvent(event: SynthEvent): SynthEvent {
  const start = Math.floor(event.ts / 1000) * 1000;
  const older: SynthEvent = { ...event, ts: start };
  if (event.dur !== undefined) older.dur = Math.floor((event.ts + event.dur) / 1000) * 1000 - start;
  if (event.cat === "ac2g") Object.assign(older, { cat: "async_cpu_to_gpu", name: "async_gpu" });
  const correlation = event.args?.correlation;
  if (correlation !== undefined) older.args = { ...event.args, "External id": correlation };
  else if (event.cat === "cpu_op") older.args = { ...TRACE_NAME, ...event.args };
  return older;
}

const TRACE_NAME: Record<string, Json> = { "Trace name": "PyTorch Profiler", "Trace iteration": 0 };

const OTHER_SPELLING: Record<string, string> = {
  cpu_op: "Operator",
  kernel: "Kernel",
  gpu_memcpy: "Memcpy",
  gpu_memset: "Memset",
  cuda_runtime: "Runtime",
  cuda_driver: "cuda_driver",
};

/** Categories as older Kineto and re-exported traces spell them. */
export function otherCategories(trace: SynthTrace): SynthTrace {
  return withEvents(trace, (event) =>
    event.cat === undefined ? event : { ...event, cat: OTHER_SPELLING[event.cat] ?? event.cat },
  );
}

/** `profile_memory`: an instant event per op that allocates. */
export function memoryEvents(trace: SynthTrace): SynthTrace {
  const events = trace.events.flatMap((event): SynthEvent[] => {
    if (event.cat !== "cpu_op" || event.dur! < 4_000) return [event];
    const { pid, tid } = event;
    const args = { "Total Reserved": 152_171_446_272, Bytes: 262_144, "Device Id": 0 };
    const ts = event.ts + 300;
    return [event, { ph: "i", cat: "cpu_instant_event", name: "[memory]", pid, tid, ts, args }];
  });
  return { ...trace, head: [...trace.head, ["profile_memory", 1]], events };
}

/** Device names left empty, as some ROCm builds do. */
export function namelessDevices(trace: SynthTrace): SynthTrace {
  const head = trace.head.map(([key, value]): [string, Json] =>
    key === "deviceProperties" && Array.isArray(value)
      ? [key, value.map((device) => ({ ...(device as Record<string, Json>), name: "" }))]
      : [key, value],
  );
  return { ...trace, head };
}

/** The metadata before or after the events moves to the other side: `traceEvents` last or first. */
export function metadataAtEnd(trace: SynthTrace): SynthTrace {
  return { ...trace, head: [], tail: [...trace.head, ...trace.tail] };
}

export function metadataAtStart(trace: SynthTrace): SynthTrace {
  return { ...trace, head: [...trace.head, ...trace.tail], tail: [] };
}

function withEvents(trace: SynthTrace, change: (event: SynthEvent) => SynthEvent): SynthTrace {
  const changed = new Map(trace.events.map((event) => [event, change(event)]));
  const kernels = trace.truth.kernels.map((kernel) => ({
    ...kernel,
    event: changed.get(kernel.event)!,
    launch: kernel.launch === null ? null : changed.get(kernel.launch)!,
  }));
  const captured = trace.truth.captured.map((launch) => ({
    ...launch,
    event: changed.get(launch.event)!,
  }));
  return { ...trace, events: [...changed.values()], truth: { ...trace.truth, kernels, captured } };
}

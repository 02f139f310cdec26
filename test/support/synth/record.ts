import { deviceProperties, distributedInfo } from "./machine.ts";
import { OUTSIDE } from "./origin.ts";
import { Prng } from "./prng.ts";
import { type Arrivals, Recorder } from "./recorder.ts";
import type { Scene } from "./scene.ts";
import { isGpuEvent, type Json, type SynthEvent, type SynthTrace } from "./trace.ts";

/** Plays one rank alone: its collectives wait for nobody. */
export function record(scene: Scene): SynthTrace {
  return recordTogether([scene])[0]!;
}

/**
 * Plays the ranks of one job in lockstep. A collective ends on all ranks at the same time, so a
 * rank that arrives early shows a longer kernel, as in real traces.
 */
export function recordTogether(scenes: readonly Scene[]): SynthTrace[] {
  const recorders = scenes.map((scene) => new Recorder(scene));
  const running = recorders.map((recorder, rank) => recorder.play(scenes[rank]!.calls, OUTSIDE));
  let waiting = advance(running, 0);
  while (waiting.length > 0) {
    const released = Math.max(...waiting.map(({ arrival }) => arrival));
    waiting = advance(
      waiting.map(({ rank }) => rank),
      released,
    );
  }
  return recorders.map((recorder, rank) => assemble(recorder, scenes[rank]!));
}

function advance(
  ranks: readonly Arrivals[],
  released: number,
): { rank: Arrivals; arrival: number }[] {
  return ranks.flatMap((rank) => {
    const next = rank.next(released);
    return next.done === true ? [] : [{ rank, arrival: next.value }];
  });
}

function assemble(recorder: Recorder, scene: Scene): SynthTrace {
  const idle = idleThread(recorder, scene);
  let index = 0;
  for (const event of [...recorder.host.ops, ...idle, ...recorder.host.frames])
    event.args = { ...event.args, "Ev Idx": index++ };
  const end = Math.max(
    recorder.host.now,
    ...recorder.host.device.map((event) => event.ts + (event.dur ?? 0)),
  );
  const events = [
    ...recorder.host.ops,
    ...idle,
    ...recorder.host.frames,
    ...overheads(scene),
    ...recorder.host.device,
    ...gpuAnnotations(recorder, scene),
    ...processNames(recorder, scene),
    ...windowEvents(end),
  ];
  return { baseUs: scene.baseUs, ...headAndTail(scene), events, truth: recorder.truth };
}

/** Another Python thread that sleeps through the window: frames without a thread id, on tid 0. */
function idleThread(recorder: Recorder, scene: Scene): SynthEvent[] {
  if (!scene.stacks) return [];
  return scene.idleThread.map((name, depth) => ({
    ph: "X",
    cat: "python_function",
    name,
    pid: scene.pid,
    tid: 0,
    ts: 40_000 + depth,
    dur: recorder.host.now - 40_000 - 2 * depth,
    args: {
      "Python parent id": depth === 0 ? null : depth,
      "Python id": depth + 1,
    },
  }));
}

function overheads(scene: Scene): SynthEvent[] {
  const at = 185_000 + scene.skewNs;
  const name = "Activity Buffer Request";
  return [{ ph: "X", cat: "overhead", name, pid: -1, tid: 0, ts: at, dur: 41_318 }];
}

function gpuAnnotations(recorder: Recorder, scene: Scene): SynthEvent[] {
  return recorder.annotations.flatMap(({ event, spans }) =>
    [...spans].map(([stream, { start, end }]) => ({
      ph: "X" as const,
      cat: "gpu_user_annotation",
      name: event.name,
      pid: scene.device,
      tid: scene.streams[stream] ?? 7,
      ts: start - 1,
      dur: end - start + 1,
      args: { "External id": event.args!["External id"]! },
    })),
  );
}

function processNames(recorder: Recorder, scene: Scene): SynthEvent[] {
  const meta = (
    name: string,
    pid: number,
    tid: number,
    args: Record<string, Json>,
  ): SynthEvent => ({
    name,
    ph: "M",
    ts: 52_000,
    pid,
    tid,
    args,
  });
  const process = (pid: number, label: string, order: number) => [
    meta("process_name", pid, 0, { name: scene.processName }),
    meta("process_labels", pid, 0, { labels: label }),
    meta("process_sort_index", pid, 0, { sort_index: order }),
  ];
  const thread = (pid: number, tid: number, name: string) => [
    meta("thread_name", pid, tid, { name }),
    meta("thread_sort_index", pid, tid, { sort_index: tid }),
  ];
  const streams = new Set(recorder.host.device.filter(isGpuEvent).map(({ tid }) => Number(tid)));
  return [
    ...process(scene.pid, "CPU", scene.pid),
    ...Array.from({ length: scene.devices }, (_, gpu) =>
      process(gpu, `GPU ${gpu}`, 5_000_000 + gpu),
    ).flat(),
    ...[...streams]
      .sort((a, b) => a - b)
      .flatMap((stream) => thread(scene.device, stream, `stream ${stream} `)),
    ...thread(scene.pid, scene.pid, `thread ${scene.pid} (${scene.processName.slice(0, 15)})`),
  ];
}

function windowEvents(end: number): SynthEvent[] {
  const traces = { pid: "Traces", tid: "Trace PyTorch Profiler" };
  return [
    {
      ph: "X",
      cat: "Trace",
      name: "PyTorch Profiler (0)",
      pid: "Spans",
      tid: "PyTorch Profiler",
      ts: 0,
      dur: end,
      args: { "Op count": 0 },
    },
    { ph: "i", name: "Iteration Start: PyTorch Profiler", ...traces, ts: 0 },
    { ph: "i", name: "Record Window End", pid: "", tid: "", ts: end + 2_084_123 },
  ];
}

function headAndTail(scene: Scene): Pick<SynthTrace, "head" | "tail"> {
  const devices = Array.from({ length: scene.devices }, (_, id) => deviceProperties(scene.gpu, id));
  const versions: [string, Json][] =
    scene.gpu.vendor === "nvidia"
      ? [
          ["cuda_driver_version", 13_000],
          ["cuda_runtime_version", 12_090],
          ["cupti_version", 28],
        ]
      : [
          ["roctracer_version", "4.1"],
          ["hip_runtime_version", 70_253_211],
          ["hip_driver_version", 70_253_211],
        ];
  return {
    head: [
      ["schemaVersion", 1],
      ["deviceProperties", devices],
      ["trace_id", new Prng(scene.seed ^ 0x5eed).hex(32)],
      ...(scene.stacks ? ([["with_stack", 1]] as [string, Json][]) : []),
      ...(scene.shapes ? ([["record_shapes", 1]] as [string, Json][]) : []),
      ["distributedInfo", distributedInfo(scene.rank, scene.worldSize)],
      ...versions,
      ["displayTimeUnit", "ms"],
      ["baseTimeNanoseconds", scene.baseTimeNs],
    ],
    tail: [["traceName", scene.traceName]],
  };
}

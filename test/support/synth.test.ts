import { describe, expect, test } from "vitest";
import { traceText } from "./synth/serialise.ts";
import { type TraceSpec, traceSpec } from "./synth/spec.ts";
import { synthesise, synthesiseCapture, synthesiseRanks } from "./synth/synthesise.ts";
import { endOf, isGpuEvent, type SynthEvent, type SynthTrace } from "./synth/trace.ts";

const PREFILL: TraceSpec = traceSpec({
  engine: "sglang",
  tp: 2,
  layers: 3,
  skewNs: [0, 20_000],
  steps: [{ stage: "prefill", batchSize: 2, tokens: 1024, mode: "eager" }],
});
const DECODE: TraceSpec = traceSpec({
  engine: "sglang",
  tp: 2,
  layers: 3,
  steps: [
    { stage: "decode", batchSize: 32, tokens: 32, mode: "graph" },
    { stage: "decode", batchSize: 32, tokens: 32, mode: "graph" },
  ],
});

const TRACES: [title: string, make: () => SynthTrace][] = [
  ["sglang prefill, eager", () => synthesise(PREFILL)],
  ["sglang decode, graph replay", () => synthesise(DECODE)],
  ["sglang graph capture", () => synthesiseCapture(DECODE, 32)],
];

describe.each(TRACES)("%s", (_title, make) => {
  const trace = make();
  const gpu = trace.events.filter(isGpuEvent);

  test("is JSON with three decimals and traceEvents not first", () => {
    const text = traceText(trace);
    const parsed = JSON.parse(text) as { traceEvents: { ts: number }[] };
    expect(parsed.traceEvents).toHaveLength(trace.events.length);
    expect(Object.keys(parsed).indexOf("traceEvents")).toBeGreaterThan(3);
    expect(text.match(/"(?:ts|dur)": \d+(?!\d*\.\d{3}\b)/g)).toBeNull();
    expect(text).toContain('"baseTimeNanoseconds": 1775078550000000000,');
  });

  test("joins every GPU event to its launch by correlation and by flow", () => {
    const launches = launchesOf(trace);
    const starts = new Set(trace.events.filter((event) => event.ph === "s").map(({ id }) => id));
    const ends = new Set(trace.events.filter((event) => event.ph === "f").map(({ id }) => id));
    for (const event of gpu) {
      const correlation = event.args!.correlation as number;
      const launch = launches.get(correlation)!;
      expect(launch.ts).toBeLessThan(event.ts);
      expect(starts.has(correlation) && ends.has(correlation)).toBe(true);
      expect(event.args!["External id"]).toEqual(launch.args!["External id"]);
    }
  });

  test("nests Python frames and ops properly, with matching parent ids", () => {
    for (const cat of ["python_function", "cpu_op"]) {
      const open: SynthEvent[] = [];
      for (const event of trace.events.filter((one) => one.cat === cat && one.tid !== 0)) {
        while (open.length > 0 && endOf(open.at(-1)!) <= event.ts) open.pop();
        const parent = open.at(-1);
        if (parent !== undefined) expect(endOf(event)).toBeLessThanOrEqual(endOf(parent));
        if (cat === "python_function")
          expect(event.args!["Python parent id"]).toBe(parent?.args?.["Python id"] ?? null);
        open.push(event);
      }
    }
  });

  test("runs each stream in launch order", () => {
    const lastStart = new Map<number | string, number>();
    for (const event of gpu) {
      expect(event.ts).toBeGreaterThan(lastStart.get(event.tid) ?? 0);
      lastStart.set(event.tid, event.ts);
    }
  });

  test("tells the truth about directly launched kernels", () => {
    expect(trace.truth.kernels.map(({ event }) => event)).toEqual(gpu);
    const frames = trace.events.filter((event) => event.cat === "python_function");
    for (const kernel of trace.truth.kernels.filter(({ graph }) => graph === null)) {
      const around = frames.filter(
        (frame) =>
          frame.ts <= kernel.launch!.ts && endOf(frame) >= endOf(kernel.launch!) && frame.tid !== 0,
      );
      expect(around.map(({ name }) => name).reverse()).toEqual(kernel.stack);
      expect(kernel.stack).toContain(kernel.site);
    }
  });
});

test("the same description gives the same bytes, another seed gives others", () => {
  const once = traceText(synthesise(PREFILL));
  expect(traceText(synthesise(PREFILL))).toBe(once);
  expect(traceText(synthesise({ ...PREFILL, seed: 2 }))).not.toBe(once);
});

test("collectives end together on all ranks, longest on the rank that came first", () => {
  const [first, second] = synthesiseRanks(PREFILL).map((trace) =>
    trace.truth.kernels
      .filter(({ role }) => role.endsWith("_all_reduce"))
      .map(({ event }) => event),
  );
  expect(first!.length).toBe(7);
  for (const [index, event] of first!.entries())
    expect(Math.abs(endOf(event) - endOf(second![index]!))).toBeLessThan(15_000);
  expect(first![0]!.ts).toBeLessThan(second![0]!.ts);
  expect(first![0]!.dur).toBeGreaterThan(second![0]!.dur!);
});

test("replayed kernels name the captured launch they come from", () => {
  const replayed = synthesise(DECODE).truth.kernels.filter(({ graph }) => graph !== null);
  const captured = synthesiseCapture(DECODE, 32).truth.captured;
  expect(replayed.length).toBe(2 * captured.length);
  for (const kernel of replayed) {
    const launch = captured[kernel.graph!.node!]!;
    expect(launch.graph.node).toBe(kernel.graph!.node);
    expect({ role: launch.role, site: launch.site, modulePath: launch.modulePath }).toEqual({
      role: kernel.role,
      site: kernel.site,
      modulePath: kernel.modulePath,
    });
  }
});

test("a replay puts all kernels behind one launch, without ops", () => {
  const replayed = synthesise(DECODE).truth.kernels.filter(({ graph }) => graph !== null);
  const launches = new Set(replayed.map(({ launch }) => launch));
  expect([...launches].map((launch) => launch!.name)).toEqual([
    "cudaGraphLaunch",
    "cudaGraphLaunch",
  ]);
  expect(replayed.every(({ event }) => event.args!["External id"] === undefined)).toBe(true);
});

function launchesOf(trace: SynthTrace): Map<number, SynthEvent> {
  const launches = trace.events.filter(
    ({ cat }) => cat === "cuda_runtime" || cat === "cuda_driver",
  );
  return new Map(launches.map((event) => [event.args!.correlation as number, event]));
}

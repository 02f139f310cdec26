import { describe, expect, test } from "vitest";
import { traceText } from "./synth/serialise.ts";
import { type StepSpec, type TraceSpec, traceSpec } from "./synth/spec.ts";
import { synthesise, synthesiseCapture, synthesiseRanks } from "./synth/synthesise.ts";
import { endOf, isGpuEvent, type SynthEvent, type SynthTrace } from "./synth/trace.ts";

const EXTEND: StepSpec = { stage: "prefill", batchSize: 2, tokens: 1024, mode: "eager" };
const DECODE: StepSpec = { stage: "decode", batchSize: 32, tokens: 32, mode: "eager" };
const MIXED: StepSpec = { stage: "mixed", batchSize: 9, tokens: 520, mode: "eager" };
const REPLAY: StepSpec = { ...DECODE, mode: "graph" };
const PIECES: StepSpec = { ...DECODE, mode: "piecewise" };

const PREFILL = traceSpec({
  engine: "sglang",
  tp: 2,
  layers: 3,
  skewNs: [0, 20_000],
  steps: [EXTEND],
});
const GRAPHS = traceSpec({ engine: "sglang", tp: 2, layers: 3, steps: [REPLAY, REPLAY] });
const HIP = traceSpec({ engine: "sglang", gpu: "mi300x", layers: 3, steps: [REPLAY] });
const PIECEWISE = traceSpec({ engine: "vllm", tp: 2, layers: 3, steps: [PIECES], nodeIds: true });

const TRACES: [title: string, spec: TraceSpec, capture?: number][] = [
  ["sglang prefill", PREFILL],
  ["sglang decode, graph replay", GRAPHS],
  ["sglang graph capture", GRAPHS, 32],
  ["sglang decode on HIP, with padding", { ...HIP, paddingEvery: 5 }],
  ["sglang graph capture on HIP", HIP, 32],
  ["sglang expert parallel, two streams", { ...PREFILL, tp: 8, model: "deepseek-v3" }],
  ["vllm eager", { ...PREFILL, engine: "vllm", steps: [EXTEND, DECODE, MIXED] }],
  ["vllm piecewise graphs", PIECEWISE],
  ["vllm piecewise graph capture", PIECEWISE, 32],
  ["trtllm", { ...PREFILL, engine: "trtllm", gpu: "b200", steps: [EXTEND, DECODE] }],
  ["tokenspeed", { ...PREFILL, engine: "tokenspeed", gpu: "b200", steps: [EXTEND, DECODE] }],
  ["transformers", { ...PREFILL, engine: "hf", tp: 1 }],
];

describe.each(TRACES)("%s", (_title, spec, capture) => {
  const trace = capture === undefined ? synthesise(spec) : synthesiseCapture(spec, capture);
  const gpu = trace.events.filter(isGpuEvent);

  test("is JSON with three decimals and traceEvents not first", () => {
    const text = traceText(trace);
    const parsed = JSON.parse(text) as { traceEvents: object[] };
    expect(parsed.traceEvents).toHaveLength(trace.events.length);
    expect(Object.keys(parsed).indexOf("traceEvents")).toBeGreaterThan(3);
    expect(text.match(/"(?:ts|dur)": \d+(?!\d*\.\d{3}\b)/g)).toBeNull();
    expect(text).toContain('"baseTimeNanoseconds": 1775078550000000000,');
  });

  test("joins every GPU event to its launch by correlation and by flow", () => {
    const launches = launchesOf(trace);
    const starts = new Set(trace.events.filter(({ ph }) => ph === "s").map(({ id }) => id));
    const ends = new Set(trace.events.filter(({ ph }) => ph === "f").map(({ id }) => id));
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

  test("names the op around each launch by External id", () => {
    const ops = trace.events.filter(({ cat }) => cat === "cpu_op");
    for (const launch of launchesOf(trace).values()) {
      const around = ops.filter((op) => op.ts <= launch.ts && endOf(op) >= endOf(launch));
      expect(launch.args!["External id"]).toBe(around.at(-1)?.args?.["External id"]);
    }
  });

  test("runs each stream in launch order", () => {
    const lastStart = new Map<number | string, number>();
    for (const event of gpu) {
      expect(event.ts).toBeGreaterThan(lastStart.get(event.tid) ?? 0);
      lastStart.set(event.tid, event.ts);
    }
  });

  test("tells the truth about directly launched work", () => {
    expect(trace.truth.kernels.map(({ event }) => event)).toEqual(gpu);
    const frames = trace.events.filter(({ cat, tid }) => cat === "python_function" && tid !== 0);
    const direct = trace.truth.kernels.filter(({ graph }) => graph === null);
    const launched = direct.map(({ launch, stack, site }) => ({ launch: launch!, stack, site }));
    const captured = trace.truth.captured.map(({ event, ...origin }) => ({
      launch: event,
      ...origin,
    }));
    for (const { launch, stack, site } of [...launched, ...captured]) {
      const around = frames.filter(({ ts, dur }) => ts <= launch.ts && ts + dur! >= endOf(launch));
      expect(around.map(({ name }) => name).reverse()).toEqual(stack);
      expect(stack).toContain(site);
    }
  });
});

test("the same description gives the same bytes, another seed gives others", () => {
  const once = traceText(synthesise(PREFILL));
  expect(traceText(synthesise(PREFILL))).toBe(once);
  expect(traceText(synthesise({ ...PREFILL, seed: 2 }))).not.toBe(once);
});

test("without stacks and shapes neither is written, and the truth stays", () => {
  const bare = synthesise({ ...PREFILL, stacks: false, shapes: false });
  expect(bare.events.some(({ cat }) => cat === "python_function")).toBe(false);
  expect(traceText(bare)).not.toMatch(/Input Dims|with_stack|record_shapes/);
  expect(bare.truth.kernels.map(({ site }) => site)).toEqual(
    synthesise(PREFILL).truth.kernels.map(({ site }) => site),
  );
});

test("collectives end together on all ranks, longest on the rank that came first", () => {
  const exact = { ...PREFILL, timing: { jitter: 0 } };
  const [first, second] = synthesiseRanks(exact).map(({ truth }) =>
    truth.kernels.filter(({ role }) => role.endsWith("_all_reduce")).map(({ event }) => event),
  );
  expect(first!.length).toBe(7);
  expect(first!.map(endOf)).toEqual(second!.map(endOf));
  expect(second![0]!.ts - first![0]!.ts).toBe(20_000);
  expect(first![0]!.dur! - second![0]!.dur!).toBe(20_000);
});

describe("graphs", () => {
  test("put all kernels of a replay behind one launch, without ops", () => {
    const replayed = replayedKernels(synthesise(GRAPHS));
    const launches = [...new Set(replayed.map(({ launch }) => launch!.name))];
    expect(launches).toEqual(["cudaGraphLaunch"]);
    expect(new Set(replayed.map(({ launch }) => launch)).size).toBe(2);
    expect(replayed.every(({ event }) => event.args!["External id"] === undefined)).toBe(true);
  });

  test.each([
    ["CUDA", GRAPHS],
    ["HIP", HIP],
    ["piecewise", PIECEWISE],
  ])("%s: every replayed kernel is a captured launch of known origin", (_title, spec) => {
    const capture = synthesiseCapture(spec, 32).truth.captured;
    const replayed = replayedKernels(synthesise(spec));
    expect(replayed.length).toBe(capture.length * spec.steps.length);
    for (const { graph, role, site, modulePath, event } of replayed) {
      const launch = capture[graph!.node!]!;
      expect(launch).toMatchObject({ graph, role, site, modulePath });
      if (spec.gpu === "mi300x" && event.cat === "kernel")
        expect(launch.event.args!.kernel).toBe(event.name);
    }
  });

  test("captures launch without running: only what is outside the graph has kernels", () => {
    const capture = synthesiseCapture(GRAPHS, 32);
    expect(capture.truth.kernels.map(({ role }) => role)).toEqual(["graph_seed", "graph_seed"]);
    expect(capture.truth.captured.length).toBeGreaterThan(50);
  });

  test("piecewise graphs leave attention to the host: one launch more than layers", () => {
    const trace = synthesise(PIECEWISE);
    const launches = new Set(replayedKernels(trace).map(({ launch }) => launch));
    expect(launches.size).toBe(PIECEWISE.layers + 1);
    const eager = trace.truth.kernels.filter(({ role }) => role === "attention");
    expect(eager.every(({ graph, layer }) => graph === null && layer !== null)).toBe(true);
  });

  test("padding kernels belong to no captured launch", () => {
    const padded = replayedKernels(synthesise({ ...HIP, paddingEvery: 5 }));
    const nodes = padded.filter(({ graph }) => graph!.node !== null).length;
    expect(padded.length - nodes).toBe(Math.floor(nodes / 5));
  });

  test("node ids differ within a step and repeat over steps", () => {
    const [one, two] = [0, 1].map((step) =>
      replayedKernels(synthesise({ ...GRAPHS, nodeIds: true }))
        .filter((kernel) => kernel.step === step)
        .map(({ event }) => event.args!["graph node id"]),
    );
    expect(new Set(one).size).toBe(one!.length);
    expect(two).toEqual(one);
  });
});

test("the scheduler is a step ahead: kernels outlive the window that launched them", () => {
  const trace = synthesise(GRAPHS);
  const windows = trace.events.filter(
    ({ name, cat }) => name.startsWith("step[") && cat === "user_annotation",
  );
  const first = trace.truth.kernels.filter(({ step, layer }) => step === 0 && layer !== null);
  expect(windows.length).toBe(2);
  expect(Math.max(...first.map(({ event }) => endOf(event)))).toBeGreaterThan(windows[1]!.ts);
});

test("programmatic dependent launch: fused all-reduces start before their predecessor ends", () => {
  const trace = synthesise({ ...GRAPHS, features: ["fused-allreduce-norm"] });
  const onMain = trace.truth.kernels.filter(({ event }) => event.tid === 13);
  const early = onMain.filter(
    ({ event }, index) => index > 0 && event.ts < endOf(onMain[index - 1]!.event),
  );
  expect(new Set(early.map(({ role }) => role.endsWith("_norm_all_reduce")))).toEqual(
    new Set([true]),
  );
  expect(early.length).toBeGreaterThan(8);
});

function replayedKernels(trace: SynthTrace) {
  return trace.truth.kernels.filter(({ graph }) => graph !== null);
}

function launchesOf(trace: SynthTrace): Map<number, SynthEvent> {
  const calls = trace.events.filter(({ cat }) => cat === "cuda_runtime" || cat === "cuda_driver");
  return new Map(calls.map((event) => [event.args!.correlation as number, event]));
}

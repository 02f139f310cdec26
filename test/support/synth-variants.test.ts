import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { bareArray, cutAt, cutGzip, flipByte, spoilEvent, strangeName } from "./synth/damage.ts";
import { fence, kernel, layer } from "./synth/describe.ts";
import { hiddenNs, hiddenShare } from "./synth/overlap-truth.ts";
import { mappingFormalPair, regressionPair } from "./synth/pairs.ts";
import { record } from "./synth/record.ts";
import { replicatedChunks } from "./synth/replicate.ts";
import { traceText } from "./synth/serialise.ts";
import { traceSpec } from "./synth/spec.ts";
import { scene, synthesise } from "./synth/synthesise.ts";
import { isGpuEvent, type SynthTrace } from "./synth/trace.ts";
import {
  launchesBeforeWindow,
  memoryEvents,
  metadataAtEnd,
  namelessDevices,
  oldTorch,
  otherCategories,
} from "./synth/variants.ts";
import { gzipped } from "./synth/write.ts";

const SPEC = traceSpec({ engine: "vllm", layers: 2 });
const TRACE = synthesise(SPEC);
const TEXT = traceText(TRACE);

test("overlap of two streams is known exactly", () => {
  const second = { stream: "second" };
  const calls = [
    layer(
      0,
      kernel("opening", "opening_kernel", 500),
      fence("main", "second"),
      kernel("compute", "compute_kernel", 100),
      kernel("comm", "comm_kernel", 40, second),
      fence("second", "main"),
      kernel("alone", "alone_kernel", 30),
    ),
  ];
  const spec = traceSpec({ engine: "sglang", timing: { jitter: 0 }, stacks: false });
  const trace = record(scene(spec, 0, calls));
  const hidden = hiddenNs(trace);
  expect(trace.truth.kernels.map(({ role, event }) => [role, hidden.get(event)])).toEqual([
    ["opening", 0],
    ["compute", 40_000],
    ["comm", 40_000],
    ["alone", 0],
  ]);
  expect(hiddenShare(trace, "compute")).toBe(0.4);
});

test("a late window loses launches, not kernels", () => {
  const late = launchesBeforeWindow(TRACE, 12);
  expect(late.truth.kernels.filter(({ launch }) => launch === null).length).toBe(12);
  expect(late.events.filter(isGpuEvent)).toEqual(TRACE.events.filter(isGpuEvent));
  const gone = late.truth.kernels[0]!.event.args!.correlation;
  expect(late.events.filter(({ args }) => args?.correlation === gone).length).toBe(1);
});

test("old torch: whole microseconds, sixteen digits, External id is the correlation", () => {
  const old = oldTorch(TRACE);
  const parsed = JSON.parse(traceText(old)) as {
    traceEvents: { cat?: string; ts: number; args?: Record<string, number> }[];
  };
  for (const { cat, ts, args } of parsed.traceEvents) {
    if (cat !== "kernel") continue;
    expect(Number.isInteger(ts)).toBe(true);
    expect(String(ts).length).toBe(16);
    expect(args!["External id"]).toBe(args!.correlation);
  }
  expect(old.truth.kernels.map(({ event }) => event)).toEqual(old.events.filter(isGpuEvent));
});

test("other spellings keep every event", () => {
  const cats = new Set(otherCategories(TRACE).events.map(({ cat }) => cat));
  expect(cats.has("Kernel") && cats.has("Runtime") && cats.has("Operator")).toBe(true);
  expect(cats.has("kernel")).toBe(false);
  expect(traceText(namelessDevices(TRACE))).toContain('"name": "", "totalGlobalMem"');
  const memory = JSON.parse(traceText(memoryEvents(TRACE))) as { traceEvents: { name: string }[] };
  expect(memory.traceEvents.filter(({ name }) => name === "[memory]").length).toBeGreaterThan(5);
  expect(Object.keys(JSON.parse(traceText(metadataAtEnd(TRACE))))[0]).toBe("traceEvents");
});

test("damage is damage: what is cut no longer parses, what is whole still does", () => {
  expect(() => JSON.parse(cutAt(TEXT, 0.6))).toThrow();
  expect(() => JSON.parse(spoilEvent(TEXT, 20))).toThrow();
  expect(JSON.parse(bareArray(TEXT))).toHaveLength(TRACE.events.length);
  expect(JSON.parse(strangeName(TEXT, 3)).traceEvents[3].name).toContain("\u0001");
  const packed = gzipped(TEXT);
  expect(() => gunzipSync(cutGzip(packed, 8))).toThrow(/unexpected end/);
  expect(() => gunzipSync(flipByte(packed, 2000))).toThrow();
});

test("gzip carries no time and no operating system", () => {
  const packed = gzipped(TEXT);
  expect([...packed.subarray(4, 8), packed[9]]).toEqual([0, 0, 0, 0, 255]);
  expect(gunzipSync(packed).toString() === TEXT).toBe(true);
});

test("replication: a bigger trace with ids that go on and times that rise", () => {
  const text = [...replicatedChunks(TRACE, { copies: 9 })].join("");
  const { traceEvents } = JSON.parse(text) as {
    traceEvents: { cat?: string; ts: number; args?: Record<string, number> }[];
  };
  expect(traceEvents).toHaveLength(9 * TRACE.events.length);
  const kernels = traceEvents.filter(({ cat }) => cat === "kernel" || cat === "gpu_memcpy");
  const correlations = new Set(kernels.map(({ args }) => args!.correlation));
  expect(correlations.size).toBe(kernels.length);
  const bySize = [...replicatedChunks(TRACE, { bytes: 3 * TEXT.length })].join("");
  expect(bySize.length).toBeGreaterThan(3 * TEXT.length);
  expect(JSON.parse(bySize).traceEvents.length).toBeLessThan(5 * TRACE.events.length);
});

test("mapping and formal run the same kernels in the same order; only mapping has stacks", () => {
  const { mapping, formal } = mappingFormalPair({ layers: 3 });
  expect(modelRoles(formal)).toEqual(modelRoles(mapping));
  expect(mapping.events.some(({ cat }) => cat === "python_function")).toBe(true);
  expect(formal.events.some(({ cat }) => cat === "python_function")).toBe(false);
});

test("the regression pair differs by what it says", () => {
  const { before, after, slower, onlyBefore, onlyAfter } = regressionPair();
  const mean = (trace: SynthTrace, wanted: string) => {
    const own = trace.truth.kernels.filter(({ role, layer }) => role === wanted && layer !== null);
    return own.reduce((sum, { event }) => sum + event.dur!, 0) / own.length;
  };
  expect(mean(after, "attention") / mean(before, "attention")).toBeCloseTo(slower.attention!, 1);
  expect(mean(after, "experts_up") / mean(before, "experts_up")).toBeCloseTo(1, 1);
  const [roles, newRoles] = [rolesInLayers(before), rolesInLayers(after)];
  expect([...roles].filter((role) => !newRoles.has(role)).sort()).toEqual([...onlyBefore].sort());
  expect([...newRoles].filter((role) => !roles.has(role)).sort()).toEqual([...onlyAfter].sort());
});

function modelRoles(trace: SynthTrace): string[] {
  return trace.truth.kernels.filter(({ layer }) => layer !== null).map(({ role }) => role);
}

function rolesInLayers(trace: SynthTrace): Set<string> {
  return new Set(modelRoles(trace));
}

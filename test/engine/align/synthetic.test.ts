import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadRules } from "../../../src/dsl/load-rules.ts";
import { alignReplays } from "../../../src/engine/align/align-replays.ts";
import { buildKernelGraph } from "../../../src/engine/kernel-graph.ts";
import { decideFramework } from "../../../src/ingest/frameworks/index.ts";
import { readTrace } from "../../../src/ingest/read-trace.ts";
import type { KernelGraph } from "../../../src/model/trace/kernel-graph.ts";
import type { Trace } from "../../../src/model/trace/trace.ts";
import { mappingFormalPair } from "../../support/synth/pairs.ts";
import { type TraceSpec, traceSpec } from "../../support/synth/spec.ts";
import { synthesise, synthesiseCapture, synthesiseRanks } from "../../support/synth/synthesise.ts";
import type { KernelTruth, SynthTrace } from "../../support/synth/trace.ts";
import { writeTrace } from "../../support/synth/write.ts";

const folder = mkdtempSync(join(tmpdir(), "align-"));
const { ruleSet } = await loadRules("rules");
let files = 0;

async function read(trace: SynthTrace): Promise<Trace> {
  const path = join(folder, `${files++}.json.gz`);
  writeTrace(trace, path);
  return readTrace(path);
}

const profileOf = (trace: Trace) =>
  decideFramework(trace, { serverArgs: null, override: null, fileName: "x" }).profile;

function plainGraph(trace: Trace): KernelGraph {
  return buildKernelGraph(trace, { profile: profileOf(trace), ruleSet, stageHint: null });
}

/** Formal trace located by a capture, an eager trace, or both. */
async function locate(
  formal: SynthTrace,
  capture: SynthTrace | null,
  mapping: SynthTrace | null = null,
) {
  const trace = await read(formal);
  const captured = capture === null ? null : await read(capture);
  const mapped = mapping === null ? null : plainGraph(await read(mapping));
  const plain = plainGraph(trace);
  const aligned = alignReplays(plain, {
    captures:
      captured === null ? [] : [{ trace: captured, profile: profileOf(captured), batchSize: null }],
    mappings: mapped === null ? [] : [mapped],
  });
  const graph = buildKernelGraph(trace, {
    profile: profileOf(trace),
    ruleSet,
    stageHint: null,
    siteOverrides: aligned.overrides,
  });
  return { graph, aligned };
}

/** "path/file.py(12): fn" → "path/file.py:12". */
const place = (frame: string | null) => frame?.replace(/\((\d+)\): .*$/, ":$1") ?? null;

/** Locations are shown from the package on, frames from wherever it was installed. */
const isPlace = (frame: string, location: string | null) =>
  location !== null && (place(frame) ?? "").endsWith(location);

/**
 * Replayed kernels against the truth: share located, and what was located elsewhere than where the
 * capture launched it. Kernels the capture never launched count as wrong when located.
 */
function judge(graph: KernelGraph, formal: SynthTrace, capture: SynthTrace) {
  const launched = new Map(
    capture.truth.captured.map((launch) => [`${launch.graph.id}/${launch.graph.node}`, launch]),
  );
  const rowOf = new Map<number, number[]>();
  for (let row = 0; row < graph.trace.gpu.count; row++) {
    const start = graph.trace.gpu.start[row]! + 1000 * (graph.trace.baseUs - formal.baseUs);
    rowOf.set(start, [...(rowOf.get(start) ?? []), row]);
  }
  let replayed = 0;
  let located = 0;
  const wrong: string[] = [];
  for (const truth of formal.truth.kernels) {
    if (truth.graph === null) continue;
    const row = findRow(graph, rowOf, truth);
    const expected = launched.get(`${truth.graph.id}/${truth.graph.node}`);
    if (expected !== undefined) replayed++;
    if (graph.viaOf[row] === 0) continue;
    const site = graph.sites[graph.siteOf[row]!]!;
    if (expected === undefined) continue;
    located++;
    if (!expected.stack.some((frame) => isPlace(frame, site.location)))
      wrong.push(`${truth.role}: ${site.location}, not under ${place(expected.site)}`);
    else if (site.cpuOp !== null && !expected.ops.includes(site.cpuOp))
      wrong.push(`${truth.role}: op ${site.cpuOp}, not ${expected.ops.join(" < ")}`);
  }
  return { share: located / replayed, wrong, replayed };
}

function findRow(graph: KernelGraph, rowOf: Map<number, number[]>, truth: KernelTruth): number {
  const rows = rowOf.get(truth.event.ts) ?? [];
  const found = rows.find(
    (row) => graph.trace.kernelNames[graph.trace.gpu.name[row]!]!.raw === truth.event.name,
  );
  if (found === undefined)
    throw new Error(`no GPU event at ${truth.event.ts}: ${truth.event.name}`);
  return found;
}

/** The capture without every `nth` launch of its graphs. */
function lossy(capture: SynthTrace, nth: number): SynthTrace {
  const lost = new Set(
    capture.truth.captured.filter((_, i) => i % nth === 5).map(({ event }) => event),
  );
  return { ...capture, events: capture.events.filter((event) => !lost.has(event)) };
}

/** The capture with its second graph recorded last. */
function reordered(capture: SynthTrace): SynthTrace {
  const begins = capture.events
    .filter(({ name }) => /StreamBeginCapture/.test(name))
    .sort((a, b) => a.ts - b.ts);
  const ends = capture.events
    .filter(({ name }) => /StreamEndCapture/.test(name))
    .sort((a, b) => a.ts - b.ts);
  if (begins.length < 3) throw new Error("a capture of one graph cannot be reordered");
  const [from, to] = [begins[1]!.ts, ends[1]!.ts + (ends[1]!.dur ?? 0)];
  const shift =
    Math.max(...capture.events.map(({ ts, dur }) => ts + (dur ?? 0))) + 1_000_000 - from;
  return {
    ...capture,
    events: capture.events.map((event) =>
      event.ts >= from && event.ts + (event.dur ?? 0) <= to
        ? { ...event, ts: event.ts + shift }
        : event,
    ),
  };
}

function decode(mode: "graph" | "piecewise", part: Partial<TraceSpec> = {}): TraceSpec {
  // vLLM is the engine that captures piece by piece.
  const engine = mode === "piecewise" ? "vllm" : "sglang";
  const spec = traceSpec({ engine, gpu: "h100", layers: 8, ...part });
  return { ...spec, steps: spec.steps.map((step) => ({ ...step, mode })) };
}

describe.each(["graph", "piecewise"] as const)("a CUDA %s capture (no kernel names)", (mode) => {
  test.each([1, 2])("of TP %i locates every replayed kernel it launched", async (tp) => {
    const spec = decode(mode, { tp });
    const [formal] = synthesiseRanks(spec);
    const capture = synthesiseCapture(spec, spec.steps[0]!.batchSize);
    const { graph } = await locate(formal!, capture);
    const { share, wrong, replayed } = judge(graph, formal!, capture);
    expect(replayed).toBeGreaterThan(80);
    expect(wrong).toEqual([]);
    expect(share).toBe(1);
  });

  test("with a twentieth of its launches lost", async () => {
    const spec = decode(mode);
    const formal = synthesise(spec);
    const capture = synthesiseCapture(spec, spec.steps[0]!.batchSize);
    const { graph } = await locate(formal, lossy(capture, 20));
    const { share, wrong } = judge(graph, formal, capture);
    expect(wrong).toEqual([]);
    expect(share).toBeGreaterThan(0.95);
  });

  test("beside padding kernels that were never captured", async () => {
    const spec = decode(mode, { paddingEvery: 9 });
    const formal = synthesise(spec);
    const capture = synthesiseCapture(spec, spec.steps[0]!.batchSize);
    const { graph } = await locate(formal, capture);
    const { share, wrong } = judge(graph, formal, capture);
    expect(wrong).toEqual([]);
    expect(share).toBeGreaterThan(0.95);
  });
});

test("graphs recorded in another order are found by what they hold", async () => {
  const spec = decode("piecewise");
  const formal = synthesise(spec);
  const capture = synthesiseCapture(spec, spec.steps[0]!.batchSize);
  const { graph } = await locate(formal, reordered(capture));
  const { share, wrong } = judge(graph, formal, capture);
  expect(wrong).toEqual([]);
  expect(share).toBeGreaterThan(0.95);
});

test("an eager mapping trace lends its sites to the replays of the formal one", async () => {
  const { mapping, formal } = mappingFormalPair({ gpu: "h100" });
  const { graph, aligned } = await locate(formal, null, mapping);
  expect(aligned.locatedTimeNs / aligned.graphTimeNs).toBeGreaterThan(0.95);
  // The truth of the eager run by role: every formal kernel of a role must come from its places.
  const stacks = new Map<string, readonly string[]>();
  for (const { role, stack } of mapping.truth.kernels)
    stacks.set(role, [...(stacks.get(role) ?? []), ...stack]);
  const byStart = new Map(
    formal.truth.kernels.map((truth) => [`${truth.event.ts}/${truth.event.name}`, truth]),
  );
  const wrong: string[] = [];
  for (let row = 0; row < graph.trace.gpu.count; row++) {
    const start = graph.trace.gpu.start[row]! + 1000 * (graph.trace.baseUs - formal.baseUs);
    const name = graph.trace.kernelNames[graph.trace.gpu.name[row]!]!.raw;
    const truth = byStart.get(`${start}/${name}`);
    const { location } = graph.sites[graph.siteOf[row]!]!;
    if (truth === undefined || location === null) continue;
    if (!stacks.get(truth.role)?.some((frame) => isPlace(frame, location)))
      wrong.push(`${truth.role}: ${location}`);
  }
  expect(wrong).toEqual([]);
});

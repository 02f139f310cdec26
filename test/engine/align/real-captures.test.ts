import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadRules } from "../../../src/dsl/load-rules.ts";
import { alignReplays } from "../../../src/engine/align/align-replays.ts";
import { buildKernelGraph } from "../../../src/engine/kernel-graph.ts";
import { decideFramework } from "../../../src/ingest/frameworks/index.ts";
import { readTrace } from "../../../src/ingest/read-trace.ts";
import { type KernelGraph, type Site, VIA } from "../../../src/model/trace/kernel-graph.ts";
import type { Trace } from "../../../src/model/trace/trace.ts";

const TRACES = "../shared/traces";
const SGLANG = `${TRACES}/sglang-mi300x-qwen3-8b-decode`;
const VLLM = `${TRACES}/vllm-mi300x-gptoss-decode`;

const { ruleSet } = await loadRules("rules");

function profileOf(trace: Trace) {
  return decideFramework(trace, { serverArgs: null, override: null, fileName: "x.json.gz" })
    .profile;
}

async function pair(
  formalPath: string,
  capturePath: string,
  change: (capture: Trace) => Trace = (it) => it,
) {
  const formal = await readTrace(formalPath);
  const capture = change(await readTrace(capturePath));
  const profile = profileOf(formal);
  const plain = buildKernelGraph(formal, { profile, ruleSet, stageHint: null });
  const aligned = alignReplays(plain, {
    captures: [{ trace: capture, profile: profileOf(capture), batchSize: 32 }],
    mappings: [],
  });
  const graph = buildKernelGraph(formal, {
    profile,
    ruleSet,
    stageHint: null,
    siteOverrides: aligned.overrides,
  });
  return { formal, plain, aligned, graph };
}

const sglang = (change?: (capture: Trace) => Trace) =>
  pair(`${SGLANG}/graph_execution.json.gz`, `${SGLANG}/capture_traces/bs_32_rank0.json.gz`, change);
const vllm = (change?: (capture: Trace) => Trace) =>
  pair(
    `${VLLM}/graph_execution.json.gz`,
    `${VLLM}/capture_traces/graph_capture_rank_0.1773709742341309550.pt.trace.json.gz`,
    change,
  );

/** µs of an op's own kernels, under a module when given. */
function opTime(graph: KernelGraph, op: string, module = ""): { us: number; kernels: number } {
  let ns = 0;
  let kernels = 0;
  for (let row = 0; row < graph.trace.gpu.count; row++) {
    const site = graph.sites[graph.siteOf[row]!]!;
    if (site.cpuOp !== op) continue;
    if (!(site.module ?? "").includes(module)) continue;
    ns += graph.trace.gpu.duration[row]!;
    kernels++;
  }
  return { us: ns / 1000, kernels };
}

/** Every `nth` launch of the capture is lost. */
function without(capture: Trace, nth: number): Trace {
  const { launches } = capture;
  const kept = [...Array(launches.count).keys()].filter(
    (row) => row % nth !== 3 || /Capture/.test(capture.strings[launches.name[row]!]!),
  );
  const pickF = (from: Float64Array) => Float64Array.from(kept, (row) => from[row]!);
  const pickU = (from: Uint32Array) => Uint32Array.from(kept, (row) => from[row]!);
  return {
    ...capture,
    launches: {
      count: kept.length,
      api: Uint8Array.from(kept, (row) => launches.api[row]!),
      thread: Uint16Array.from(kept, (row) => launches.thread[row]!),
      name: pickU(launches.name),
      start: pickF(launches.start),
      duration: pickF(launches.duration),
      correlation: pickF(launches.correlation),
      externalId: pickF(launches.externalId),
      kernel: pickU(launches.kernel),
      dims: pickU(launches.dims),
      stream: pickU(launches.stream),
      detail: pickU(launches.detail),
    },
  };
}

/** As CUDA would have it: launches that do not tell what they launch. */
function nameless(capture: Trace): Trace {
  const none = new Uint32Array(capture.launches.count);
  return { ...capture, launches: { ...capture.launches, kernel: none, dims: none } };
}

const keyOf = (site: Site) =>
  JSON.stringify([site.location, site.fn, site.module, site.cpuOp, site.topOp]);

/** Rows located in `tried`, and those whose place differs from the full alignment's. */
function compare(full: KernelGraph, tried: KernelGraph, graphRows: number[]) {
  let located = 0;
  const wrong: string[] = [];
  for (const row of graphRows) {
    if (tried.viaOf[row] === 0) continue;
    located++;
    const a = full.sites[full.siteOf[row]!]!;
    const b = tried.sites[tried.siteOf[row]!]!;
    if (keyOf(a) !== keyOf(b))
      wrong.push(
        `${full.trace.kernelNames[full.trace.gpu.name[row]!]!.short}: ${keyOf(a)} / ${keyOf(b)}`,
      );
  }
  return { share: located / graphRows.length, wrong };
}

const graphRowsOf = (graph: KernelGraph) =>
  [...graph.viaOf.keys()].filter((row) => VIA[graph.viaOf[row]!] === "graph-capture");

describe.skipIf(!existsSync(TRACES))(
  "captures of the shared traces (needs ../shared/traces)",
  () => {
    test("sglang: every replayed kernel gets its captured launch", async () => {
      const { aligned, graph } = await sglang();
      expect(aligned.replays).toEqual([
        {
          label: "capture_32_DECODE",
          batchSize: 32,
          method: "positional",
          named: true,
          kernels: 544,
          launches: 544,
          located: 544,
        },
      ]);
      expect(aligned.locatedTimeNs / aligned.graphTimeNs).toBeGreaterThan(0.99);
      const merged = opTime(graph, "aten::mm", "MergedColumnParallelLinear");
      expect(merged.kernels).toBe(36);
      expect(Math.abs(merged.us / 2417.66 - 1)).toBeLessThan(0.005);
      const norm = opTime(graph, "aiter::add_rmsnorm");
      expect(norm.kernels).toBe(72);
      expect(Math.abs(norm.us / 346.84 - 1)).toBeLessThan(0.005);
    });

    test("vllm: every replayed kernel gets its captured launch", async () => {
      const { aligned, graph } = await vllm();
      expect(aligned.replays).toEqual([
        {
          label: "capture_32_FULL",
          batchSize: 32,
          method: "positional",
          named: true,
          kernels: 421,
          launches: 421,
          located: 421,
        },
      ]);
      expect(Math.abs(opTime(graph, "vllm::moe_forward").us / 7171.5 - 1)).toBeLessThan(0.005);
      const addmm = opTime(graph, "aten::addmm");
      expect(addmm.kernels).toBe(72);
      expect(Math.abs(addmm.us / 953.9 - 1)).toBeLessThan(0.005);
    });

    test.each([
      ["sglang", sglang],
      ["vllm", vllm],
    ] as const)(
      "%s: a capture with a twentieth of its launches lost and no names locates no kernel wrongly",
      async (_, load) => {
        const full = (await load()).graph;
        const rows = graphRowsOf(full);
        for (const change of [
          (it: Trace) => without(it, 20),
          nameless,
          (it: Trace) => nameless(without(it, 20)),
        ]) {
          const tried = (await load(change)).graph;
          const { share, wrong } = compare(full, tried, rows);
          expect(wrong).toEqual([]);
          expect(share).toBeGreaterThan(0.95);
        }
      },
    );
  },
);

import { beforeAll, describe, expect, test } from "vitest";
import { buildKernelGraph } from "../../src/engine/kernel-graph.ts";
import { decideFramework } from "../../src/ingest/frameworks/index.ts";
import { readTrace } from "../../src/ingest/read-trace.ts";
import type { KernelGraph } from "../../src/model/trace/kernel-graph.ts";
import { loadRuleLibrary, type RuleLibrary } from "../support/rule-library.ts";
import { hasSharedTraces, SHARED_TRACES } from "../support/shared-traces.ts";

let library: RuleLibrary;

beforeAll(async () => {
  library = await loadRuleLibrary();
});

const graphs = new Map<string, Promise<KernelGraph>>();

/** Each trace is read once: reading costs far more than naming. */
function graphOf(file: string): Promise<KernelGraph> {
  const graph = graphs.get(file) ?? readGraph(file);
  graphs.set(file, graph);
  return graph;
}

async function readGraph(file: string): Promise<KernelGraph> {
  const path = `${SHARED_TRACES}/${file}`;
  const trace = await readTrace(path);
  const { profile } = decideFramework(trace, { serverArgs: null, override: null, fileName: path });
  return buildKernelGraph(trace, { profile, ruleSet: library.ruleSet, stageHint: null });
}

/** GPU time in percent by whatever a symbol is called. */
function shares(
  graph: KernelGraph,
  calledBy: (symbol: KernelGraph["symbols"][number]) => string | null,
): Record<string, number> {
  const { duration, count } = graph.trace.gpu;
  const sums: Record<string, number> = {};
  let total = 0;
  for (let row = 0; row < count; row++) {
    const called = calledBy(graph.symbols[graph.symbolOf[row]!]!) ?? "none";
    sums[called] = (sums[called] ?? 0) + duration[row]!;
    total += duration[row]!;
  }
  return Object.fromEntries(Object.entries(sums).map(([key, sum]) => [key, (100 * sum) / total]));
}

const categoryShares = (graph: KernelGraph) => shares(graph, ({ category }) => category);

/** Categories of the kernels whose name holds `part`. */
function categoriesOf(graph: KernelGraph, part: string): string[] {
  const found = graph.symbols
    .filter(({ name }) => graph.trace.kernelNames[name]!.raw.includes(part))
    .map(({ category }) => category);
  return [...new Set(found)].sort();
}

describe.skipIf(!hasSharedTraces)(
  "the vocabulary over real traces (needs ../shared/traces)",
  () => {
    test.each([
      [
        "vllm-b200-tp8-eager/eager_trace.json.gz",
        { communication: 18.4, "moe-gemm": 44.7, attention: 4.2 },
      ],
      ["sglang-mi300x-qwen3-8b-extend/step.json.gz", { gemm: 85.3, attention: 4.1, norm: 5.3 }],
      ["sglang-mi300x-qwen3-8b-decode/graph_execution.json.gz", { attention: 21.8, gemm: 59.1 }],
      ["vllm-mi300x-gptoss-decode/graph_execution.json.gz", { "moe-gemm": 65.6, routing: 5.9 }],
      [
        "sglang-b300-decode/1782843274.7730265-TP-0-DECODE.trace.json.gz",
        { gemm: 72.6, attention: 8.8 },
      ],
    ])(
      "%s: nearly nothing is other, the big shares are where they belong",
      async (file, expected) => {
        const found = categoryShares(await graphOf(file));
        expect(found.other ?? 0).toBeLessThan(1);
        const rounded = Object.keys(expected).map((id) => [id, Math.round(found[id]! * 10) / 10]);
        expect(Object.fromEntries(rounded)).toEqual(expected);
      },
    );

    test("names that keywords get wrong", async () => {
      const decode = await graphOf("vllm-mi300x-gptoss-decode/graph_execution.json.gz");
      expect(categoriesOf(decode, "_combined_routing_compute")).toEqual(["routing"]);
      expect(categoriesOf(decode, "reshape_and_cache_flash")).toEqual(["kv-cache"]);
      expect(categoriesOf(decode, "Cijk_")).toEqual(["gemm"]);
      expect(categoriesOf(decode, "_matmul_ogs")).toEqual(["moe-gemm"]);
      const transformers = await graphOf("hf-h100-qwen1.5-0.5b/step.json.gz");
      expect(categoriesOf(transformers, "flash_fwd")).toEqual(["attention"]);
    });

    test("unfused attention: the softmax of a vision model is attention, not routing", async () => {
      const found = categoryShares(await graphOf("hf-h100-owlv2/step.json.gz"));
      expect(found.attention).toBeGreaterThan(46);
      expect(found.routing ?? 0).toBe(0);
    });

    test("roles of an eager serving trace cover the layer", async () => {
      const graph = await graphOf("sglang-mi300x-qwen3-8b-extend/step.json.gz");
      const found = shares(graph, ({ role }) => role);
      const rounded = Object.entries(found).map(
        ([role, share]) => [role, Math.round(share)] as const,
      );
      expect(Object.fromEntries(rounded.filter(([, share]) => share >= 1))).toEqual({
        gate_up: 49,
        down: 19,
        qkv_proj: 10,
        o_proj: 6,
        attention: 4,
        qk_norm: 4,
        act: 3,
        layer_norm: 2,
        rope: 1,
        attn_copy: 1,
      });
    });

    test("libraries are told apart by name", async () => {
      const eager = shares(
        await graphOf("vllm-b200-tp8-eager/eager_trace.json.gz"),
        (one) => one.library,
      );
      expect(Object.keys(eager).sort()).toEqual([
        "aten",
        "cublas",
        "inductor",
        "nccl",
        "runtime",
        "triton",
        "trtllm",
        "trtllm-gen",
        "vllm",
      ]);
    });
  },
);

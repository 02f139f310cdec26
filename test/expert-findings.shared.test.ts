import { describe, expect, test } from "vitest";
import { analyze } from "../src/commands/triage.ts";
import type { FuseRow } from "../src/model/contracts/report.ts";
import { DEFAULT_ANALYZE_OPTIONS } from "../src/model/options.ts";
import { hasSharedTraces, SHARED_TRACES } from "./support/shared-traces.ts";

/**
 * What an expert reads off the real traces, sequence by sequence: occurrences, GPU time in µs and
 * share, counted by hand from the kernel sequences. `also` are the rows a reader would confirm
 * besides; anything else is a false row.
 */
const EXPERT: readonly {
  readonly trace: string;
  readonly rows: readonly {
    readonly rule: string;
    readonly state: "active" | "split";
    readonly times: number;
    readonly us?: number;
    readonly sharePct?: number;
  }[];
  readonly also: readonly string[];
}[] = [
  {
    trace: "vllm-b200-tp8-eager",
    rows: [
      // Memcpy, multimem all-reduce, Memcpy, fused_add_rms_norm.
      { rule: "vllm-allreduce-rmsnorm", state: "split", times: 72, us: 3110, sharePct: 26.7 },
      // rotary, copy, scaled_fp8_quant, reshape_and_cache.
      { rule: "rope-fp8-quant-kv-write", state: "split", times: 36, us: 520, sharePct: 4.5 },
      // fill, copy, quantize_with_block_size.
      { rule: "pad-mxfp8-quantize", state: "split", times: 36, us: 530, sharePct: 4.6 },
    ],
    // fi-trtllm-gen-moe: bmm_…swiGlu… applies the activation in the expert GEMM.
    also: [
      "copies-around-all-reduce",
      "fi-trtllm-gen-moe",
      "pt-cublaslt-epilogue",
      "pt-inductor-pointwise",
    ],
  },
  {
    trace: "sglang-mi300x-qwen3-8b-decode",
    rows: [
      // copy, rmsnorm(q), copy, rmsnorm(k), rope, store_kvcache.
      { rule: "sgl-fused-qk-norm-rope-store", state: "split", times: 36, sharePct: 10.9 },
      { rule: "sgl-fused-add-rmsnorm", state: "active", times: 72, us: 346.84 },
      { rule: "sgl-silu-and-mul", state: "active", times: 36 },
    ],
    also: [],
  },
  {
    trace: "sglang-mi300x-qwen3-8b-extend",
    rows: [
      { rule: "sgl-fused-qk-norm-rope-store", state: "split", times: 36 },
      { rule: "sgl-fused-add-rmsnorm", state: "active", times: 72 },
      { rule: "sgl-silu-and-mul", state: "active", times: 36 },
    ],
    also: [],
  },
  {
    trace: "sglang-b300-decode",
    rows: [
      { rule: "sgl-rope-kv-store", state: "split", times: 32 },
      { rule: "sgl-fused-add-rmsnorm", state: "active", times: 64 },
      { rule: "sgl-silu-and-mul", state: "active", times: 32 },
    ],
    also: ["splitk-reduce-small-gemm"],
  },
  {
    trace: "vllm-mi300x-gptoss-decode",
    rows: [
      // topk, sum_bitmatrix, routing_memset, routing_compute, finalize_scatter.
      { rule: "moe-routing-sort", state: "split", times: 24, us: 630, sharePct: 5.9 },
      // to_copy, rotary, reshape_and_cache.
      { rule: "vllm-rope-kvcache", state: "split", times: 24, sharePct: 5.4 },
      // _matmul_ogs with swiglu in its name.
      { rule: "vllm-triton-kernels-moe", state: "active", times: 24 },
    ],
    also: ["vllm-aiter-add-rmsnorm-pad", "vllm-fused-add-rms-norm"],
  },
  {
    trace: "hf-h100-owlv2",
    // bmm, softmax, bmm.
    rows: [{ rule: "pt-sdpa-flash", state: "split", times: 120, sharePct: 86.7 }],
    also: [],
  },
];

async function fuseRows(trace: string): Promise<readonly FuseRow[]> {
  const { reports } = await analyze({
    ...DEFAULT_ANALYZE_OPTIONS,
    inputs: [`${SHARED_TRACES}/${trace}`],
    rulesPath: "rules",
    minSharePct: 0,
  });
  return reports.flatMap(({ stages }) => stages.flatMap(({ fuse }) => fuse));
}

describe.skipIf(!hasSharedTraces)("findings on the shared traces (needs ../shared/traces)", () => {
  test.each(EXPERT)(
    "$trace: what an expert reads, and nothing else",
    async ({ trace, rows, also }) => {
      const found = await fuseRows(trace);
      for (const { rule, state, times, us, sharePct } of rows) {
        const row = found.find((candidate) => candidate.rule === rule);
        expect(row, `${rule} is in the table`).toBeDefined();
        expect([row!.state, row!.counts[state]]).toEqual([state, times]);
        // Hand counts are quoted to two or three digits.
        if (us !== undefined) expect(Math.abs(row!.relatedUs / us - 1)).toBeLessThan(0.02);
        if (sharePct !== undefined)
          expect(Math.abs(row!.sharePct / sharePct - 1)).toBeLessThan(0.02);
      }
      const confirmed = new Set([...rows.map(({ rule }) => rule), ...also]);
      expect(found.map(({ rule }) => rule).filter((rule) => !confirmed.has(rule))).toEqual([]);
    },
  );

  test("hf-h100-qwen1.5: decomposed norm, rotation and gate of every layer, no engine's fusion", async () => {
    const found = await fuseRows("hf-h100-qwen1.5-0.5b");
    expect(found.map(({ rule }) => rule).sort()).toEqual([
      "eager-rmsnorm",
      "eager-rope",
      "eager-silu-mul",
      "pt-sdpa-flash",
    ]);
  });

  test("train-a100: a training run has none of the serving engines' fusions", async () => {
    const found = await fuseRows("train-a100-multistream");
    expect(found.filter(({ state }) => state !== "active").map(({ rule }) => rule)).toEqual([]);
  });
});

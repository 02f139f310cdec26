import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { exampleFiles } from "./synth/examples/index.ts";
import { TWO_STREAM_SPEC } from "./synth/examples/two-stream-overlap.ts";
import { hiddenShare } from "./synth/overlap-truth.ts";
import { synthesise } from "./synth/synthesise.ts";

const files = exampleFiles();
const onDisk = readdirSync("examples", { recursive: true, encoding: "utf8" })
  .filter((path) => statSync(join("examples", path)).isFile() && path !== "README.md")
  .sort();

test("examples/ holds what the synthesiser makes, nothing else (npm run examples)", () => {
  expect(onDisk).toEqual(files.map(({ path }) => path));
});

// Compared after decompression: zlib versions may pack the same text differently.
test.each(files)("$path is current", ({ path, text }) => {
  const bytes = readFileSync(join("examples", path));
  const found = path.endsWith(".gz") ? gunzipSync(bytes).toString() : bytes.toString();
  expect(found === text).toBe(true);
});

test("examples stay small", () => {
  const sizes = onDisk.map((path) => statSync(join("examples", path)).size);
  expect(Math.max(...sizes)).toBeLessThan(150_000);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(1_000_000);
});

describe("the README's counts are right", () => {
  test("sglang-tp2-prefill", () => {
    const names = gpuNames("sglang-tp2-prefill", "TP-0");
    const chain = ["Memcpy DtoD", "cross_device_reduce_2stage", "FusedAddRMSNormKernel"];
    expect(occurrences(names, chain)).toBe(24);
    const qkRopeStore = ["RMSNormKernel", "RMSNormKernel", "fused_rope_kernel", "store_kvcache"];
    expect(occurrences(names, qkRopeStore)).toBe(12);
    expect(occurrences(names, ["fused_moe_kernel"])).toBe(24);
  });

  test("sglang-tp2-decode", () => {
    const names = gpuNames("sglang-tp2-decode", "TP-0-DECODE");
    const chain = ["cross_device_reduce_1stage", "FusedAddRMSNormKernel"];
    expect(occurrences(names, chain)).toBe(3 * 48);
    const captured = events("sglang-tp2-decode", "capture_traces/bs_32_rank0").filter(
      ({ cat, name }) => cat?.startsWith("cuda_") && name.includes("LaunchKernel"),
    );
    expect(captured.length).toBe(461 + 2); // two fill the graph's random state before the capture begins
  });

  test("vllm-eager", () => {
    const names = gpuNames("vllm-eager", "rank0");
    expect(occurrences(names, ["cross_device_reduce", "fused_add_rms_norm"])).toBe(3 * 5 * 2);
    expect(occurrences(names, ["act_and_mul", "scaled_fp8_quant"])).toBe(3 * 5);
    expect(occurrences(names, ["rotary_embedding", "reshape_and_cache_flash"])).toBe(3 * 5);
    expect(gpuNames("vllm-eager", "async_llm")).toEqual([]);
  });

  test("trtllm", () => {
    const names = gpuNames("trtllm", "rank-0");
    expect(occurrences(names, ["allreduce_fusion_kernel_oneshot_lamport"])).toBe(8);
    expect(occurrences(names, ["ncclDevKernel_AllReduce", "FusedAddRMSNormKernel"])).toBe(8);
  });

  test("tokenspeed", () => {
    const fused = gpuNames("tokenspeed", "TP0-DECODE");
    expect(occurrences(fused, ["allreduce_fusion_kernel_oneshot_lamport"])).toBe(32);
    const split = gpuNames("tokenspeed", "TP0-EXTEND");
    expect(occurrences(split, ["ncclDevKernel_AllReduce", "FusedAddRMSNormKernel"])).toBe(16);
  });

  test("mapping-formal", () => {
    const formal = gpuNames("mapping-formal", "formal/");
    const graphInputs = 2 * 2;
    expect(formal.length - graphInputs).toBe(gpuNames("mapping-formal", "mapping/").length);
  });

  test("two-stream-overlap", () => {
    const trace = synthesise(TWO_STREAM_SPEC);
    expect(hiddenShare(trace, "ep_dispatch")).toBe(0);
    expect(hiddenShare(trace, "ep_combine")).toBeCloseTo(0.813, 3);
    for (const role of ["shared_gate_up_quant", "shared_gate_up", "shared_act", "shared_down"])
      expect(hiddenShare(trace, role)).toBe(1);
  });
});

interface Event {
  readonly cat?: string;
  readonly name: string;
  readonly ts: number;
}

function events(folder: string, part: string): readonly Event[] {
  const file = files.find(({ path }) => path.startsWith(`${folder}/`) && path.includes(part))!;
  return (JSON.parse(file.text) as { traceEvents: Event[] }).traceEvents;
}

function gpuNames(folder: string, part: string): string[] {
  return events(folder, part)
    .filter(({ cat }) => cat === "kernel" || cat === "gpu_memcpy" || cat === "gpu_memset")
    .sort((a, b) => a.ts - b.ts)
    .map(({ name }) => name);
}

/** How often the chain of name parts occurs as consecutive events. */
function occurrences(names: readonly string[], chain: readonly string[]): number {
  return names.filter((_, at) => chain.every((part, step) => names[at + step]?.includes(part)))
    .length;
}

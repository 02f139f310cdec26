import { expect, test } from "vitest";
import { saysFused } from "../../../src/dsl/upstream/fused-name.ts";

test.each([
  "fused_q_norm_rope",
  "vllm::rms_norm_per_block_quant_kernel",
  "FusedAddRMSNormFP8BlockQuantKernel",
  "flashinfer::activation::act_and_mul_kernel_silu",
  "qknorm_rope_cache_kernel",
  "GemmAllReduce",
])("%s does the work of several", (symbol) => {
  expect(saysFused(symbol)).toBe(true);
});

test.each([
  "rms_norm_kernel",
  "topk_main_kernel",
  "fused::copy_kernel",
  "fused_moe_plan_kernel",
  "prepare_attention_metadata_topk",
])("%s does one thing, or prepares", (symbol) => {
  expect(saysFused(symbol)).toBe(false);
});

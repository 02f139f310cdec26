import { expect, test } from "vitest";
import { keepsPromise, promisedCategory } from "../../../src/engine/align/op-words.ts";

test.each([
  ["aten::mm", "gemm"],
  ["aten::addmm", "gemm"],
  ["sgl_kernel::fused_add_rmsnorm", "norm"],
  ["_C::rotary_embedding", "rope"],
  ["_C_cache_ops::reshape_and_cache_flash", "kv-cache"],
  ["vllm::unified_attention_with_output", "attention"],
  ["sgl_kernel::topk_softmax", "routing"],
  ["sglang::inplace_fused_experts", "moe-gemm"],
  ["aten::copy_", "copy"],
  ["aten::fill_", "fill"],
  ["symm_mem::multimem_all_reduce_", "communication"],
  ["triton_poi_fused_constant_pad_nd_moe_forward_0", "elementwise"],
  ["triton_red_fused__to_copy_add_mean_mul_pow_rsqrt_0", "norm"],
  ["something_else", null],
] as const)("%s promises %s", (word, category) => {
  expect(promisedCategory([word])).toBe(category);
});

test("the first word that promises anything decides", () => {
  expect(promisedCategory(["SortTokens", "legacy_routing", "GraphModule"])).toBe("routing");
});

test("kinds that names tell apart badly keep each other's promise", () => {
  expect(keepsPromise("gemm", "moe-gemm")).toBe(true);
  expect(keepsPromise("norm", "gemm")).toBe(false);
});

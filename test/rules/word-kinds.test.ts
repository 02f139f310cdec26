import { beforeAll, expect, test } from "vitest";
import { categoryTeller } from "../../src/engine/attribution/category.ts";
import { decisionsOf } from "../../src/model/classes/class-decisions.ts";
import { kernelName } from "../../src/names/kernel-name.ts";
import { fieldsOfName } from "../support/kernel-dictionary.ts";
import { loadRuleLibrary } from "../support/rule-library.ts";

/** One made-up name for each kind of name that words have to tell apart. */
const KINDS: readonly (readonly [name: string, category: string])[] = [
  // A name of experts without any other work is the experts themselves.
  ["lab_e2e_moe_kernel", "moe-gemm"],
  ["kernel_lab_mxfp4_situ_moe_9f8e7d6c5b4a", "moe-gemm"],
  ["lab_moe_weighted_reduction", "routing"],
  ["lab_count_expert_kernel", "routing"],
  ["lab_mxfp4_prefill_down_gfx1", "moe-gemm"],
  // Group norms are no groups of products.
  ["lab_grouped_gemma_rmsnorm_kernel", "norm"],
  // Backward attention.
  ["_lab_bwd_kernel_dkdvdq_causal", "attention"],
  // Scores and keys of sparse attention are no copies of an index.
  ["_lab_index_block_score_kernel", "attention"],
  ["lab_qsa_index_k_compress_kernel", "attention"],
  ["_lab_fp4_index_logits_kernel", "attention"],
  // Convolutions that carry a state.
  ["_lab_compact_conv_state_kernel", "linear-attention"],
  ["_lab_replayssm_output_kernel", "linear-attention"],
  // Weights that were packed before are read, not packed.
  ["lab_moe_up_workspace_prepacked_w1", "moe-gemm"],
  ["lab_prepack_weight_kernel", "copy"],
  // Two formats side by side are operands.
  ["lab_native_bf16_fp4_staged_kernel", "gemm"],
  ["_lab_wo_a_partial", "gemm"],
  // Kernels written by hand in Triton are not generated ones.
  ["_triton_lab_matmul_per_tile_kernel", "gemm"],
  ["_triton_per_token_lab_quant_kernel", "quantize"],
  ["triton_per_fused_lab_mean_mul_pow_rsqrt_3", "norm"],
  // What stands around a word decides what it means.
  ["lab_moe_prepared_w2_up_down", "moe-gemm"],
  ["_lab_speculative_context_commit_kernel", "elementwise"],
  ["lab_shuffle_weighted_sum_kernel", "elementwise"],
  ["lab_get_and_clear_swa_pages_kernel", "elementwise"],
  ["_lab_unpack_mxfp4_kernel", "quantize"],
  ["lab_persistent_paged", "attention"],
  ["smallm_lab_p2_i256", "gemm"],
  // Ranks.
  ["void lab::rs_gfx1250_split_lastdim<float, 4>(float*)", "communication"],
  ["void lab::start_sync_latency<8>(int*)", "communication"],
  ["lab_dispatch_fused_dedup_kernel", "dispatch-combine"],
  ["lab::PciePublishAbort", "communication"],
  ["iris_attention_push_gather_kernel", "communication"],
  // Bookkeeping where nothing else tells.
  ["_lab_precompute_push_offsets_kernel", "elementwise"],
  ["_lab_commit_history_kernel", "elementwise"],
  ["_lab_translate_virtual_slots", "elementwise"],
  ["lab::unary_operator_tile_kernel", "elementwise"],
  ["_lab_engram_gate_kernel", "elementwise"],
  ["lab::denorm_clamp_kernel", "elementwise"],
  ["_lab_paged_kv_cache_offsets", "elementwise"],
  ["_lab_translate_padded_locations", "elementwise"],
  ["_lab_window_layout_history", "elementwise"],
  // What stands beside a quantisation is its operand, not its verb.
  ["lab::hadamard_rotate_activation_fp4quant_kernel", "quantize"],
  ["_lab_fp8_per_group_colwise_scales_dual_kernel", "quantize"],
  ["_lab_fp8_rowwise_scale_and_cast_kernel", "quantize"],
  ["_lab_silu_activation_quant_kernel", "activation"],
  ["_lab_unpermute_activation_kernel", "routing"],
  // A gate around any function; images are scaled up, not dequantised.
  ["lab_unary_gated_op_kernel", "activation"],
  ["lab::upscale_f32_bicubic", "elementwise"],
  // Linear attention and softmax attention that carry the other's words.
  ["lab_chunk_delta_attn_fwd_kernel_inter_solve", "linear-attention"],
  ["lab_pa_prefill_16mx1_kernel", "attention"],
  ["lab_prepare_wy_repr_bwd_kernel", "linear-attention"],
  ["lab_sage_fwd_mxfp4", "attention"],
  // A layer called linear is a product, a layout called so is none.
  ["lab_linear_tile", "gemm"],
  ["lab_s1688cudnn_fp16_128x128_relu_medium", "gemm"],
  ["lab::fft2d_r2c_32x32<float>", "elementwise"],
  ["_lab_cross_entropy_forward", "elementwise"],
  // An agent is a frame: what it runs stands inside.
  [
    "void thrust::lab::core::_kernel_agent<thrust::cuda_cub::__merge_sort::BlockSortAgent<int>>",
    "sampling",
  ],
  // Routed experts are the experts; the sum over split products belongs to the product.
  ["kernel_lab_nvfp4_situ_routed_moe_9f8e7d6c5b4a", "moe-gemm"],
  ["_lab_reduce_splits_kernel", "gemm"],
  // Objects do not decide against verbs.
  ["_lab_set_mla_kv_buffer_per_loc_kernel", "kv-cache"],
  ["_lab_dequantize_and_gather_k_kernel", "kv-cache"],
  ["lab::cvt_fp16_to_mxfp8_expert", "quantize"],
];

let tell: (name: string) => string;

beforeAll(async () => {
  const { ruleSet } = await loadRuleLibrary();
  const teller = categoryTeller(ruleSet, decisionsOf(ruleSet));
  tell = (name) => teller(kernelName(name), fieldsOfName(name)).category;
});

test.each(KINDS)("%s is %s", (name, category) => {
  expect(tell(name)).toBe(category);
});

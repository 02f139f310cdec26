import { beforeAll, expect, test } from "vitest";
import { categoryTeller } from "../../src/engine/attribution/category.ts";
import { decisionsOf } from "../../src/model/classes/class-decisions.ts";
import { kernelName } from "../../src/names/kernel-name.ts";
import { fieldsOfName } from "../support/kernel-dictionary.ts";
import { loadRuleLibrary } from "../support/rule-library.ts";

/** Kernels as other back ends print them: what words misread stands in a vocabulary file of their own. */
const BACK_ENDS: readonly (readonly [backEnd: string, name: string, category: string])[] = [
  ["ascend", "aclnnMatmul_MatMulV2_MatMulV2", "gemm"],
  ["ascend", "MatMulV3", "gemm"],
  ["ascend", "aclnnAddRmsNorm_AddRmsNormAiCore_AddRmsNorm", "norm"],
  ["ascend", "RotaryMul", "rope"],
  ["ascend", "InterleaveRope", "rope"],
  ["ascend", "SwiGlu", "activation"],
  ["ascend", "aclnnSwiGlu_SwiGlu_SwiGlu", "activation"],
  ["ascend", "DynamicQuant", "quantize"],
  ["ascend", "AscendQuantV2", "quantize"],
  ["ascend", "MoeInitRoutingV2", "routing"],
  ["ascend", "MoeGatingTopKSoftmax", "routing"],
  ["ascend", "MoeFinalizeRoutingV2", "routing"],
  ["ascend", "MoeDistributeDispatchV2", "dispatch-combine"],
  ["ascend", "MoeDistributeCombineV2", "dispatch-combine"],
  ["ascend", "GroupedMatmul", "moe-gemm"],
  ["ascend", "FusedInferAttentionScore", "attention"],
  ["ascend", "IncreFlashAttention", "attention"],
  ["ascend", "ReshapeAndCacheOperation", "kv-cache"],
  ["ascend", "ScatterPaKvCache", "kv-cache"],
  ["ascend", "hcom_allReduce__123_1_1", "communication"],
  ["ascend", "hcom_allGather__123_1_1", "communication"],
  ["ascend", "Cast", "copy"],
  ["ascend", "ConcatD", "copy"],
  ["ascend", "GatherV2", "copy"],
  ["ascend", "ArgMaxV2", "sampling"],
  ["ascend", "BatchMatMulV2", "gemm"],
  [
    "llama.cpp",
    "void mul_mat_vec_q<(ggml_type)12, 1, true, false>(void const*, void const*, int const*, float*)",
    "gemm",
  ],
  [
    "llama.cpp",
    "void mul_mat_q<(ggml_type)12, 64, false>(char const*, int const*, int const*)",
    "gemm",
  ],
  ["llama.cpp", "quantize_q8_1(float const*, void*, long)", "quantize"],
  [
    "llama.cpp",
    "void quantize_mmq_q8_1<(mmq_q8_1_ds_layout)1>(float const*, int const*, void*)",
    "quantize",
  ],
  ["llama.cpp", "void rope_neox<true, false, float>(float const*, float*, int)", "rope"],
  ["llama.cpp", "void rms_norm_f32<1024, true, false>(float const*, float*, int)", "norm"],
  ["llama.cpp", "void flash_attn_ext_f16<128, 128, 8, 4>(char const*, char const*)", "attention"],
  ["llama.cpp", "void flash_attn_combine_results<128>(float const*, float2 const*)", "attention"],
  [
    "llama.cpp",
    "void unary_gated_op_kernel<&(op_silu(float)), float>(float const*, float const*, float*)",
    "activation",
  ],
  [
    "llama.cpp",
    "void k_bin_bcast<&(op_add(float, float)), float, float, float>(float const*)",
    "elementwise",
  ],
  ["llama.cpp", "void k_get_rows_float<float, float>(float const*, int const*, float*)", "copy"],
  ["llama.cpp", "void k_set_rows<float, __half>(float const*, long const*)", "copy"],
  ["llama.cpp", "void dequantize_block_q4_K<__half>(void const*, __half*)", "quantize"],
  ["llama.cpp", "void soft_max_f32<true, 0, 0, float>(float const*, float const*)", "elementwise"],
  ["llama.cpp", "void topk_moe_cuda<128, true>(float const*, float*, int*)", "routing"],
  ["llama.cpp", "void ssm_scan_f32<128, 1>(float const*, float const*)", "linear-attention"],
  [
    "llama.cpp",
    "void cpy_f32_f16<&(cpy_1_f32_f16(char const*, char*))>(char const*, char*)",
    "copy",
  ],
  ["llama.cpp", "void mul_mat_f<__half, 64, 16>(__half const*, float const*)", "gemm"],
  ["llama.cpp", "void concat_f32_dim0(float const*, float const*, float*)", "copy"],
  ["llama.cpp", "void k_argsort_f32_i32<(ggml_sort_order)1>(float const*, int*)", "sampling"],
  ["llama.cpp", "scale_f32(float const*, float*, float, float, long)", "elementwise"],
  ["xpu", "gemm_kernel", "gemm"],
  ["xpu", "micro_sdpa", "attention"],
  [
    "xpu",
    "at::native::xpu::VectorizedElementwiseKernel<4, at::native::xpu::SiluFunctor<c10::BFloat16>>",
    "activation",
  ],
  ["xpu", "at::native::xpu::SoftmaxForwardKernelFunctor<4>", "elementwise"],
  ["xpu", "vllm::rms_norm_kernel<c10::BFloat16>", "norm"],
  ["xpu", "at::native::xpu::FillFunctor<float>", "fill"],
  ["xpu", "gen_conv", "gemm"],
  ["xpu", "cutlass::fmha::kernel::XeFMHAFwdKernel<int>", "attention"],
  [
    "xpu",
    "at::native::xpu::UnrolledElementwiseKernel<at::native::xpu::CopyScalarFunc<float>>",
    "copy",
  ],
  ["flaggems", "mm_kernel_general", "gemm"],
  ["flaggems", "bmm_kernel", "gemm"],
  ["flaggems", "add_func_kernel_rank_1", "elementwise"],
  ["flaggems", "mul_func_kernel_rank_2", "elementwise"],
  ["flaggems", "softmax_kernel_inner", "elementwise"],
  ["flaggems", "layer_norm_persistent_kernel", "norm"],
  ["flaggems", "index_select_kernel", "copy"],
  ["flaggems", "rms_norm_kernel", "norm"],
  ["flaggems", "argmax_kernel_1", "sampling"],
  ["flaggems", "embedding_kernel", "copy"],
  ["flaggems", "cat_copy_func_kernel_4", "copy"],
  ["flaggems", "fill_scalar_kernel", "fill"],
  ["flaggems", "silu_and_mul_kernel_rank_1", "activation"],
  ["flaggems", "apply_rotary_pos_emb_inplace_kernel", "rope"],
  ["flaggems", "reshape_and_cache_flash_kernel", "kv-cache"],
  ["flaggems", "zeros_kernel", "fill"],
  ["ascend", "LightningIndexer", "attention"],
  ["ascend", "aclnnGroupedMatmulSwigluQuant_GroupedMatmulSwigluQuant_GroupedMatmul", "moe-gemm"],
  ["ascend", "DispatchFFNCombine", "dispatch-combine"],
  ["ascend", "KvRmsNormRopeCache", "rope"],
  ["ascend", "TransposeKvCacheByBlock", "kv-cache"],
  ["ascend", "DSARandomUniform", "sampling"],
  ["ascend", "AivKernel", "communication"],
  ["ascend", "aclnnInplaceCopy_TensorMoveAiCore_TensorMove", "copy"],
  ["ascend", "Rsqrt", "elementwise"],
  ["ascend", "LogicalAnd", "elementwise"],
  ["ascend", "MlaProlog", "attention"],
  ["llama.cpp", "void mul_mat_vec_q_moe<(ggml_type)12, 1>(void const*, void const*)", "moe-gemm"],
  ["llama.cpp", "void mm_ids_helper<8>(int const*, int*, int*, int*, int)", "routing"],
  ["llama.cpp", "void lightning_indexer_kernel_wmma<128>(float const*)", "attention"],
  ["llama.cpp", "void solve_tri_f32_fast<64, 32>(float const*, float*)", "linear-attention"],
  ["llama.cpp", "void ggml_cuda_ar_kernel<float, float>(float*, float*)", "communication"],
  ["llama.cpp", "upscale_f32(float const*, float*, int)", "elementwise"],
  ["xpu", "vllm::moe::RemapHiddenStates<sycl::_V1::ext::oneapi::bfloat16>", "routing"],
  ["xpu", "gdn::gated_delta_rule_kernel<float>", "linear-attention"],
  ["xpu", "typeinfo name for vllm::fp8_mqa_logits_kernel_t<64>", "attention"],
  ["xpu", "gen_reorder", "copy"],
  ["flaggems", "amax_kernel_1", "elementwise"],
  ["flaggems", "rsqrt_func_kernel_rank_1", "elementwise"],
  ["flaggems", "full_func_scalar_kernel_rank_2", "fill"],
  ["flaggems", "to_dtype_func_kernel_rank_1", "copy"],
  ["flaggems", "max_norm_kernel_1", "elementwise"],
  ["flaggems", "gelu_tanh_kernel_rank_1", "activation"],
  ["flaggems", "topk_stage1_kernel", "sampling"],
];

let tell: (name: string) => string;

beforeAll(async () => {
  const { ruleSet } = await loadRuleLibrary();
  const teller = categoryTeller(ruleSet, decisionsOf(ruleSet));
  tell = (name) => teller(kernelName(name), fieldsOfName(name)).category;
});

test.each(BACK_ENDS)("%s: %s", (_, name, category) => {
  expect(tell(name)).toBe(category);
});

/** Names of public kernels as profilers print them. */

const IN_LAMBDAS =
  "(at::TensorIteratorBase&)::{lambda()#3}::operator()() const::{lambda()#12}::operator()() const::{lambda(c10::BFloat16)#1}";

/** at::native elementwise kernel over a vectorised functor. */
export function vectorized(functor: string, operands: number): string {
  const arrays = `std::array<char*, ${operands}ul>`;
  return `void at::native::vectorized_elementwise_kernel<4, ${functor}, ${arrays} >(int, ${functor}, ${arrays})`;
}

export const ATEN = {
  copy: `void at::native::elementwise_kernel<128, 4, at::native::gpu_kernel_impl_nocast<at::native::direct_copy_kernel_cuda${IN_LAMBDAS}>(at::TensorIteratorBase&, at::native::direct_copy_kernel_cuda${IN_LAMBDAS} const&)::{lambda(int)#1}>(int, at::native::gpu_kernel_impl_nocast<at::native::direct_copy_kernel_cuda${IN_LAMBDAS}>(at::TensorIteratorBase&, at::native::direct_copy_kernel_cuda${IN_LAMBDAS} const&)::{lambda(int)#1})`,
  fill: vectorized("at::native::FillFunctor<c10::BFloat16>", 1),
  fillLong: vectorized("at::native::FillFunctor<long>", 1),
  add: vectorized("at::native::CUDAFunctor_add<c10::BFloat16>", 3),
  gather:
    "void at::native::vectorized_gather_kernel<16, long>(char*, char*, long*, int, long, long, long, long, bool)",
  argmax:
    "void at::native::reduce_kernel<512, 1, at::native::ReduceOp<float, at::native::ArgMaxOps<float>, unsigned int, long, 4, 4> >(at::native::ReduceOp<float, at::native::ArgMaxOps<float>, unsigned int, long, 4, 4>)",
  foreachCopy:
    "void at::native::(anonymous namespace)::multi_tensor_apply_kernel<at::native::(anonymous namespace)::TensorListMetadata<2>, at::native::(anonymous namespace)::UnaryOpFunctor<long, 2, 1, 1>, at::native::Copy<long, long> >(at::native::(anonymous namespace)::TensorListMetadata<2>, at::native::(anonymous namespace)::UnaryOpFunctor<long, 2, 1, 1>, at::native::Copy<long, long>)",
  arange:
    "void (anonymous namespace)::elementwise_kernel_with_index<int, at::native::arange_cuda_out(c10::Scalar const&, c10::Scalar const&, c10::Scalar const&, at::Tensor&)::{lambda()#1}::operator()() const::{lambda()#4}::operator()() const::{lambda(long)#1}>(int, at::native::arange_cuda_out(c10::Scalar const&, c10::Scalar const&, c10::Scalar const&, at::Tensor&)::{lambda()#1}::operator()() const::{lambda()#4}::operator()() const::{lambda(long)#1})",
} as const;

export const CUBLAS = {
  splitKReduce:
    "void cublasLt::splitKreduce_kernel<32, 16, int, float, __nv_bfloat16, float, __nv_bfloat16, false, float, __nv_bfloat16, __nv_bfloat16, true, false, false, false>(cublasLt::cublasSplitKParams<float>, float const*, __nv_bfloat16 const*, float*, __nv_bfloat16*, float const*, float const*, __nv_bfloat16 const*, float const*, __nv_bfloat16*, void*, long, float*, int*, float*, float*, float const*, float const*, float const*, float const*, float const*)",
} as const;

export const FLASHINFER = {
  rmsNorm:
    "void flashinfer::norm::RMSNormKernel<8u, __nv_bfloat16>(__nv_bfloat16*, __nv_bfloat16*, __nv_bfloat16*, unsigned int, unsigned int, unsigned int, float, float)",
  fusedAddRmsNorm:
    "void flashinfer::norm::FusedAddRMSNormKernel<8u, __nv_bfloat16>(__nv_bfloat16*, __nv_bfloat16*, __nv_bfloat16*, unsigned int, unsigned int, unsigned int, float, float)",
  /** Pattern 1 is all-reduce + residual add + RMSNorm. */
  allReduceNorm: (ranks: number) =>
    `void flashinfer::trtllm_allreduce_fusion::allreduce_fusion_kernel_oneshot_lamport<(flashinfer::trtllm_allreduce_fusion::AllReduceFusionPattern)1, __nv_bfloat16, ${ranks}, false, false>(flashinfer::trtllm_allreduce_fusion::AllReduceFusionParams<__nv_bfloat16>)`,
} as const;

export const SGLANG = {
  rope: "void (anonymous namespace)::fused_rope_kernel<true, 128l, true, __nv_bfloat16, long, 16u>((anonymous namespace)::FusedRopeParams)",
  ropeStore:
    "void (anonymous namespace)::fused_rope_store_kernel<true, 128l, true, __nv_bfloat16, long, 16u>((anonymous namespace)::FusedRopeStoreParams)",
  qkNorm:
    "void (anonymous namespace)::fused_qknorm_warp<128l, true, __nv_bfloat16>((anonymous namespace)::QKNormParams)",
  storeKv:
    "void (anonymous namespace)::store_kvcache<512l, 4, true, long>((anonymous namespace)::StoreKVCacheParams)",
  actAndMul:
    "void (anonymous namespace)::act_and_mul_kernel<__nv_bfloat16, ((anonymous namespace)::ActivationKind)0, true, false>((anonymous namespace)::ActivationParams)",
  allReduce: (stages: 1 | 2, ranks: number) =>
    `void sglang::cross_device_reduce_${stages}stage<__nv_bfloat16, ${ranks}>(sglang::RankData*, sglang::RankSignals, sglang::Signal*, __nv_bfloat16*, int, int)`,
  topkSoftmax:
    "void topkGatingSoftmax<__nv_bfloat16, 8, 128, 4, 16>(__nv_bfloat16 const*, bool const*, float*, int, int*, int, int, int, bool)",
  moeAlign:
    "void moe_align_block_size_kernel<int>(int const*, int*, int*, int*, int, int, int, int, int*, bool)",
  moeAlignSmall:
    "void moe_align_block_size_small_batch_expert_kernel<int, 256>(int const*, int*, int*, int*, int, int, int, bool, int)",
  countAndSort:
    "void count_and_sort_expert_tokens_kernel<int>(int const*, int*, int*, unsigned long)",
  moeSumReduce:
    "void moe_sum_reduce_warp_per_token_vec_kernel<8>(__nv_bfloat16 const*, __nv_bfloat16*, int, int, int, int, int, int, float)",
  resolveFuture:
    "void (anonymous namespace)::resolve_future_token_ids_kernel<long>(long*, long const*, unsigned long)",
} as const;

export const FLASH_ATTENTION_3 = {
  forward:
    "void cutlass::device_kernel<flash::enable_sm90_or_later<flash::FlashAttnFwdSm90<flash::CollectiveMainloopFwdSm90<2, cute::tuple<cute::C<1>, cute::C<1>, cute::C<1> >, cute::tuple<cute::C<128>, cute::C<128>, cute::C<128> >, 128, cutlass::bfloat16_t, float, cutlass::arch::Sm90, true, false, false, true, true, false, false, false, true, true, false, true, false>, flash::CollectiveEpilogueFwd<cute::tuple<cute::C<128>, cute::C<128>, cute::C<128> >, cute::tuple<cute::C<1>, cute::C<1>, cute::C<1> >, cutlass::bfloat16_t, cutlass::arch::Sm90, 256, true, true, true, false>, flash::VarlenDynamicPersistentTileScheduler<128, 256, 128, true, true, true> > > >(flash::enable_sm90_or_later<flash::FlashAttnFwdSm90<flash::CollectiveMainloopFwdSm90<2, cute::tuple<cute::C<1>, cute::C<1>, cute::C<1> > > > >::Params)",
  prepare:
    "void flash::prepare_varlen_num_blocks_kernel(int, int, int, int const*, int const*, int const*, int const*, int const*, int const*, int, int, int, int, int, cutlass::FastDivmod, cutlass::FastDivmod, int*, int*, bool)",
} as const;

export const NCCL = {
  allGather: "ncclDevKernel_AllGather_RING_LL(ncclDevKernelArgsStorage<4096ul>)",
  allReduce: "ncclDevKernel_AllReduce_Sum_bf16_RING_LL(ncclDevKernelArgsStorage<4096ul>)",
} as const;

export const DEEPSEEK = {
  groupQuant:
    "void (anonymous namespace)::per_token_group_quant_8bit_v2_kernel<(anonymous namespace)::NaiveScheduler, 128, 8, __nv_bfloat16, __nv_fp8_e4m3, true, false>(__nv_bfloat16 const*, __nv_fp8_e4m3*, float*, int const*, int, int, int)",
  /** `type` 0 is a plain GEMM, 1 one with a group per expert. */
  gemm: (n: number, k: number, type: 0 | 1) =>
    `void deep_gemm::sm90_fp8_gemm_1d2d_impl<0u, ${n}u, ${k}u, 1u, 128u, 128u, 128u, 128u, 128u, 5u, 128u, 128u, 1u, false, 132u, (deep_gemm::GemmType)${type}>(float*, int*, unsigned int, unsigned int, unsigned int, CUtensorMap_st, CUtensorMap_st, CUtensorMap_st, CUtensorMap_st)`,
  gate: "void moe_fused_gate_kernel<__nv_bfloat16, 32, 256, 8, 32, 6, 192>(void*, void*, float*, int*, long, long, long, long, double, bool)",
  dispatch:
    "void deep_ep::intranode::dispatch<8, 768, 8192>(int4*, float*, int*, long*, float*, int*, int*, int*, int4 const*, float const*, long const*, float const*, bool const*, int const*, int, int, int, int, int, int, int, int, void**, int, int, int)",
  combine:
    "void deep_ep::intranode::combine<__nv_bfloat16, 8, 768, 4096>(__nv_bfloat16*, float*, __nv_bfloat16 const*, float const*, __nv_bfloat16 const*, __nv_bfloat16 const*, int const*, int const*, int const*, int*, int, int, int, int, void**, int, int, int)",
  notifyDispatch:
    "void deep_ep::intranode::notify_dispatch<8>(int const*, int*, int const*, int*, int, int, int, bool const*, int*, int*, int, void**, int**, int)",
} as const;

export const VLLM = {
  rmsNorm:
    "void vllm::rms_norm_kernel<c10::BFloat16, 8, 2>(c10::BFloat16*, c10::BFloat16 const*, long, long, long, long, long, c10::BFloat16 const*, float, int, int)",
  fusedAddRmsNorm:
    "std::enable_if<(((8)>(0)))&&vllm::_typeConvert<c10::BFloat16>::exists, void>::type vllm::fused_add_rms_norm_kernel<c10::BFloat16, 8>(c10::BFloat16*, long, c10::BFloat16*, c10::BFloat16 const*, float, int, int)",
  scaledFp8Quant:
    "void vllm::scaled_fp8_quant_kernel_strided<c10::BFloat16, c10::Float8_e4m3fn>(c10::Float8_e4m3fn*, c10::BFloat16 const*, float const*, int, long, long)",
  rope: "void vllm::rotary_embedding_kernel<c10::BFloat16, true>(long const*, c10::BFloat16*, c10::BFloat16*, c10::BFloat16 const*, int, long, long, long, int, int, int)",
  reshapeAndCache:
    "void vllm::reshape_and_cache_flash_kernel<__nv_bfloat16, __nv_bfloat16, (vllm::Fp8KVCacheDataType)0>(__nv_bfloat16 const*, __nv_bfloat16 const*, __nv_bfloat16*, __nv_bfloat16*, long const*, long, long, long, long, long, int, int, int, float const*, float const*)",
  actAndMul:
    "void vllm::act_and_mul_kernel<c10::BFloat16, &(c10::BFloat16 vllm::silu_kernel<c10::BFloat16>(c10::BFloat16 const&)), true>(c10::BFloat16*, c10::BFloat16 const*, int)",
  scaledMm:
    "void cutlass::device_kernel<enable_sm90_or_later<cutlass::gemm::kernel::GemmUniversal<cute::tuple<int, int, int, int>, cutlass::gemm::collective::CollectiveMma<cutlass::gemm::MainloopSm90TmaGmmaWarpSpecializedFP8<6, cute::tuple<cute::C<2>, cute::C<1>, cute::C<1> >, cutlass::gemm::KernelTmaWarpSpecializedPingpongFP8FastAccum>, cute::tuple<cute::C<64>, cute::C<128>, cute::C<128> >, cutlass::float_e4m3_t> > > >(enable_sm90_or_later<cutlass::gemm::kernel::GemmUniversal<cute::tuple<int, int, int, int> > >::Params)",
  allReduce: (stages: 1 | 2, ranks: number) =>
    `void vllm::cross_device_reduce_${stages}stage<__nv_bfloat16, ${ranks}>(vllm::RankData*, vllm::RankSignals, vllm::Signal*, __nv_bfloat16*, int, int)`,
} as const;

export const TRTLLM = {
  ropeKvUpdate:
    "void tensorrt_llm::kernels::applyBiasRopeUpdateKVCacheV2<__nv_bfloat16, __nv_bfloat16, 128, false, tensorrt_llm::kernels::KVBlockArray, (tensorrt_llm::kernels::RotaryPositionEmbeddingType)1, false>(tensorrt_llm::kernels::QKVPreprocessingParams<__nv_bfloat16, tensorrt_llm::kernels::KVBlockArray>)",
  allReduceNorm: (ranks: number) =>
    `void tensorrt_llm::kernels::ar_fusion::allreduce_fusion_kernel_oneshot_lamport<(tensorrt_llm::kernels::ar_fusion::AllReduceFusionPattern)1, __nv_bfloat16, ${ranks}, false, true>(tensorrt_llm::kernels::ar_fusion::AllReduceFusionParams)`,
  actAndMul:
    "void flashinfer::activation::act_and_mul_kernel<__nv_bfloat16, &(float silu(float const&))>(__nv_bfloat16*, __nv_bfloat16 const*, int)",
  attention: {
    context:
      "fmhaSm100aKernel_QkvBfloat16OBfloat16H128PagedKvCausalP32VarSeqQ128Kv128PersistentContext",
    generation:
      "fmhaSm100aKernel_QkvBfloat16OBfloat16H128PagedKvDenseP32MultiCtasKvVarSeqQ8Kv128StaticSwapsAbForGen",
  },
} as const;

export const TOKENSPEED = {
  qkNorm: "_fused_qk_rmsnorm_kernel",
  rope: "void tokenspeed::BatchQKApplyRotaryPosIdsCosSinCacheEnhancedHeadParallelismKernel<true, 128u, 8u, 16u, __nv_bfloat16, long>(tokenspeed::RopeParams)",
  actAndMul:
    "void flashinfer::activation::act_and_mul_kernel<__nv_bfloat16, &(float silu(float const&))>(__nv_bfloat16*, __nv_bfloat16 const*, int)",
  allReduceNorm: FLASHINFER.allReduceNorm,
} as const;

const BF16_FLASH = "pytorch_flash::Flash_kernel_traits<64, 128, 128, 4, cutlass::bfloat16_t>";

/** Kernels of an unfused model: every arithmetic step its own. */
export const HF = {
  toFloat: vectorized(
    "at::native::bfloat16_copy_kernel_cuda(at::TensorIteratorBase&)::{lambda(float)#1}",
    2,
  ),
  pow: vectorized(
    "at::native::(anonymous namespace)::pow_tensor_scalar_kernel_impl<float, float>(at::TensorIteratorBase&, float)::{lambda(float)#1}",
    2,
  ),
  mean: "void at::native::reduce_kernel<512, 1, at::native::ReduceOp<float, at::native::MeanOps<float, float, float, float>, unsigned int, float, 4> >(at::native::ReduceOp<float, at::native::MeanOps<float, float, float, float>, unsigned int, float, 4>)",
  addScalar: vectorized("at::native::CUDAFunctorOnSelf_add<float>", 2),
  rsqrt: vectorized(
    "at::native::rsqrt_kernel_cuda(at::TensorIteratorBase&)::{lambda()#2}::operator()() const::{lambda()#2}::operator()() const::{lambda(float)#1}",
    2,
  ),
  mul: vectorized(
    "at::native::BinaryFunctor<c10::BFloat16, c10::BFloat16, c10::BFloat16, at::native::binary_internal::MulFunctor<float> >",
    3,
  ),
  neg: vectorized(
    "at::native::neg_kernel_cuda(at::TensorIteratorBase&)::{lambda()#2}::operator()() const::{lambda()#9}::operator()() const::{lambda(c10::BFloat16)#1}",
    2,
  ),
  cat: "void at::native::(anonymous namespace)::CatArrayBatchedCopy<at::native::(anonymous namespace)::OpaqueType<2u>, unsigned int, 4, 64, 64>(at::native::(anonymous namespace)::OpaqueType<2u>*, at::native::(anonymous namespace)::CatArrInputTensorMetadata<at::native::(anonymous namespace)::OpaqueType<2u>, unsigned int, 64, 64>, at::native::(anonymous namespace)::TensorSizeStride<unsigned int, 4u>, int, unsigned int)",
  silu: vectorized(
    "at::native::(anonymous namespace)::silu_kernel(at::TensorIteratorBase&)::{lambda()#1}::operator()() const::{lambda()#6}::operator()() const::{lambda(c10::BFloat16)#1}",
    2,
  ),
  gemm: "sm90_xmma_gemm_bf16bf16_bf16f32_f32_tn_n_tilesize128x128x64_warpgroupsize1x1x1_execute_segment_k_off_kernel__5x_cublas",
  flash: `void pytorch_flash::flash_fwd_kernel<pytorch_flash::Flash_fwd_kernel_traits<64, 128, 128, 4, false, false, cutlass::bfloat16_t, ${BF16_FLASH} >, false, true, false, false, false, true, false>(pytorch_flash::Flash_fwd_params)`,
} as const;

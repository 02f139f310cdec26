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

import { describe, expect, test } from "vitest";
import { demangle } from "../../src/names/demangle.ts";
import { cppName, kernelName, kindOfName } from "../../src/names/kernel-name.ts";

describe("mangled names", () => {
  // Right-hand sides are what GNU c++filt prints, without return type and parameters.
  test.each([
    ["_Z3fooi", "foo"],
    ["_ZN2at6native6kernelIfEEvT_", "at::native::kernel<float>"],
    [
      "_ZN5aiter24add_rmsnorm_quant_kernelIDF16bDF16bLi256ELi16ELb0ELb0ELb1ELi1EEEvPT0_PT_PfS4_S4_S4_diiiiiiib",
      "aiter::add_rmsnorm_quant_kernel<std::bfloat16_t, std::bfloat16_t, 256, 16, false, false, true, 1>",
    ],
    [
      "_ZN7ck_tile6kentryILi1ENS_5ShapeINS_8sequenceIJLi1ELi3072EEEENS2_IJLi1EEEEEEJNS5_5KargsEEEEvDpT1_",
      "ck_tile::kentry<1, ck_tile::Shape<ck_tile::sequence<1, 3072>, ck_tile::sequence<1> >, ck_tile::Shape<ck_tile::sequence<1, 3072>, ck_tile::sequence<1> >::Kargs>",
    ],
    [
      "_ZN7sgl_hip10activation18act_and_mul_kernelI14__hip_bfloat16TnPFT_RKS3_EXadL_Z4siluIS2_ES3_S5_EEEEvPS3_PS4_i",
      "sgl_hip::activation::act_and_mul_kernel<__hip_bfloat16, &(silu<__hip_bfloat16>(__hip_bfloat16 const&))>",
    ],
    ["_ZN1a1bILN2ns4EnumE2ELin1ELj0ELm4096EEEvv", "a::b<(ns::Enum)2, -1, 0u, 4096ul>"],
    ["_ZN12_GLOBAL__N_11kIdEEvv", "(anonymous namespace)::k<double>"],
    ["_ZN1a1bIPFviPKcERA3_iEEvv", "a::b<void (*)(int, char const*), int (&) [3]>"],
    ["_ZN1aIiE1bIZNKS_1cEiEUlfE_EEvT_", "a<int>::b<a::c(int) const::{lambda(float)#1}>"],
    ["_ZStlsISt11char_traitsIcEEvi", "std::operator<< <std::char_traits<char> >"],
    ["_ZN3vec5countIJEEEvv", "vec::count<>"],
  ])("%s", (mangled, expected) => {
    expect(demangle(mangled)).toBe(expected);
  });

  test("what is beyond the demangler keeps its leading identifiers", () => {
    const name = kernelName("_ZN5aiter7rmsnormIDy_4oddEEvv");
    expect(demangle(name.raw)).toBeNull();
    expect(name.demangled).toBe("aiter::rmsnorm");
    expect(kernelName("_Zzzz").demangled).toBe("_Zzzz");
  });

  test("suffixes of code objects do not matter", () => {
    expect(kernelName("_ZN5aiter7rmsnormIfEEvv.kd").demangled).toBe("aiter::rmsnorm<float>");
  });

  test("a name that doubles itself is given up, not expanded", () => {
    const doubling = Array.from({ length: 60 }, (_, i) => {
      const back = i === 0 ? "i" : `S${(2 * i - 1).toString(36).toUpperCase()}_`;
      return `1aI${back}${back}E`;
    });
    expect(demangle(`_Z1fI${doubling.join("")}Evv`)).toBeNull();
    expect(demangle(`_Z1fI${"P".repeat(200_000)}iEvv`)).toBeNull();
  });
});

describe("names that arrive demangled", () => {
  test.each([
    [
      "void vllm::rms_norm_kernel<c10::BFloat16, 8, 2>(c10::BFloat16*, long)",
      "vllm::rms_norm_kernel<c10::BFloat16, 8, 2>",
    ],
    ["void (anonymous namespace)::act<(E)0>(P)", "(anonymous namespace)::act<(E)0>"],
    [
      "std::enable_if<(((8)>(0)))&&vllm::_t<c10::BFloat16>::exists, void>::type vllm::f<c10::BFloat16, 8>(long)",
      "vllm::f<c10::BFloat16, 8>",
    ],
    [
      "ncclDevKernel_AllGather_RING_LL(ncclDevKernelArgsStorage<4096ul>)",
      "ncclDevKernel_AllGather_RING_LL",
    ],
    ["void f<g(int)::{lambda(int)#1}>(int, g(int)::{lambda(int)#1})", "f<g(int)::{lambda(int)#1}>"],
    ["at::F::operator()(int) const", "at::F::operator()"],
    ["bool a::operator==<b, c>(b const&, c const&)", "a::operator==<b, c>"],
    ["Memcpy DtoD (Device -> Device)", "Memcpy DtoD (Device -> Device)"],
    ["Memset (Device)", "Memset (Device)"],
    ["triton_poi_fused_0", "triton_poi_fused_0"],
    ["void kernel", "kernel"],
    ["", ""],
  ])("%s", (raw, expected) => {
    expect(cppName(raw)).toBe(expected);
  });
});

describe("short names", () => {
  test.each([
    [
      "nvjet_sm103_tst_64x16_64x16_2x1_2cta_v_bz_splitK_TNT",
      "nvjet_sm103_tst_64x16_64x16_2x1_2cta_v_bz_splitK_TNT",
    ],
    [
      "Cijk_Alik_Bljk_BBS_BH_Bias_HA_S_SAV_UserArgs_MT320x224x64_MI16x16x1_SN_LDSB0_AFC1_AFEM1_AFEM1_ASEM1",
      "Cijk_Alik_Bljk_BBS_BH_Bias_HA_S_SAV_UserArgs_MT320x224x64_MI16x16x1…",
    ],
    [
      "kernel_cutlass_kernel_flashinfernormkernelsrmsnormRMSNormKernel_object_at__tensorptrbf16gmemalign128o409640961",
      "kernel_cutlass_kernel_flashinfernormkernelsrmsnormRMSNormKernel",
    ],
    [
      "void at::native::elementwise_kernel<128, 4, at::native::gpu_kernel_impl_nocast<at::native::BinaryFunctor<c10::BFloat16, c10::BFloat16, c10::BFloat16, at::native::binary_internal::MulFunctor<float> > >(at::TensorIteratorBase&, at::native::BinaryFunctor<c10::BFloat16, c10::BFloat16, c10::BFloat16, at::native::binary_internal::MulFunctor<float> > const&)::{lambda(int)#1}>(int, at::native::X)",
      "at::native::elementwise_kernel<128, 4, MulFunctor<BFloat16>>",
    ],
    [
      "void at::native::vectorized_elementwise_kernel<4, at::native::CUDAFunctor_add<float>, std::array<char*, 3ul> >(int, X)",
      "at::native::vectorized_elementwise_kernel<4, CUDAFunctor_add<float>, array<…>>",
    ],
    [
      "void paged_attention_ll4mi_QKV_mfma16_kernel<0, __hip_bfloat16, (vllm::Fp8KVCacheDataType)0, 1, 128, 256, false>(int)",
      "paged_attention_ll4mi_QKV_mfma16_kernel<0, __hip_bfloat16, …>",
    ],
  ])("%s", (raw, expected) => {
    expect(kernelName(raw).short).toBe(expected);
  });

  test("never longer than 80 characters, and the first tile size stays in sight", () => {
    for (const length of [70, 80, 81, 120, 400]) {
      const flat = `${"x".repeat(length)}_tile128x64x32_end`;
      const { short } = kernelName(flat);
      expect(short.length).toBeLessThanOrEqual(80);
      expect(short).toContain("128x64x32");
      expect(
        kernelName(`void ${"n::".repeat(length)}f<a<b<c> > >(int)`).short.length,
      ).toBeLessThanOrEqual(80);
    }
  });
});

test.each([
  ["Memcpy DtoD (Device -> Device)", "copy"],
  ["Memset (Device)", "fill"],
  ["Memcpy", "copy"],
  ["MemcpyBatchedKernel<4>", "kernel"],
  ["void at::native::memcpy_kernel(int*)", "kernel"],
] as const)("%s is a %s", (name, kind) => {
  expect(kindOfName(name)).toBe(kind);
});

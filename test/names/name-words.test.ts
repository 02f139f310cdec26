import { describe, expect, test } from "vitest";
import { nameWords } from "../../src/names/name-words.ts";

describe("the words of a kernel's name", () => {
  test.each([
    ["all_reduce_kernel", ["all", "reduce", "allreduce"]],
    ["ns::AllReduceKernel<float>", ["all", "reduce", "allreduce"]],
    ["allreduce", ["allreduce"]],
    ["RMSNormKernel", ["rms", "norm", "rmsnorm"]],
    ["SiLUAndMul", ["silu", "mul"]],
    ["moe_gemm2", ["moe", "gemm2", "gemm", "moegemm2"]],
    ["all_to_all", ["alltoall"]],
    ["all2all", ["all2all"]],
  ])("%s", (name, expected) => {
    expect(nameWords(name).own).toEqual(expect.arrayContaining(expected));
  });

  test("those of template arguments stand apart", () => {
    const words = nameWords("cutlass::device_kernel<ns::GemmUniversal<int>>::run");
    expect(words.own).toEqual(expect.arrayContaining(["device", "run"]));
    expect(words.own).not.toContain("gemm");
    expect(words.inner).toContain("gemm");
  });

  test("frames and libraries are no words of the work", () => {
    const { own, inner, library } = nameWords(
      "at::native::vectorized_elementwise_kernel<4, at::native::FillFunctor<int>>",
    );
    expect(own).toEqual([]);
    expect(inner).toContain("fill");
    expect(library).toContain("native");
  });

  test("the module in a CuTe-DSL name is not its class", () => {
    const { own, inner } = nameWords(
      "kernel_cutlass_kernel_flashinferattentionprimsRMSNormKernel_object_at__tensorptrbf16gmem",
    );
    expect(own).toContain("rmsnorm");
    expect(own.join(" ")).not.toContain("attention");
    expect(inner.join(" ")).toContain("attention");
  });

  test("folders of a CuTe-DSL module part its words, and a package need not be known", () => {
    const { own, inner } = nameWords(
      "kernel_cutlass_kernel_somelabexperimentaloprojconsumerConsumerFused_object_at__tensorptr",
    );
    expect(own).toContain("consumer");
    expect(inner).toContain("oproj");
  });

  test("a module of experts is told with the class", () => {
    const name =
      "kernel_cutlass_kernel_flashinferfused_moebackendsW4A16Kernel_object_at__tensorptr";
    expect(nameWords(name).own).toContain("moe");
  });

  test("hashes and signatures are left out", () => {
    expect(nameWords("fused_norm_3fa94c01de_0d1d2").own).toEqual(["fused", "fusednorm", "norm"]);
    expect(nameWords("fused_norm__0d1d2d3de").own).toEqual(["fused", "fusednorm", "norm"]);
  });

  test("names without end cost no more than their beginning", () => {
    expect(nameWords(`gemm_${"x_".repeat(1e6)}`).own).toContain("gemm");
    expect(nameWords("<".repeat(1e5)).own).toEqual([]);
    expect(nameWords("").own).toEqual([]);
  });
});

import { describe, expect, test } from "vitest";
import { findSymbol, sourceText } from "../../../src/dsl/lock/find-symbol.ts";

const PYTHON = `
"""Module text that names ghost_function(x)."""
import triton

# class Commented: pass
LIMIT = 4
size: int = 3

class RMSNorm(CustomOp):
    """def fake(self): ..."""

    eps: float
    scale = 1.0

    def __init__(self, x):
        self.weight = x
        self.bias: int = 0

    async def forward(
        self,
        x=LIMIT,
    ):
        local = helper(x)
        def inner():
            return 1
        return fused_add(x)

@triton.jit
def _norm_kernel(
    X, N: tl.constexpr,
):
    pass

@torch.library.custom_op("trtllm::fused_add", mutates_args=())
def _(x):
    text = "quoted_symbol"
    return other.call_me(x)

if ok:
    def guarded(): pass
`;

describe("Python", () => {
  const source = sourceText(PYTHON, "a/b.py");
  test.each([
    ["RMSNorm", "defined"],
    ["RMSNorm.forward", "defined"],
    ["forward", "defined"],
    ["RMSNorm.weight", "defined"],
    ["RMSNorm.bias", "defined"],
    ["RMSNorm.scale", "defined"],
    ["RMSNorm.eps", "defined"],
    ["_norm_kernel", "defined"],
    ["inner", "defined"],
    ["guarded", "defined"],
    ["LIMIT", "defined"],
    ["size", "defined"],
    ["trtllm::fused_add", "defined"],
    ["helper", "used"],
    ["call_me", "used"],
    ["quoted_symbol", "used"],
    ["local", "used"],
    ["Commented", null],
    ["ghost_function", null],
    ["fake", null],
    ["RMSNorm.backward", null],
    ["norm_kernel", null],
    ["Norm", null],
  ])("%s is %s", (symbol, found) => {
    expect(findSymbol(source, symbol)).toBe(found);
  });
});

const CUDA = `
#pragma once
#include "other.cuh" // void included_only(int x) {}
#define MAX_WARPS 8
/* __global__ void commented_kernel(int* x) {} */

namespace flashinfer {
namespace norm {

template <uint32_t VEC_SIZE, typename T>
__global__ void FusedAddRMSNormKernel(T* __restrict__ input, T* residual,
                                      const uint32_t d) {
  helper_device(input);
  int local_value = other_call(d);
}

template <typename T>
cudaError_t RMSNorm(T* input) {
  auto kernel = PlainKernel<8, T>;
  FLASHINFER_CUDA_CALL(cudaLaunchKernelEx(&config, kernel, input));
  launched_kernel<<<grid, block>>>(input);
  if (check_it(input)) { return forwarded(input); }
  return cudaSuccess;
}

struct alignas(16) Params {
  int rows;
  static constexpr int kBlock = 128;
  Params(int r) : rows(r) {}
  void run(int x) const;
};
void Params::finish(int x) { }

enum class Pattern { kAllReduce, kResidual = 3 };
using Alias = Params;
extern __global__ void __launch_bounds__(256) declared_kernel(float* x);
constexpr auto table = make_table();
}  // namespace norm
}
TORCH_LIBRARY(ops, m) { m.def("registered_op(Tensor x) -> Tensor"); }
`;

describe("C++ and CUDA", () => {
  const source = sourceText(CUDA, "include/norm.cuh");
  test.each([
    ["FusedAddRMSNormKernel", "defined"],
    ["norm.FusedAddRMSNormKernel", "defined"],
    ["RMSNorm", "defined"],
    ["Params", "defined"],
    ["Params.run", "defined"],
    ["Params::finish", "defined"],
    ["Params.rows", "defined"],
    ["kBlock", "defined"],
    ["Pattern", "defined"],
    ["kAllReduce", "defined"],
    ["kResidual", "defined"],
    ["Alias", "defined"],
    ["declared_kernel", "defined"],
    ["table", "defined"],
    ["MAX_WARPS", "defined"],
    ["registered_op", "defined"],
    ["flashinfer", "defined"],
    ["helper_device", "used"],
    ["other_call", "used"],
    ["PlainKernel", "used"],
    ["launched_kernel", "used"],
    ["check_it", "used"],
    ["forwarded", "used"],
    ["Other.run", null],
    ["commented_kernel", null],
    ["included_only", null],
    ["AddRMSNormKernel", null],
  ])("%s is %s", (symbol, found) => {
    expect(findSymbol(source, symbol)).toBe(found);
  });
});

test("other files are searched as text, without their comments", () => {
  const yaml = sourceText("# backend: old\nbackend: flashinfer\n", "config/default.yaml");
  expect(findSymbol(yaml, "backend: flashinfer")).toBe("used");
  expect(findSymbol(yaml, "backend: old")).toBeNull();
});

test("a template parameter with a value makes its kernel no less defined", () => {
  const source = sourceText(
    "template <typename T, int kVec = 16, auto F = pick<T, 2>> __global__ void scale_kernel(T* x) {\n  x = other_kernel<T>(1);\n}\n",
    "a/b.cuh",
  );
  expect(findSymbol(source, "scale_kernel")).toBe("defined");
  expect(findSymbol(source, "other_kernel")).toBe("used");
});

import { expect, test } from "vitest";
import { declaredKernels, isServed } from "../../../src/dsl/upstream/declared-kernel.ts";

const names = (path: string, text: string): string[] =>
  declaredKernels(path, text).map(({ printed }) => printed);

test("a kernel is called with its namespaces, and with arguments where it is a template", () => {
  const text = `
namespace vllm {
namespace {
// __global__ void in_a_comment() {}
template <typename T, int kVec = 8, bool kFast>
__global__ void __launch_bounds__(128, 4) act_and_mul_kernel(T* out) { out[0] = 1; }
}  // namespace
extern "C" __global__ void plain(int* x) { }
}  // namespace vllm
namespace a::b { __global__ void inner(float* y) { } }
`;
  expect(names("csrc/act.cu", text)).toEqual([
    "void vllm::(anonymous namespace)::act_and_mul_kernel<__nv_bfloat16, 128, true>(void*)",
    "vllm::plain(void*)",
    "a::b::inner(void*)",
  ]);
});

test("macros that stand for __global__ are seen through", () => {
  const text = `
#define Q_KERNEL __global__ __launch_bounds__(kBlock, 16)
#define LONG_KERNEL \\
  __global__
namespace sglang {
template <typename DType>
Q_KERNEL void fused_q_norm_rope(const __grid_constant__ Params params) { use(params); }
LONG_KERNEL void
on_the_next_line(const Params params) {}
}
`;
  expect(names("x.cuh", text)).toEqual([
    "void sglang::fused_q_norm_rope<__nv_bfloat16>(void*)",
    "sglang::on_the_next_line(void*)",
  ]);
});

test("a declaration without a body is no second kernel", () => {
  const text = `
__global__ void later(int* x);
template <class T> std::enable_if_t<is_ok<T>> host(T t);
template <typename T>
__global__ typename std::enable_if<(N > 0)>::type chosen(T* x) { }
`;
  expect(names("x.cu", text)).toEqual(["void chosen<__nv_bfloat16>(void*)"]);
});

test("a template of another declaration gives no arguments", () => {
  const text = `
template <typename T> struct Traits { };
__global__ void after(int* x) { }
struct Holder { static __global__ void member(int* x) { } };
`;
  expect(names("x.cu", text)).toEqual(["after(void*)", "Holder::member(void*)"]);
});

test("Triton, Gluon, CuTe DSL, TileLang and cuTile print names of their own", () => {
  const text = `
import triton, cutlass.cute as cute
from triton.experimental import gluon

@triton.autotune(
    configs=[triton.Config({"BLOCK": 64})],
    key=["n"],
)
@triton.jit
def _rms_norm_kernel(x_ptr):
    pass

@triton.jit
def _helper(x):
    return x

@gluon.jit
def gated(x):
    pass

class RMSNorm:
    @cute.kernel
    def kernel(self, x):
        pass

    @cute.jit
    def __call__(self, x):
        pass

@cute.kernel
def free_kernel(x):
    pass

@T.prim_func
def main(A):
    pass

@ct.kernel
def all_gather_matmul(x):
    pass

gated[(1,)](x)
`;
  const found = declaredKernels("python/sglang/ops/norm.py", text);
  expect(found.filter(({ isDoubtful }) => !isDoubtful).map(({ printed }) => printed)).toEqual([
    "_rms_norm_kernel",
    "gated",
    "kernel_cutlass_kernel_sglangopsnormRMSNorm_object_at__tensorptrbf16gmemalign16o1_0",
    "kernel_cutlass_free_kernel__tensorptrbf16gmemalign16o1_0",
    "main_kernel",
    "all_gather_matmul",
  ]);
  expect(found.filter(({ isDoubtful }) => isDoubtful).map(({ symbol }) => symbol)).toEqual([
    "_helper",
  ]);
});

test("CUDA code within a Python text counts", () => {
  const text = 'SOURCE = r"""\nextern "C" __global__ void in_python(int* x) { }\n"""\n';
  expect(names("jit.py", text)).toEqual(["in_python(void*)"]);
});

test.each([
  ["python/sglang/ops/norm.py", true],
  ["tests/kernels/test_norm.py", false],
  ["benchmarks/bench_norm.py", false],
  ["csrc/cutlass/include/x.h", false],
  ["csrc/testing_tools.cu", true],
])("%s is served: %s", (path, answer) => {
  expect(isServed(path)).toBe(answer);
});

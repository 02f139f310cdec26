import { languageOf } from "../lock/code-text.ts";
import { cudaKernels } from "./cuda-kernels.ts";
import { pythonKernels } from "./python-kernels.ts";

/** A GPU kernel that a source file declares. */
export interface DeclaredKernel {
  readonly line: number;
  /** Who compiles it, and so who decides how it is called. */
  readonly compiler: "cuda" | "triton" | "cute-dsl" | "tilelang" | "cutile";
  /** As the source calls it: `ns::name`, `Class.method`, `name`. */
  readonly symbol: string;
  /**
   * As a profiler prints it, arguments made up where a template or a class takes some:
   * `void ns::name<__nv_bfloat16, 128>(void*)`.
   */
  readonly printed: string;
  /** Python only: nothing in the file launches it and its name does not say kernel; a device function looks the same. */
  readonly isDoubtful: boolean;
}

/** Kernels of one file, in the order they stand. Files of other languages declare none. */
export function declaredKernels(path: string, text: string): readonly DeclaredKernel[] {
  switch (languageOf(path)) {
    case "c":
      return [...cudaKernels(text)];
    case "python":
      return [...pythonKernels(path, text)];
    default:
      return [];
  }
}

/** Files of a repository that declare what no engine runs on a GPU of ours: tests, benchmarks, copies of others. */
const NOT_SERVED =
  /(?:^|\/)(?:tests?|unit_test|op_tests|benchmarks?|docs|examples|experimental|tuning|cutlass|cccl|3rdparty|composable_kernel|spdlog|cpu|metal|npu|xpu|ascend|musa)(?:\/|$)|(?:^|\/)(?:test|bench(?:mark)?)_[^/]*$/;

export const isServed = (path: string): boolean => !NOT_SERVED.test(path);

/** How good a frame is as "the place in the code". Among the highest rank the innermost frame wins. */
export const RANK = {
  /** Says nothing about who asked for the kernel; never shown. */
  plumbing: 0,
  /** Shown only where nothing better encloses the launch. */
  lastResort: 1,
  /** Kernel libraries: right, but their caller says more. */
  library: 2,
  /** The framework's or the model's own code. */
  own: 3,
} as const;

/** One row of a ranked list: a frame that fits `path` (and `fn`, where given) has this rank. */
interface RankRow {
  readonly rank: number;
  readonly path: RegExp;
  readonly fn?: RegExp;
}

/** Dispatch and decoration, whatever package they live in. */
const DISPATCH: readonly RankRow[] = [
  { rank: RANK.plumbing, path: /^nn\.Module: |^<|^$/ },
  {
    rank: RANK.plumbing,
    path: /./,
    fn: /^(_call_impl|_wrapped_call_impl|__torch_function__|__torch_dispatch__|decorate_context|wrapper|wrapped|inner|_fn|__call__ \(wrapper\))$/,
  },
  {
    rank: RANK.plumbing,
    path: /(^|\/)(nvtx|kernel_shape_profiler|profile_utils|torch_guard)\.py$/,
  },
];

/** What the model runs on: torch, compilers, the interpreter's own modules. */
const RUNTIME: readonly RankRow[] = [
  { rank: RANK.plumbing, path: /^(torch|torchgen|torchvision|functorch|numpy|triton)\// },
  { rank: RANK.plumbing, path: /(^|\/)(torchinductor_[^/]*|torch_compile_debug)\// },
  { rank: RANK.plumbing, path: /^(aiter\/jit|flashinfer\/jit|tvm_ffi|apache_tvm_ffi)\// },
  { rank: RANK.plumbing, path: /^(accelerate\/hooks\.py|accelerate\/utils\/|nvtx\/|ray\/)/ },
  { rank: RANK.plumbing, path: /(^|\/)python3(\.\d+)?\/(?!site-packages|dist-packages)/ },
  {
    rank: RANK.plumbing,
    path: /^(abc|ast|bdb|cmd|codecs|collections|concurrent|contextlib|copy|ctypes|dataclasses|enum|functools|gc|heapq|importlib|inspect|json|logging|multiprocessing|operator|os|pathlib|pickle|queue|random|re|runpy|selectors|signal|socket|statistics|string|subprocess|tempfile|threading|time|traceback|types|typing|uuid|warnings|weakref|asyncio)(\.py$|\/)/,
  },
];

const LIBRARIES: readonly RankRow[] = [
  {
    rank: RANK.library,
    path: /^(aiter|causal_conv1d|cutlass|deep_ep|deep_gemm|fla|flash_attn|flash_mla|flashinfer|gemlite|mamba_ssm|mori|pplx_kernels|quack|sageattention|sgl_kernel|sglang_kernel|tilelang|tokenspeed_kernel|triton_kernels|vllm_flash_attn|xformers)\//,
  },
];

/** Model code that serving engines borrow. */
const MODELS: readonly RankRow[] = [
  { rank: RANK.plumbing, path: /^transformers\/utils\// },
  { rank: RANK.own, path: /^(transformers\/(models|integrations)|transformers_modules)\// },
];

/**
 * Ranks of a serving framework: its exceptions first, then what is plumbing everywhere, then its
 * own package; a stranger's code comes last.
 */
export function frameworkRanks(
  exceptions: readonly RankRow[],
  ownPackage: RegExp,
): (path: string, fn: string) => number {
  const rows = [
    ...exceptions,
    ...DISPATCH,
    { rank: RANK.own, path: ownPackage },
    ...MODELS,
    ...LIBRARIES,
    ...RUNTIME,
  ];
  return (path, fn) => firstFit(rows, path, fn) ?? RANK.lastResort;
}

/** Ranks where no framework is known: whatever is neither plumbing nor a kernel library is the model. */
export function anyCodeRanks(): (path: string, fn: string) => number {
  const rows = [...DISPATCH, ...MODELS, ...LIBRARIES, ...RUNTIME];
  return (path, fn) => firstFit(rows, path, fn) ?? RANK.own;
}

function firstFit(rows: readonly RankRow[], path: string, fn: string): number | null {
  for (const row of rows) {
    if (row.path.test(path) && (row.fn === undefined || row.fn.test(fn))) return row.rank;
  }
  return null;
}

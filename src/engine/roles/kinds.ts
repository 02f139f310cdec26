import type { KernelSymbol } from "../../model/trace/kernel-graph.ts";
import type { KernelName } from "../../model/trace/trace.ts";

/**
 * What a kernel is to the reading of a forward pass. `attention` to `expert` are the middle of a
 * block; `gemm` and `norm` stand around it; the rest is looked past.
 */
type Kind =
  | "attention"
  | "linear"
  | "act"
  | "route"
  | "expert"
  | "gemm"
  | "norm"
  /** Second launch of a GEMM: partial sums, or the epilogue that cuBLASLt runs by itself. */
  | "reduce"
  | "softmax"
  | "sample"
  /** Choice of keys for sparse attention. */
  | "index"
  /** Top-k and sorts of torch: of logits, of experts, of an index. */
  | "choose"
  | "sort"
  | "copy"
  | "elementwise"
  | "other";

/** Words of latent attention (MLA), in kernels of attention and of its cache. */
const LATENT = /mla|HQk576|absorb/i;
/** Norms that end no block: L2 norms inside linear attention. */
const INSIDE_LINEAR = /l2norm/i;
/** Hyper-connections stand where a norm stands, and are none. */
const MIXING = /(^|[^a-z])(mhc|hc)_/i;
const SOFTMAX = /soft_?max/i;
const EPILOGUE = /epilogue::impl::globalKernel/;
const TOP_K = /gatherTopK|[sm]btopk::/;
const SORT = /sort|fill_reverse_indices|fill_index_and_segment/i;
const LORA = /lora/i;
const CONVOLUTION = /conv|fprop/i;
const ADDITION = /CUDAFunctor_add|(^|_)add(_|$)/;
const PRODUCT = /MulFunctor|(^|_)mul(_|$)/;
/** Torch's copy without a change of type; others may cast a table for RoPE or a mask. */
const LAYOUT_COPY = /direct_copy_kernel/;
const CAST = /LoadWithCast/;
const LOOK_UP = /indexSelect|vectorized_gather|embedding/i;

/** A symbol as roles by position see it. */
export interface Part {
  readonly kind: Kind;
  readonly isLatent: boolean;
  readonly isSum: boolean;
  readonly isProduct: boolean;
  readonly isLookUp: boolean;
  readonly isLayoutCopy: boolean;
  /** A norm without a residual add inside. */
  readonly isPlainNorm: boolean;
  /** A norm that does another's work as well. */
  readonly isMixing: boolean;
}

/** What a symbol is to the reading of a forward pass, from its category, role and name. */
export function partOf(symbol: KernelSymbol, { demangled: name }: KernelName): Part {
  return {
    kind: kindOf(symbol, name),
    isLatent: LATENT.test(name),
    isSum: ADDITION.test(name),
    isProduct: PRODUCT.test(name),
    isLookUp: LOOK_UP.test(name),
    isLayoutCopy: LAYOUT_COPY.test(name) && !CAST.test(name),
    isPlainNorm: symbol.category === "norm" && symbol.role !== "layer_norm",
    isMixing: MIXING.test(name),
  };
}

function kindOf({ category, role }: KernelSymbol, name: string): Kind {
  switch (category) {
    case "gemm":
      if (role === "splitk_reduce" || EPILOGUE.test(name)) return "reduce";
      return LORA.test(name) || CONVOLUTION.test(name) ? "other" : "gemm";
    case "norm":
      return INSIDE_LINEAR.test(name) ? "linear" : "norm";
    case "communication":
      return role?.endsWith("_norm") ? "norm" : "other";
    case "attention":
      if (role === "indexer") return "index";
      return SOFTMAX.test(name) ? "softmax" : "attention";
    case "linear-attention":
      return "linear";
    case "activation":
      return "act";
    case "moe-gemm":
      return LORA.test(name) ? "other" : "expert";
    case "routing":
    case "dispatch-combine":
      return "route";
    case "sampling":
      if (role === "sample") return "sample";
      if (TOP_K.test(name)) return "choose";
      return SORT.test(name) ? "sort" : "other";
    case "copy":
      return "copy";
    case "elementwise":
      return SOFTMAX.test(name) ? "softmax" : "elementwise";
    case "other":
      return SOFTMAX.test(name) ? "softmax" : "other";
    default:
      return "other";
  }
}

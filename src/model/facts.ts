import type { StageName } from "./framework.ts";

/** Facts a guard may ask about, with type and meaning. The checker, the docs and the engine read this table. */
export const FACTS = {
  framework: {
    type: "name",
    values: ["sglang", "vllm", "trtllm", "tokenspeed", "unknown"],
    meaning: "serving engine that wrote the trace",
  },
  vendor: { type: "name", values: ["nvidia", "amd", "unknown"], meaning: "GPU vendor" },
  arch: {
    type: "arch",
    values: null,
    meaning: "GPU architecture: sm80, sm90, sm100, sm103, gfx942, gfx950, …",
  },
  stage: {
    type: "name",
    values: ["prefill", "decode", "mixed", "all"],
    meaning: "stage the kernels belong to",
  },
  tp: { type: "int", values: null, meaning: "tensor-parallel size" },
  pp: { type: "int", values: null, meaning: "pipeline-parallel size" },
  dp: { type: "int", values: null, meaning: "data-parallel size" },
  ep: { type: "int", values: null, meaning: "expert-parallel size" },
  attn_tp: {
    type: "int",
    values: null,
    meaning: "ranks that share an attention layer: tp, less where attention is data-parallel",
  },
  model: {
    type: "text",
    values: null,
    meaning: "model path or name as the server was started with",
  },
  dtype: { type: "name", values: ["bf16", "fp16", "fp32", "fp8"], meaning: "activation type" },
  quant: {
    type: "name",
    values: ["none", "fp8", "fp4", "mxfp4", "nvfp4", "mxfp8", "int8", "int4", "awq", "gptq"],
    meaning: "weight/activation quantisation",
  },
  kv_dtype: {
    type: "name",
    values: ["bf16", "fp16", "fp8", "fp4", "int8"],
    meaning: "number format of the KV cache",
  },
  workload: {
    type: "name",
    values: ["llm", "diffusion", "embedding", "training"],
    meaning: "what the trace was made of",
  },
  phase: {
    type: "name",
    values: ["draft", "verify"],
    meaning: "half of speculative decoding that the stage's steps are labelled with",
  },
  attn_backend: {
    type: "text",
    values: null,
    meaning: "attention backend named by the server args",
  },
  graph: {
    type: "name",
    values: ["on", "off"],
    meaning: "kernels run inside a CUDA/HIP graph replay",
  },
  tokens: { type: "int", values: null, meaning: "tokens per step (median over the stage's steps)" },
  message_bytes: {
    type: "int",
    values: null,
    meaning: "bytes that one all-reduce sums (median over the stage's)",
  },
  engine_version: { type: "text", values: null, meaning: "version the server reports" },
} as const satisfies Record<
  string,
  { type: "name" | "int" | "text" | "arch"; values: readonly string[] | null; meaning: string }
>;

export type FactName = keyof typeof FACTS;
export type FactValue = string | number;

/** A known fact and what told it; a missing entry means unknown. */
export interface Fact {
  readonly value: FactValue;
  /** "server_args.json tp_size", "distributedInfo world_size", "--tp", … */
  readonly from: string;
}

/** Facts of one stage. Absent means unknown, never false. */
export type Facts = { readonly [K in FactName]?: Fact };

export interface StageFacts {
  readonly stage: StageName;
  readonly facts: Facts;
}

/** Fields of a kernel that a class expression may look at. */
export const FIELDS = {
  name: "kernel name, raw or demangled",
  op: "CPU op that launched it, innermost or outermost",
  scope: "nn.Module path, dots between modules",
  frame: 'Python location and function: "path.py:12 fn"',
  word: "word of the kernel's name, lower case; only where words tell a category",
  category: "category from the vocabulary",
  "category-from": "what told the category: class, words or op",
  role: "role within a layer, from the vocabulary",
  library: "library from the vocabulary",
  kind: "kernel, copy or fill",
} as const;
export type FieldName = keyof typeof FIELDS;

/**
 * Every spelling of every field of one kernel. A class atom holds when any spelling matches; a
 * field without spellings (no Python stack, no op in a graph replay) matches nothing, so `not`
 * of it holds.
 */
export type KernelFields = Readonly<Record<FieldName, readonly string[]>>;

import { isObject } from "../../base/is-object.ts";
import type { ExpertShape, LatentShape, LinearShape, ModelShape } from "../../model/model-shape.ts";
import { JsonValues } from "./json-values.ts";
import { quantisedShape } from "./quantised.ts";

/** Where models that see and hear keep the part that writes. */
const WRITERS = [
  "text_config",
  "llm_config",
  "language_config",
  "thinker_config.text_config",
  "language_model",
];

const TYPES: Readonly<Record<string, string>> = {
  bfloat16: "bf16",
  float16: "fp16",
  half: "fp16",
  float32: "fp32",
};

/** Activations that come with a gate in every architecture that names them. */
const GATED = /^(silu|swish|swiglu|.*glu)$/i;

/**
 * A model's sizes from its parsed config.json, under the names that transformers and the
 * checkpoints of older codes give them.
 *
 * @param path the file, for what is said about it
 */
export function readShape(config: Readonly<Record<string, unknown>>, path: string): ModelShape {
  const outer = new JsonValues(config);
  const own = outer.any(...WRITERS);
  const values = new JsonValues(isObject(own) ? { ...config, ...own } : config);
  const hidden = values.count("hidden_size", "n_embd", "d_model", "dim");
  const heads = values.count("num_attention_heads", "n_head", "n_heads", "num_heads");
  const layers = values.count("num_hidden_layers", "n_layer", "n_layers", "num_layers");
  const headDim =
    values.count("head_dim", "kv_channels", "attention_head_dim") ?? quotient(hidden, heads);
  const experts = expertShape(values, layers);
  const type = values.text("torch_dtype", "dtype") ?? outer.text("torch_dtype", "dtype") ?? "";
  const kinds = layerKinds(values, layers);
  return {
    path,
    architecture: String(outer.list("architectures")?.[0] ?? outer.text("model_type") ?? ""),
    layers,
    hidden,
    vocabulary: values.count("padded_vocab_size", "vocab_size"),
    heads,
    kvHeads: kvHeads(values) ?? heads,
    headDim,
    rotaryDim: rotaryDim(values, headDim),
    hasOutputGate: values.isSet("attn_output_gate", "use_attn_output_gate"),
    hasWindow: kinds.some((kind) => /sliding|chunked|local/.test(kind)) || hasWindow(values, kinds),
    inner: innerWidth(values, experts, layers),
    isGated: isGated(values),
    latent: latentShape(values),
    experts,
    linear: linearShape(values, kinds),
    type: TYPES[type.replace("torch.", "")] ?? null,
    quantised: quantisedShape(
      outer.object("quantization_config") ?? values.object("quantization_config"),
    ),
  };
}

const quotient = (whole: number | null, parts: number | null): number | null =>
  whole === null || parts === null || whole % parts !== 0 ? null : whole / parts;

/** Dims of a head that rotary embedding turns, where the configuration says it is not all of them. */
function rotaryDim(values: JsonValues, headDim: number | null): number | null {
  const told = values.count("rotary_dim");
  if (told !== null) return told;
  const share = values.any(
    "partial_rotary_factor",
    "rope_parameters.partial_rotary_factor",
    "rotary_pct",
    "rope_pct",
  );
  if (headDim === null || typeof share !== "number" || !(share > 0 && share <= 1)) return null;
  return Math.floor(headDim * share);
}

function kvHeads(values: JsonValues): number | null {
  const told = values.count(
    "num_key_value_heads",
    "num_kv_heads",
    "n_head_kv",
    "attn_config.kv_n_heads",
  );
  if (told !== null) return told;
  if (values.isSet("multi_query_attention")) return values.count("multi_query_group_num") ?? 1;
  return values.isSet("multi_query") ? 1 : null;
}

function isGated(values: JsonValues): boolean | null {
  if (/gemma/i.test(values.text("model_type") ?? "")) return true;
  const activation = values.text("hidden_act", "hidden_activation", "activation_function");
  return activation !== null && GATED.test(activation) ? true : null;
}

const EXPERTS = [
  "num_experts",
  "num_local_experts",
  "n_routed_experts",
  "num_routed_experts",
  "moe_num_experts",
  "ffn_config.moe_num_experts",
];

function expertShape(values: JsonValues, layers: number | null): ExpertShape | null {
  const count = values.count(...EXPERTS);
  const chosen = values.count(
    "num_experts_per_tok",
    "num_experts_per_token",
    "experts_per_token",
    "moe_topk",
    "moe_top_k",
    "moe_k",
    "num_selected_experts",
    "ffn_config.moe_top_k",
  );
  const inner = values.count(
    "moe_intermediate_size",
    "expert_intermediate_size",
    "expert_ffn_hidden_size",
    "ffn_config.ffn_hidden_size",
    "intermediate_size",
  );
  if (count === null || count < 2 || chosen === null || inner === null || layers === null)
    return null;
  const shared = values.count("n_shared_experts", "num_shared_experts", "moe_num_shared_experts");
  const isLlama4 = values.count("intermediate_size_mlp") !== null;
  return {
    count,
    chosen,
    inner,
    sharedInner:
      values.count("shared_expert_intermediate_size", "shared_intermediate_size") ??
      (shared === null ? (isLlama4 ? inner : null) : shared * inner),
    layers: expertLayers(values, layers),
  };
}

/** How many layers have experts: after the first dense ones, every so many, or as listed. */
function expertLayers(values: JsonValues, layers: number): number {
  const listed = values.list("moe_layers");
  if (listed !== null) return listed.length;
  const flags = values.list("moe_layer_freq");
  if (flags !== null) return flags.filter((each) => each === 1).length;
  const dense = values.count("first_k_dense_replace", "moe_layer_start_index") ?? 0;
  const every =
    values.count("interleave_moe_layer_step", "decoder_sparse_step", "moe_layer_freq") ?? 1;
  const without = new Set(values.list("mlp_only_layers") ?? []);
  let count = 0;
  for (let layer = dense; layer < layers; layer++)
    if ((layer + 1) % every === 0 && !without.has(layer)) count++;
  return count;
}

function innerWidth(
  values: JsonValues,
  experts: ExpertShape | null,
  layers: number | null,
): number | null {
  if (experts !== null && experts.layers === layers) return null;
  const told = values.count(
    "intermediate_size_mlp",
    "intermediate_size",
    "ffn_hidden_size",
    "ffn_dim",
    "n_inner",
    "ffn_config.ffn_hidden_size",
  );
  if (told !== null) return told;
  const hidden = values.count("n_embd");
  return hidden === null ? null : 4 * hidden;
}

function latentShape(values: JsonValues): LatentShape | null {
  const cacheRank = values.count("kv_lora_rank");
  const plainDim = values.count("qk_nope_head_dim");
  const ropeDim = values.count("qk_rope_head_dim");
  const valueDim = values.count("v_head_dim");
  if (cacheRank === null || plainDim === null || ropeDim === null || valueDim === null) return null;
  return { queryRank: values.count("q_lora_rank"), cacheRank, plainDim, ropeDim, valueDim };
}

/** One word per layer where the configuration lists them; else what a rule of it comes to. */
function layerKinds(values: JsonValues, layers: number | null): readonly string[] {
  const listed = values.list("layer_types", "layers_block_type");
  if (listed !== null) return listed.map(String);
  const every = values.count("full_attention_interval");
  if (every === null || layers === null || values.count("linear_num_value_heads") === null)
    return [];
  return Array.from({ length: layers }, (_, layer) =>
    (layer + 1) % every === 0 ? "full_attention" : "linear_attention",
  );
}

function hasWindow(values: JsonValues, kinds: readonly string[]): boolean {
  if (kinds.length > 0 || values.any("use_sliding_window") === false) return false;
  return values.count("sliding_window", "sliding_window_size") !== null;
}

function linearShape(values: JsonValues, kinds: readonly string[]): LinearShape | null {
  const layers = kinds.filter((kind) => /linear|mamba|recurrent/.test(kind)).length;
  if (layers === 0) return null;
  const heads = values.count("linear_num_value_heads");
  const dim = values.count("linear_value_head_dim");
  return { layers, valueDim: heads === null || dim === null ? null : heads * dim };
}

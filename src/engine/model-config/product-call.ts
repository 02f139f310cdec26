import type { QuantisedShape } from "../../model/model-shape.ts";
import { symbolAt } from "../../model/trace/kernel-graph.ts";
import type { AssumedCall, Known } from "./assumed-call.ts";
import type { Projection } from "./projections.ts";
import type { RoleCall } from "./role-calls.ts";
import { tensor } from "./tensors.ts";

/** Modules that no method quantises unless told to. */
const NEVER = /^(lm_head|mlp\.gate)$/;

/** The product of a step's rows with one weight, as torch's op of the fitting type would show it. */
export function productCall(
  known: Known,
  call: RoleCall,
  rows: number,
  { k, n, from, module }: Projection,
): AssumedCall | string {
  const types = typesOf(known, module);
  if (typeof types === "string") return types;
  const isWide = types.activation === types.weight && !/^(bf16|fp16|fp32)$/.test(types.weight);
  return {
    op: isWide ? "aten::_scaled_mm" : "aten::mm",
    inputs: [tensor(types.activation, [rows, k]), tensor(types.weight, [k, n])],
    assuming: assumptions(known, call, rows, [from, ...types.words]),
    key: `${call.step}:${call.role}:${call.nth}`,
  };
}

/** What the figures of a call rest on, in words. */
export function assumptions(
  { shape, split, graph }: Known,
  { role, step, rows: kernels }: RoleCall,
  rows: number,
  more: readonly string[],
): readonly string[] {
  const { roleFrom } = symbolAt(graph, kernels[0]!);
  return [
    `assumed ${role}${roleFrom === "position" ? " by its place" : ""}: ${rows} rows (${graph.steps[step]!.label}), ${split.words}, and from ${shape.path} hidden ${shape.hidden}, ${more.join(", ")}`,
    ...split.assuming,
  ];
}

/** Element types of a weight and of what it is multiplied with. */
export function typesOf(
  { shape, known: { facts } }: Known,
  module: string,
): { weight: string; activation: string; words: readonly string[] } | string {
  const plain = shape.type ?? "bf16";
  const words = shape.type === null ? [`${shape.path} names no type: bf16`] : [];
  const own = { weight: plain, activation: plain, words };
  const { quantised, path } = shape;
  const online = facts.quant?.value;
  if (quantised === null) {
    if (online === undefined || online === "none" || NEVER.test(module)) return own;
    if (online !== "fp8" || facts.quant?.from.startsWith("kernel")) return own;
    return { weight: "fp8", activation: "fp8", words: [`fp8 by ${facts.quant?.from}`] };
  }
  if (NEVER.test(module) || isKept(quantised, module)) return own;
  if (quantised.expertsOnly && !module.includes("experts")) return own;
  if (quantised.weight === null)
    return `${path} quantises by ${quantised.method || "a method without a name"}: what types that leaves is not known`;
  return {
    weight: quantised.weight,
    activation: quantised.activation ?? plain,
    words: [`${quantised.weight} weights by ${quantised.method}`],
  };
}

/** Parts that a joint module holds, as lists of exceptions name them one by one. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  "self_attn.qkv_proj": ["self_attn.q_proj", "self_attn.qkv"],
  "mlp.gate_up_proj": ["mlp.gate_proj"],
  "mlp.gate": ["mlp.router", "block_sparse_moe.gate"],
  "self_attn.fused_qkv_a_proj_with_mqa": ["self_attn.q_a_proj", "self_attn.kv_a_proj_with_mqa"],
};

/** Whether an exception covers the module in every layer; one of a single layer does not. */
function isKept({ kept }: QuantisedShape, module: string): boolean {
  const names = [module, ...(PARTS[module] ?? [])].map((name) => `model.layers.0.${name}`);
  return kept.some((word) => names.some((name) => covers(word, name)));
}

function covers(word: string, name: string): boolean {
  if (word.startsWith("re:") || word.includes("*")) {
    const parts = word
      .replace(/^re:/, "")
      .split(/[.]?[*]|\\d\+|\\\./)
      .filter((part) => part !== "");
    let at = 0;
    for (const part of parts) {
      const found = name.indexOf(part.replace(/[\\^$()]/g, ""), at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return true;
  }
  const general = word.replace(/^(language_)?model\.layers\.\d+\./, "model.layers.0.");
  return (
    name === general ||
    name.endsWith(`.${general}`) ||
    name.startsWith(`${general}.`) ||
    name.includes(`.${general}.`)
  );
}

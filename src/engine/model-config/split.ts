import type { Facts } from "../../model/facts.ts";

/** Among how many ranks the parts of a layer are split. */
export interface Split {
  readonly attention: number;
  /** Dense MLPs, shared experts, widths of experts, the head. */
  readonly mlp: number;
  /** Experts: whole ones. */
  readonly experts: number;
  readonly stages: number;
  /** Why nothing is known of what is not attention; null where it is. */
  readonly elsewhere: string | null;
  /** In words: "TP 8". */
  readonly words: string;
  /** What was taken for granted about it. */
  readonly assuming: readonly string[];
}

/** How a model is split among its ranks as facts tell; a sentence where they do not. */
export function splitOf(facts: Facts): Split | string {
  const sizeOf = (name: "tp" | "pp" | "dp" | "ep" | "attn_tp"): number | null => {
    const value = facts[name]?.value;
    return typeof value === "number" && value > 0 ? value : null;
  };
  const tp = sizeOf("tp");
  if (tp === null) return "among how many ranks the model is split is not recorded (--tp N)";
  const attention = sizeOf("attn_tp");
  const ep = sizeOf("ep");
  const pp = sizeOf("pp");
  const assuming = [
    ...(tp > 1 && attention === null
      ? [`attention is split like the rest, among ${tp} ranks`]
      : []),
    ...(tp > 1 && ep === null ? ["experts are split within, not among ranks"] : []),
  ];
  return {
    attention: attention ?? tp,
    elsewhere:
      attention === null || attention === tp
        ? null
        : `attention is split among ${attention} of ${tp} ranks: how many tokens the others bring to the MLP the annotation does not tell`,
    mlp: tp,
    experts: ep ?? 1,
    stages: pp ?? 1,
    words: `TP ${tp}${ep !== null && ep > 1 ? `, EP ${ep}` : ""}${pp !== null && pp > 1 ? `, PP ${pp}` : ""}`,
    assuming,
  };
}

import { append } from "../../base/extremes.ts";
import { GROUND_NAMES, type GroundName } from "./grounds.ts";
import type { Part } from "./kinds.ts";

/** What stands in the middle of a block. */
export type CoreKind = "attention" | "linear" | "mlp" | "moe";

/** Kernels of one kind in a row (others between are looked past), or a block's whole middle. */
export interface Item {
  readonly kind: "gemm" | "norm" | CoreKind;
  /** Places in the pass, ascending. */
  readonly at: readonly number[];
}

/** The kernels of one stream and step in order, and what each is marked with. */
export interface Pass {
  /** GPU rows. */
  readonly rows: readonly number[];
  readonly parts: readonly Part[];
  /** True where logits are sampled right after the last kernel. */
  readonly isSampled: boolean;
  /** Per GPU row of the trace: index into the grounds plus one, 0 without. */
  readonly marks: Uint8Array;
}

export function mark(pass: Pass, at: number, ground: GroundName): void {
  pass.marks[pass.rows[at]!] = codeOf(ground);
}

/** What a row is marked with. */
export function codeOf(ground: GroundName): number {
  return CODE_OF[ground];
}

const CODE_OF = Object.fromEntries(
  GROUND_NAMES.map((name, index) => [name, index + 1]),
) as Readonly<Record<GroundName, number>>;

const CORE_OF: Partial<Record<Part["kind"], CoreKind>> = {
  attention: "attention",
  linear: "linear",
  act: "mlp",
  route: "moe",
  expert: "moe",
};

/** A pass as norms, GEMMs and the middles of blocks, in order. */
export function itemsOf(pass: Pass): readonly Item[] {
  return joinExperts(joinCores(dropLooseActivations(runsOf(pass))));
}

function runsOf({ parts }: Pass): Item[] {
  const items: { kind: Item["kind"]; at: number[] }[] = [];
  for (let at = 0; at < parts.length; at++) {
    const { kind } = parts[at]!;
    const of = kind === "gemm" || kind === "norm" ? kind : CORE_OF[kind];
    if (of === undefined) continue;
    const last = items.at(-1);
    if (last?.kind === of) last.at.push(at);
    else items.push({ kind: of, at: [at] });
  }
  return items;
}

/** An activation with no GEMM before it makes no MLP: the gate of attention, a time embedding. */
function dropLooseActivations(items: readonly Item[]): Item[] {
  const kept: Item[] = [];
  for (const item of items) {
    const before = kept.at(-1)?.kind;
    if (item.kind === "mlp" && before !== "gemm" && before !== "moe") continue;
    kept.push(item);
  }
  return kept;
}

/** Attention in several launches, GEMMs between them or not, is one middle as long as no norm parts it. */
function joinCores(items: readonly Item[]): Item[] {
  const kept: Item[] = [];
  for (const item of items) {
    const last = kept.at(-1);
    const before = kept.at(-2);
    if (last?.kind === item.kind) kept[kept.length - 1] = joined([last, item]);
    else if (
      (item.kind === "attention" || item.kind === "linear") &&
      last?.kind === "gemm" &&
      before?.kind === item.kind
    )
      kept.splice(-2, 2, joined([before, item]));
    else kept.push(item);
  }
  return kept;
}

/** All that stands between two norms with an expert GEMM or a routing kernel among it is one MoE block. */
function joinExperts(items: readonly Item[]): Item[] {
  const kept: Item[] = [];
  let block: Item[] = [];
  const close = () => {
    const from = block.findLastIndex(({ kind }) => kind === "attention" || kind === "linear") + 1;
    const rest = block.slice(from);
    append(kept, block.slice(0, from));
    if (rest.some(({ kind }) => kind === "moe")) kept.push({ ...joined(rest), kind: "moe" });
    else append(kept, rest);
    block = [];
  };
  for (const item of items) {
    if (item.kind === "norm") {
      close();
      kept.push(item);
    } else block.push(item);
  }
  close();
  return kept;
}

function joined(items: readonly Item[]): Item {
  return { kind: items[0]!.kind, at: items.flatMap(({ at }) => at) };
}

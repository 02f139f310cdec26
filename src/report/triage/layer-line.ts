import { compareText } from "../../base/compare-text.ts";
import type { LayerKernel, StageReport } from "../../model/contracts/report.ts";
import { percent } from "../../model/trace/units.ts";
import { counted, share, timesInWords } from "../numbers.ts";
import { type Line, span } from "../table.ts";

/** The repeated layer in a line: what stands at each position, in order, with its median. */
export function layerLines({ layers }: StageReport): readonly Line[] {
  if (layers === null) return [];
  const { count, period, matchRatio, template } = layers;
  const head = span(
    `${counted(count, "layer")} of ${counted(period, "kernel")} repeat (${share(100 * matchRatio)} alike)`,
    "dim",
  );
  if (template.length === 0) return [[head]];
  const sum = (of: (at: (typeof template)[number]) => number): number =>
    template.reduce((total, at) => total + of(at), 0);
  const gaps = sum(({ gapBefore }) => Math.max(0, gapBefore.medianUs));
  const kernels = sum(({ medianUs }) => medianUs);
  const time = timesInWords(kernels + gaps);
  const alike = runsOf(template);
  const steps = alike.slice(0, MOST_STEPS).map(({ name, launches, us }, at) => {
    const before = at === 0 ? "" : " → ";
    return span(`${before}${name}${launches === 1 ? "" : ` ×${launches}`} ${us.toFixed(1)}`);
  });
  if (alike.length > MOST_STEPS)
    steps.push(span(` → ${alike.length - MOST_STEPS} more (JSON has all)`, "dim"));
  return [
    [
      head,
      span(`, ${time(kernels)} and ${time(gaps)} of gaps each; medians in µs: `, "dim"),
      ...steps,
    ],
    partsLine(template, kernels),
  ];
}

/** Longer layers are read in the JSON. */
const MOST_STEPS = 40;

/** Neighbours of one name read as one, with their times added up. */
function runsOf(
  template: readonly LayerKernel[],
): readonly { readonly name: string; readonly launches: number; readonly us: number }[] {
  const runs: { name: string; launches: number; us: number }[] = [];
  for (const { role, category, medianUs } of template) {
    const name = role ?? category;
    const last = runs.at(-1);
    if (last?.name === name) {
      last.launches++;
      last.us += medianUs;
    } else runs.push({ name, launches: 1, us: medianUs });
  }
  return runs;
}

/** What the parts of a layer take together. */
function partsLine(template: readonly LayerKernel[], kernelsUs: number): Line {
  const sums = new Map<string, number>();
  for (const { role, category, medianUs } of template) {
    const part = partOf(role, category);
    sums.set(part, (sums.get(part) ?? 0) + medianUs);
  }
  const told = [...sums]
    .sort((a, b) => b[1] - a[1] || compareText(a[0], b[0]))
    .map(([part, us]) => `${part} ${share(percent(us, kernelsUs))}`);
  return [span("Parts of a layer: ", "dim"), span(told.join(", "))];
}

/** Which part of a layer a kernel belongs to, by its role and, where that is not known, its category. */
function partOf(role: string | null, category: string): string {
  const part = PARTS.find(({ roles }) => role !== null && roles.test(role));
  return part?.title ?? CATEGORY_PART[category] ?? (role === null ? category : "rest");
}

const PARTS: readonly { readonly title: string; readonly roles: RegExp }[] = [
  {
    title: "communication",
    roles: /^(all_reduce|all_gather|reduce_scatter|moe_dispatch|moe_combine)/,
  },
  { title: "experts", roles: /^(router|topk|finalize|moe_|shared_)/ },
  {
    title: "attention",
    roles: /^(qk_|qkv_|rope|kv_|attention|attn_|o_proj|mla_|indexer|metadata|linear_)/,
  },
  { title: "MLP", roles: /^(gate_up|down|act)$/ },
  { title: "norms", roles: /norm$/ },
];

const CATEGORY_PART: Readonly<Record<string, string>> = {
  "moe-gemm": "experts",
  routing: "experts",
  "dispatch-combine": "communication",
  rope: "attention",
  "kv-cache": "attention",
  "linear-attention": "attention",
  norm: "norms",
};

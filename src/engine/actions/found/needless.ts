import { compareText } from "../../../base/compare-text.ts";
import { groupBy } from "../../../base/group-by.ts";
import type { Nanoseconds, Row } from "../../../model/trace/units.ts";
import type { LimitedUnit } from "../../limits/index.ts";
import { withoutKernels } from "../../retime/chains.ts";
import {
  elementsOf,
  opWord,
  type StageCalls,
  shapeText,
  type Tensor,
  tensorBytes,
} from "../calls.ts";
import { type Candidate, type StageEvidence, timeWords, WITHOUT_RULE } from "../candidate.ts";
import { placesOf } from "../places.ts";

/** Why a call need not be made in every step. */
type Why = "reduces-nothing" | "constant" | "per-layer";

interface Needless {
  readonly what: string;
  readonly why: Why;
  readonly rows: readonly Row[];
}

const SAY: Readonly<Record<Why, string>> = {
  "reduces-nothing":
    "Drop reductions over a dimension of size one, which only copy (squeeze or view)",
  constant:
    "Convert once at loading what is no activation, as no number of tokens sizes it (weights, tables)",
  "per-layer": "Make once a step what each layer makes anew from the same lengths",
};

/**
 * Work that need not be done, or not every time: reductions over one element, casts and
 * quantisation of weights and tables in every step, attention metadata in every layer. One
 * candidate for all of it: the remedy is the same, and each is a line to delete or to move.
 */
export function needlessCandidates(
  evidence: StageEvidence,
  calls: StageCalls,
): readonly Candidate[] {
  const { graph } = evidence;
  const all = [
    ...reductionsOfOne(evidence, calls),
    ...workOnConstants(evidence, calls),
    ...metadataPerLayer(evidence),
  ];
  if (all.length === 0) return [];
  const timeOf = (rows: readonly Row[]): Nanoseconds =>
    rows.reduce((sum, row) => sum + graph.trace.gpu.duration[row]!, 0);
  const told = all
    .map((one) => ({ ...one, ns: timeOf(one.rows) }))
    .sort((a, b) => b.ns - a.ns || compareText(a.what, b.what));
  const rows = told.flatMap((one) => one.rows);
  const [first, ...more] = told;
  const chains = rows.map((row) => ({ rows: [row], gone: new Set([row]) }));
  const time = timeWords(first!.ns);
  const whys = new Set(told.map(({ why }) => why));
  return [
    {
      kind: "copies",
      key: "needless",
      title: `Work that need not be done each time: ${first!.what}, ${first!.rows.length} times${more.length === 0 ? "" : ` and ${more.length} more`}`,
      do: [...groupBy(told, ({ why }) => why)]
        .map(([why, own]) => {
          const listed = own
            .slice(0, MOST_TOLD)
            .map(({ what, rows, ns }) => `${what} (${rows.length}x, ${time(ns)})`);
          const more = own.length - listed.length;
          return `${SAY[why]}: ${listed.join(", ")}${more === 0 ? "" : ` and ${more} more`}.`;
        })
        .join(" "),
      where: placesOf(graph, rows),
      proof: whys.size === 1 && whys.has("reduces-nothing") ? "trace" : "assumed",
      assuming: whys.has("constant") ? ["weights do not change between steps"] : [],
      ...WITHOUT_RULE,
      rows: new Set(rows),
      change: (isFree) => withoutKernels(chains, isFree),
      idleNs: 0,
      isFirst: true,
    },
  ];
}

const MOST_TOLD = 4;

/** Reductions of torch that give back what they got where the reduced dimension has one element. */
const REDUCTION = /^aten::(sum|mean|amax|amin|prod|logsumexp)$/;

function reductionsOfOne(evidence: StageEvidence, calls: StageCalls): readonly Needless[] {
  return grouped(
    calls.units.filter(({ op, rows }) => {
      if (!REDUCTION.test(op)) return false;
      const [input, dims] = calls.argumentsOf(rows[0]!);
      const reduced = typeof dims?.value === "number" ? [dims.value] : dims?.value;
      if (input?.dims == null || !Array.isArray(reduced) || reduced.length === 0) return false;
      return reduced.every((dim) => input.dims!.at(dim) === 1);
    }),
    evidence,
    calls,
    "reduces-nothing",
  );
}

/** Kernels that may only move values into another type. */
const CONVERTS: ReadonlySet<string> = new Set(["copy", "quantize", "elementwise"]);

/** True where the call writes what it reads in another type. */
function converts(category: string, tensors: readonly Tensor[]): boolean {
  if (category === "quantize") return true;
  const types = new Map<number, Set<string>>();
  for (const one of tensors) {
    const known = types.get(elementsOf(one)) ?? new Set<string>();
    types.set(elementsOf(one), known.add(one.type));
  }
  const most = Math.max(0, ...types.keys());
  return (types.get(most)?.size ?? 0) > 1;
}

/** Smaller tensors are lengths and tables of the step; a step prepares them anew. */
const LARGE_BYTES = 1 << 20;

function workOnConstants(evidence: StageEvidence, calls: StageCalls): readonly Needless[] {
  const { graph, stage } = evidence;
  if (isTraining(evidence)) return [];
  const sizes = tokenSizes(evidence, calls);
  if (sizes.size === 0) return [];
  const experts = expertCounts(evidence, calls);
  return grouped(
    calls.units.filter((unit) => {
      const { rows, medium } = unit;
      if (medium !== "memory" || rows.some((row) => graph.trace.gpu.kind[row] !== 0)) return false;
      const { category } = graph.symbols[graph.symbolOf[rows[0]!]!]!;
      if (!CONVERTS.has(category)) return false;
      const tensors = calls.tensorsOf(rows[0]!);
      return (
        converts(category, tensors) &&
        tensors.some((one) => tensorBytes(one) >= LARGE_BYTES) &&
        tensors.every((one) => !isSizedBy(one, sizes, experts))
      );
    }),
    evidence,
    calls,
    "constant",
  ).filter(({ rows }) => rows.length > Math.max(1, stage.steps.length));
}

/** Rows of the left operands of products, and the tokens of the steps: what changes with the batch. */
function tokenSizes({ graph, stage }: StageEvidence, calls: StageCalls): ReadonlySet<number> {
  const sizes = new Set<number>();
  for (const { rows } of calls.units) {
    const isProduct = rows.some((row) =>
      /^(moe-)?gemm$/.test(graph.symbols[graph.symbolOf[row]!]!.category),
    );
    if (!isProduct) continue;
    const operands = calls.tensorsOf(rows[0]!).filter(({ dims }) => dims.length > 1);
    const left = operands[0]?.dims;
    if (left === undefined) continue;
    sizes.add(left.slice(0, -1).reduce((product, size) => product * size, 1));
    // Products of batches say where their tokens stand only together.
    if (left.length > 2) for (const size of left.slice(0, -1)) sizes.add(size);
  }
  for (const { tokens, batchSize } of stage.steps)
    for (const size of [tokens, batchSize]) if (size !== null) sizes.add(size);
  sizes.delete(1);
  return sizes;
}

/** Numbers of experts, by the weights of grouped products. */
function expertCounts({ graph }: StageEvidence, calls: StageCalls): ReadonlySet<number> {
  const counts = new Set<number>();
  for (const { rows } of calls.units)
    if (rows.some((row) => graph.symbols[graph.symbolOf[row]!]!.category === "moe-gemm"))
      for (const { dims } of calls.tensorsOf(rows[0]!)) if (dims.length === 3) counts.add(dims[0]!);
  return counts;
}

/**
 * True where a dimension, or neighbouring dimensions together, are as many as there are tokens. What
 * has one matrix for each expert is a weight, whatever its dimensions come to together.
 */
function isSizedBy(
  { dims }: Tensor,
  sizes: ReadonlySet<number>,
  experts: ReadonlySet<number>,
): boolean {
  const most = dims.length === 3 && experts.has(dims[0]!) ? 1 : dims.length;
  for (let from = 0; from < dims.length; from++) {
    let product = 1;
    for (let to = from; to < Math.min(dims.length, from + most); to++) {
      product *= dims[to]!;
      if (sizes.has(product)) return true;
    }
  }
  return false;
}

/** Weights change in every step of a training run. */
function isTraining({ graph: { trace } }: StageEvidence): boolean {
  return trace.strings.some((one) => /^autograd::engine|Optimizer\.step/.test(one));
}

function grouped(
  units: readonly LimitedUnit[],
  { ruled }: StageEvidence,
  calls: StageCalls,
  why: Why,
): readonly Needless[] {
  const groups = new Map<string, Row[]>();
  for (const { op, rows } of units) {
    const free = why === "constant" ? rows : rows.filter((row) => !ruled.has(row));
    const [tensor] = calls.tensorsOf(rows[0]!);
    const what = `${opWord(op)}${tensor === undefined ? "" : ` ${shapeText(tensor)}`}`;
    const known = groups.get(what);
    if (known === undefined) groups.set(what, [...free]);
    else known.push(...free);
  }
  return [...groups]
    .filter(([, rows]) => rows.length > 0)
    .map(([what, rows]) => ({ what, why, rows }));
}

/** Metadata kernels of attention that every layer launches, of which one a step is needed. */
function metadataPerLayer({ graph, stage }: StageEvidence): readonly Needless[] {
  const layers = stage.layers?.count ?? 0;
  const bySymbol = new Map<string, Map<number, Row[]>>();
  for (const row of stage.events) {
    if (graph.symbols[graph.symbolOf[row]!]!.role !== "metadata") continue;
    const { short } = graph.trace.kernelNames[graph.trace.gpu.name[row]!]!;
    const steps = bySymbol.get(short) ?? new Map<number, Row[]>();
    bySymbol.set(short, steps);
    const step = graph.stepOf[row]!;
    steps.set(step, [...(steps.get(step) ?? []), row]);
  }
  const needed = Math.max(MANY_A_STEP, 0.5 * layers);
  return [...bySymbol].flatMap(([what, steps]): Needless[] => {
    const rows = [...steps.values()].flatMap((own) => (own.length < needed ? [] : own.slice(1)));
    return rows.length === 0 ? [] : [{ what, why: "per-layer", rows }];
  });
}

/** Fewer a step may be one for each kind of attention. */
const MANY_A_STEP = 6;

import type { Row } from "../../../model/trace/units.ts";
import { closingNs, keepLongest, withoutKernels } from "../../retime/chains.ts";
import { opWord, type StageCalls } from "../calls.ts";
import { type Candidate, type StageEvidence, WITHOUT_RULE } from "../candidate.ts";
import { placesOf } from "../places.ts";

/** No layer of a model is as wide as the smallest vocabularies. */
const LEAST_VOCABULARY = 30_000;

/** A product this wide is not the LM head when it runs more often a step: logits are made once, or twice to draft. */
const MOST_A_STEP = 2;

/**
 * Passes over the logits behind the LM head: gather across ranks, cast to fp32, scale, argmax, sort.
 * Each reads and writes a row as wide as the vocabulary per request. One candidate a stage.
 */
export function vocabularyCandidates(
  evidence: StageEvidence,
  calls: StageCalls,
): readonly Candidate[] {
  const { graph, ruled } = evidence;
  const { gpu } = graph.trace;
  const widths = vocabularyWidths(evidence, calls);
  if (widths.size === 0) return [];
  const bySteps = new Map<number, { rows: Row[]; ops: string[] }>();
  for (const { op, rows } of calls.units) {
    const [row] = rows as [Row];
    const { category } = graph.symbols[graph.symbolOf[row]!]!;
    if (category === "gemm" || rows.some((one) => ruled.has(one))) continue;
    if (!calls.tensorsOf(row).some(({ dims }) => dims.some((size) => widths.has(size)))) continue;
    const step = graph.stepOf[row]!;
    const own = bySteps.get(step) ?? { rows: [], ops: [] };
    bySteps.set(step, own);
    own.rows.push(...rows);
    if (!own.ops.includes(opWord(op))) own.ops.push(opWord(op));
  }
  const steps = [...bySteps.values()].filter(({ ops }) => ops.length > 1);
  if (steps.length === 0) return [];
  const chains = steps.map(({ rows }) => keepLongest(gpu.duration, rows));
  const rows = new Set(chains.flatMap(({ gone }) => [...gone]));
  const width = Math.max(...widths);
  return [
    {
      kind: "fusion",
      key: "vocabulary",
      title: `${steps[0]!.ops.length} passes over logits ${width.toLocaleString("en")} wide after the LM head: ${steps[0]!.ops.slice(0, 5).join(", ")}`,
      do: `Make logits for the tokens that are sampled alone, keep them in 16 bits until they are read, and cast, scale and choose in one pass; with tensor parallelism choose on each rank and exchange the winners instead of gathering the vocabulary.`,
      where: placesOf(graph, rows),
      proof: "assumed",
      assuming: ["one pass over the logits does it"],
      ...WITHOUT_RULE,
      rows,
      change: (isFree) => withoutKernels(chains, isFree),
      idleNs: closingNs(chains, gpu),
    },
  ];
}

/** Columns of the products that are the LM head, by role or by width. */
function vocabularyWidths({ graph, stage }: StageEvidence, calls: StageCalls): ReadonlySet<number> {
  const counts = new Map<number, number>();
  for (const { rows } of calls.units) {
    const { category, role } = graph.symbols[graph.symbolOf[rows[0]!]!]!;
    if (category !== "gemm") continue;
    const operands = calls.tensorsOf(rows[0]!).filter(({ dims }) => dims.length === 2);
    const inner = operands[0]?.dims[1];
    const weight = operands[1]?.dims;
    if (weight === undefined || inner === undefined) continue;
    const width = weight[0] === inner ? weight[1]! : weight[0]!;
    if (width >= LEAST_VOCABULARY && (role === null || role === "lm_head"))
      counts.set(width, (counts.get(width) ?? 0) + 1);
  }
  const steps = Math.max(1, stage.steps.length);
  return new Set([...counts].flatMap(([width, n]) => (n <= MOST_A_STEP * steps ? [width] : [])));
}

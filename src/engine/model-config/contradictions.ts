import type { ModelShape } from "../../model/model-shape.ts";
import type { KernelGraph } from "../../model/trace/kernel-graph.ts";
import { text } from "../../model/trace/trace.ts";
import { opArguments } from "../limits/op-arguments.ts";
import { sizesInNames } from "./name-sizes.ts";
import type { RoleCall } from "./role-calls.ts";
import { layersOf } from "./sizes.ts";
import type { Split } from "./split.ts";

/** What of a stage says that the configuration is another model's, in words. */
export function contradictionsOf(
  graph: KernelGraph,
  calls: readonly RoleCall[],
  shape: ModelShape,
  split: Split | string,
): string[] {
  return [
    ...layerCounts(graph, calls, shape, split),
    ...kinds(calls, shape),
    ...vocabularies(graph, calls, shape),
    ...(typeof split === "string" ? [] : divisions(shape, split)),
    ...(typeof split === "string" ? [] : sizesInNames(graph, calls, shape, split)),
  ];
}

/** Steps of the trace by how often they call a role. */
function countsOf(calls: readonly RoleCall[], role: string): number[] {
  const counts = new Map<number, number>();
  for (const call of calls)
    if (call.role === role && call.step >= 0)
      counts.set(call.step, (counts.get(call.step) ?? 0) + 1);
  return [...counts.values()];
}

function layerCounts(
  graph: KernelGraph,
  calls: readonly RoleCall[],
  shape: ModelShape,
  split: Split | string,
): string[] {
  const { path } = shape;
  if (shape.layers === null) return [`${path} does not tell how many layers there are`];
  const most = Math.max(0, ...countsOf(calls, "attention"));
  const expected = layersOf(shape, "attention")!;
  // Of a pipeline each stage runs a part, of a trace that was cut some of a step.
  const stages = typeof split === "string" ? 1 : split.stages;
  const isCut = !graph.trace.origin.complete || stages > 1;
  if (most > expected || (most > 0 && most < expected && !isCut))
    return [
      `a step runs attention in ${most} layers, ${path} has ${expected}${expected === shape.layers ? "" : ` of ${shape.layers}`}`,
    ];
  return [];
}

const EXPERT_ROLES = ["moe_up", "moe_down", "moe_gemm"];

function kinds(calls: readonly RoleCall[], shape: ModelShape): string[] {
  const experts = calls.filter(({ role }) => EXPERT_ROLES.includes(role)).length;
  if (experts > 0 && shape.experts === null)
    return [`the trace runs products of experts, ${shape.path} has no experts`];
  const dense = calls.some(({ role }) => role === "gate_up" || role === "down");
  if (shape.experts !== null && experts === 0 && dense && shape.experts.layers === shape.layers)
    return [`the trace runs a dense MLP in its layers, those of ${shape.path} have experts`];
  const ups = Math.max(0, ...countsOf(calls, "moe_up"));
  const layers = layersOf(shape, "expert") ?? 0;
  if (shape.experts !== null && ups > layers && ups % layers !== 0)
    return [`a step runs experts in ${ups} layers, ${shape.path} has them in ${layers}`];
  return [];
}

/** Fewer columns are no logits. */
const LEAST_VOCABULARY = 4096;
/** Engines fill vocabularies up, training codes more than engines. */
const MOST_FILLED = 1024;
const READS_LOGITS =
  /^aten::(argmax|softmax|_softmax|log_softmax|_log_softmax|sort|topk|multinomial)$/;

/** Widths of logits as sampling recorded them; one that fits is enough: a draft's may differ. */
function vocabularies(graph: KernelGraph, calls: readonly RoleCall[], shape: ModelShape): string[] {
  const { vocabulary, path } = shape;
  if (vocabulary === null || !calls.some(({ role }) => role === "lm_head")) return [];
  const { opOf, traceOf, traces } = graph.calls;
  const widths = new Set<number>();
  const seen = new Set<number>();
  for (let row = 0; row < graph.trace.gpu.count; row++) {
    const op = opOf[row]!;
    if (op < 0 || traceOf[row] !== 0 || seen.has(op)) continue;
    seen.add(op);
    const trace = traces[0]!;
    const name = text(trace, trace.ops.name[op]!);
    if (!READS_LOGITS.test(name)) continue;
    const dims = opArguments(trace, op)[0]?.dims ?? null;
    if (dims?.length === 2 && dims[1]! >= LEAST_VOCABULARY) widths.add(dims[1]!);
  }
  if (widths.size === 0) return [];
  const fits = [...widths].some(
    (width) => width >= vocabulary && width <= vocabulary + MOST_FILLED,
  );
  return fits
    ? []
    : [`logits are ${[...widths].join(", ")} wide, the vocabulary of ${path} is ${vocabulary}`];
}

function divisions(shape: ModelShape, { attention, words }: Split): string[] {
  const { heads, kvHeads, path } = shape;
  if (heads !== null && heads % attention !== 0)
    return [`${heads} heads of ${path} do not divide among the ranks (${words})`];
  if (kvHeads !== null && kvHeads % attention !== 0 && attention % kvHeads !== 0)
    return [
      `${kvHeads} heads of keys and values of ${path} do not divide among the ranks (${words})`,
    ];
  return [];
}

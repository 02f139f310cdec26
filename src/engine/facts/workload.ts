import type { Fact } from "../../model/facts.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import type { ServerArgs } from "./server-args.ts";

/** Code of diffusion pipelines in the engines and in diffusers. */
const DIFFUSION_CODE = /multimodal_gen\/|(^|[/.])diffusers?\/|\/diffusion\/|vllm_omni\/.*dit/;
/** Autograd and optimisers, as ops, annotations and kernels name them. */
const TRAINING = /^autograd::engine|^Optimizer\.(step|zero_grad)|AccumulateGrad|_backward\b/;
const POOLING_TASKS = /^(embed|embedding|score|classify|reward|pooling|rerank)/i;

/**
 * What the trace was made of: text generation, diffusion, embedding or training. In order of trust:
 * arguments, code, ops, then the marks that only serving leaves (labelled steps, a KV cache).
 */
export function workloadFact(
  graph: KernelGraph,
  stage: StageGraph,
  serverArgs: ServerArgs | null,
): Fact | null {
  const pooling = serverArgs === null ? null : poolingArgument(serverArgs);
  if (pooling !== null) return { value: "embedding", from: pooling };
  const code = codeThat(graph, DIFFUSION_CODE);
  if (code !== null) return { value: "diffusion", from: `Python frames under ${code}` };
  const training = opThat(graph, TRAINING);
  if (training !== null) return { value: "training", from: training };
  const step = stage.steps.find(({ from }) => from === "annotation");
  if (step !== undefined && /step\[|execute_/.test(step.label))
    return { value: "llm", from: `annotation "${step.label}"` };
  const used = new Set<number>();
  for (const row of stage.events) used.add(graph.symbolOf[row]!);
  const cache = [...used].find((symbol) => graph.symbols[symbol]!.category === "kv-cache");
  if (cache === undefined) return null;
  const { short } = graph.trace.kernelNames[graph.symbols[cache]!.name]!;
  return { value: "llm", from: `KV cache written by ${short}` };
}

function poolingArgument({ path, value }: ServerArgs): string | null {
  const file = path.split("/").at(-1)!;
  if (value.is_embedding === true) return `${file} is_embedding`;
  for (const key of ["task", "runner", "convert"]) {
    const given = value[key];
    if (typeof given === "string" && POOLING_TASKS.test(given)) return `${file} ${key}`;
  }
  return null;
}

function codeThat({ trace }: KernelGraph, pattern: RegExp): string | null {
  for (const id of new Set(trace.frames.name)) {
    const found = pattern.exec(trace.strings[id]!);
    if (found !== null) return found[0];
  }
  return null;
}

function opThat({ trace }: KernelGraph, pattern: RegExp): string | null {
  for (const { names, what } of [
    { names: trace.ops.name, what: "op" },
    { names: trace.annotations.name, what: "annotation" },
  ])
    for (const id of new Set(names)) {
      const name = trace.strings[id]!;
      if (pattern.test(name)) return `${what} ${name}`;
    }
  return null;
}

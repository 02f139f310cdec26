import { FACTS, type Fact, type FactName, type Facts, type FactValue } from "../../model/facts.ts";
import type { FrameworkId } from "../../model/framework.ts";
import type { KernelGraph, StageGraph, Step } from "../../model/trace/kernel-graph.ts";
import { attentionParallelFact } from "./attention-parallel.ts";
import { cacheTypeFact } from "./cache-type.ts";
import { deviceFacts } from "./device.ts";
import { graphFact } from "./graph-use.ts";
import { messageFact } from "./message-size.ts";
import { distributedFacts } from "./parallel.ts";
import { phaseFact } from "./phase.ts";
import { precisionFacts } from "./precision.ts";
import { type ServerArgs, serverArgsFacts } from "./server-args.ts";
import { workloadFact } from "./workload.ts";

/** What is known besides the trace. */
export interface FactsContext {
  readonly framework: FrameworkId | "unknown";
  readonly frameworkEvidence: string;
  readonly serverArgs: ServerArgs | null;
  /** Width of the model's rows by its configuration; null or missing where none was read. */
  readonly hidden?: number | null;
  /** What the user said, by fact; wins over everything. Null and missing mean nothing was said. */
  readonly overrides: Partial<Record<FactName, FactValue | null>>;
}

/**
 * Facts of one stage, each with what told it; unknown ones are absent. In order of trust: the
 * user, the server's arguments, the profiler's metadata, the kernels themselves.
 */
export function stageFacts(graph: KernelGraph, stage: StageGraph, context: FactsContext): Facts {
  const { framework, frameworkEvidence, serverArgs } = context;
  const graphUse = graphFact(graph, stage);
  const tokens = tokensFact(stage.steps);
  const known: Partial<Record<FactName, Fact>> = {
    ...precisionFacts(graph, stage),
    ...distributedFacts(graph, framework !== "unknown"),
    ...deviceFacts(graph, stage),
    ...(graphUse === null ? {} : { graph: graphUse }),
    ...(tokens === null ? {} : { tokens }),
    ...named("phase", phaseFact(stage.steps)),
    ...named("workload", workloadFact(graph, stage, serverArgs)),
    ...named("kv_dtype", cacheTypeFact(graph, stage, serverArgs)),
    ...named("message_bytes", messageFact(graph, stage, tokens, context.hidden ?? null)),
    stage: { value: stage.stage, from: stageSource(stage.steps) },
    // Frames of somebody else's code are knowledge: the trace is of none of the engines we know.
    ...(framework === "unknown" && graph.trace.frames.count === 0
      ? {}
      : { framework: { value: framework, from: frameworkEvidence } }),
    ...(serverArgs === null ? {} : serverArgsFacts(serverArgs, stage.stage)),
  };
  for (const name of Object.keys(FACTS) as FactName[]) {
    const said = context.overrides[name];
    if (said !== undefined && said !== null && said !== "unknown")
      known[name] = { value: said, from: `--${name}` };
  }
  return { ...known, ...named("attn_tp", attentionParallelFact(known, framework, serverArgs)) };
}

function named(name: FactName, fact: Fact | null): Facts {
  return fact === null ? {} : { [name]: fact };
}

function stageSource(steps: readonly Step[]): string {
  const [first] = steps;
  if (first === undefined) return "no step told";
  return first.from === "annotation" ? `annotation "${first.label}"` : first.from;
}

/** Median over the steps that tell; the lower middle of an even number, so that it is one that occurred. */
function tokensFact(steps: readonly Step[]): Fact | null {
  const told = steps.flatMap(({ tokens }) => (tokens === null ? [] : [tokens]));
  if (told.length === 0) return null;
  told.sort((a, b) => a - b);
  const value = told[(told.length - 1) >> 1]!;
  return { value, from: `median of ${told.length} step annotations` };
}

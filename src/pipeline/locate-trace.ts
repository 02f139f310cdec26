import { alignReplays, type ReplayAlignment } from "../engine/align/align-replays.ts";
import { replaysGraphs } from "../engine/align/replays.ts";
import { singleSites } from "../engine/align/single-sites.ts";
import { checkTrace } from "../engine/health/check-trace.ts";
import { attributeTrace, locateKernels } from "../engine/kernel-graph.ts";
import { restrictTrace } from "../ingest/restrict-trace.ts";
import type { FrameworkDecision } from "../model/framework.ts";
import type { AnalyzeOptions } from "../model/options.ts";
import type { RuleSet } from "../model/rule.ts";
import type { KernelGraph } from "../model/trace/kernel-graph.ts";
import type { Trace } from "../model/trace/trace.ts";
import type { TraceFile, TraceSelection } from "../model/trace/trace-selection.ts";
import { refuseDiffusersTrace } from "./diffusers-frames.ts";
import { type Lenders, openCaptures } from "./inputs/lenders.ts";
import type { Means } from "./inputs/means.ts";
import { noGpuEvents, refuseOtherDevices } from "./no-gpu-events.ts";
import { frameworkOf, readTraceFile } from "./open-trace.ts";

/** A trace read and attributed, before any rule is asked. */
export interface LocatedTrace {
  readonly file: TraceFile;
  readonly graph: KernelGraph;
  readonly decision: FrameworkDecision;
  /** How graph replays were located; null when there were none or nothing to align them with. */
  readonly alignment: ReplayAlignment | null;
  readonly lenders: Lenders;
  /** In what the mapping trace differs from this run, when it was used by force. */
  readonly mismatch: string | null;
}

/** From one file to its attributed kernels. */
export async function locateTrace(
  file: TraceFile,
  selection: TraceSelection,
  { rules, mappings, options }: Means,
): Promise<LocatedTrace> {
  const trace = await openInput(file, options);
  options.onProgress?.({ phase: "attribute", path: file.path, done: 0, total: 0 });
  const decision = frameworkOf(trace, file, selection, options);
  const mapping = await mappings.for(file, trace, selection);
  const located = await locate(
    { trace, file, selection, decision },
    { ruleSet: rules.ruleSet, mapping, options },
  );
  return { ...located, file, decision, mismatch: mapping?.mismatch ?? null };
}

/**
 * Attributes the trace; where it replays graphs, its kernels are located once more with the sites
 * that a capture or a mapping trace lends: captures in the trace itself, those beside it, then the
 * mapping trace.
 */
async function locate(
  { trace, file, selection, decision: { profile } }: OpenInput,
  { ruleSet, mapping, options }: LocatingMeans,
): Promise<Pick<LocatedTrace, "graph" | "alignment" | "lenders">> {
  const attribution = attributeTrace(trace, { profile, stageHint: file.stageHint });
  const plain = locateKernels(attribution, { ruleSet });
  if (!replaysGraphs(plain)) return { graph: plain, alignment: null, lenders: NO_LENDERS };
  const beside = await openCaptures(file, selection, plain, options);
  const lenders: Lenders = {
    captures: [
      { trace, profile, batchSize: null },
      ...beside.captures,
      ...(mapping?.captures ?? []),
    ],
    mappings: mapping?.mappings ?? [],
    traces: [...beside.traces, ...(mapping?.traces ?? [])],
  };
  const alignment = alignReplays(plain, lenders);
  if (alignment.replays.every(({ method }) => method === "none"))
    return { graph: plain, alignment: null, lenders };
  const graph = locateKernels(attribution, {
    ruleSet,
    siteOverrides: alignment.overrides,
    nameSites: singleSites(lenders.mappings),
  });
  return { graph, alignment, lenders };
}

const NO_LENDERS: Lenders = { captures: [], mappings: [], traces: [] };

interface OpenInput {
  readonly trace: Trace;
  readonly file: TraceFile;
  readonly selection: TraceSelection;
  readonly decision: FrameworkDecision;
}
interface LocatingMeans {
  readonly ruleSet: RuleSet;
  readonly mapping: Lenders | null;
  readonly options: AnalyzeOptions;
}

async function openInput(file: TraceFile, options: AnalyzeOptions): Promise<Trace> {
  const trace = await readTraceFile(file, "input", options);
  if (!options.force) refuseDiffusersTrace(trace);
  refuseOtherDevices(trace);
  if (trace.gpu.count > 0) return restrictTrace(checkTrace(trace), options);
  throw noGpuEvents(trace);
}

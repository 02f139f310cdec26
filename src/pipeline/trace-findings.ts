import { alignReplays, type ReplayAlignment } from "../engine/align/align-replays.ts";
import { replaysGraphs } from "../engine/align/replays.ts";
import { singleSites } from "../engine/align/single-sites.ts";
import { stageExcerpt } from "../engine/excerpt/stage-excerpt.ts";
import { stageFacts } from "../engine/facts.ts";
import { fuseRows } from "../engine/fuse-table.ts";
import { attributeTrace, locateKernels } from "../engine/kernel-graph.ts";
import { kernelRows } from "../engine/kernel-table.ts";
import { layerTemplate } from "../engine/layer-template.ts";
import { nearMisses } from "../engine/match/near-misses.ts";
import { runRules } from "../engine/match/run-rules.ts";
import { overlapRows } from "../engine/overlap/overlap-table.ts";
import { gapJudge } from "../engine/timeline/idle-causes.ts";
import { stageTimeline } from "../engine/timeline/stage-timeline.ts";
import { decideFramework } from "../ingest/frameworks/index.ts";
import { readTrace } from "../ingest/read-trace.ts";
import { restrictTrace } from "../ingest/restrict-trace.ts";
import { EXIT, TriageError } from "../model/errors.ts";
import type { StageFacts } from "../model/facts.ts";
import type { RuleFailure, RuleOutcome } from "../model/finding.ts";
import type { FrameworkDecision } from "../model/framework.ts";
import type { KernelGraph } from "../model/kernel-graph.ts";
import type { AnalyzeOptions, NearMiss } from "../model/options.ts";
import type { StageReport } from "../model/report.ts";
import type { RuleSet } from "../model/rule.ts";
import type { Trace } from "../model/trace.ts";
import type { TraceFile, TraceSelection } from "../model/trace-selection.ts";
import { type Lenders, openCaptures } from "./lenders.ts";
import type { Mappings } from "./mappings.ts";
import type { RuleBase } from "./rule-base.ts";

/** Everything one trace file gives to a report. */
export interface TraceFindings {
  readonly file: TraceFile;
  readonly graph: KernelGraph;
  readonly decision: FrameworkDecision;
  /** By stage, in the graph's order. */
  readonly facts: readonly StageFacts[];
  readonly outcomes: readonly RuleOutcome[];
  readonly stages: readonly StageReport[];
  readonly failures: readonly RuleFailure[];
  /** Empty unless asked for. */
  readonly nearMisses: readonly NearMiss[];
  /** How graph replays were located; null when there were none or nothing to align them with. */
  readonly alignment: ReplayAlignment | null;
  readonly lenders: Lenders;
  /** In what the mapping trace differs from this run, when it was used by force. */
  readonly mismatch: string | null;
}

/** A trace read and attributed, before any rule is asked. */
export interface LocatedTrace
  extends Pick<TraceFindings, "graph" | "alignment" | "lenders" | "decision" | "mismatch"> {}

/** From one file to its attributed kernels. */
export async function locateTrace(
  file: TraceFile,
  selection: TraceSelection,
  { ruleSet }: Pick<RuleBase, "ruleSet">,
  mappings: Mappings,
  options: AnalyzeOptions,
): Promise<LocatedTrace> {
  const trace = await openTrace(file, options);
  options.onProgress?.({ phase: "attribute", path: file.path, done: 0, total: 0 });
  const decision = decideFramework(trace, {
    serverArgs: selection.serverArgs?.value ?? null,
    override: options.framework,
    fileName: file.path,
  });
  const mapping = await mappings.for(file, trace, selection);
  const located = await locate(trace, file, selection, decision, ruleSet, mapping, options);
  return { ...located, decision, mismatch: mapping?.mismatch ?? null };
}

/** From one file to the findings of its stages: the stages of the pipeline in their order. */
export async function traceFindings(
  file: TraceFile,
  selection: TraceSelection,
  { ruleSet, policies }: RuleBase,
  mappings: Mappings,
  options: AnalyzeOptions,
): Promise<TraceFindings> {
  const located = await locateTrace(file, selection, { ruleSet }, mappings, options);
  const { graph, decision } = located;
  options.onProgress?.({ phase: "match", path: file.path, done: 0, total: 0 });
  const facts = graph.stages.map((stage) => ({
    stage: stage.stage,
    facts: stageFacts(graph, stage, {
      framework: decision.framework,
      frameworkEvidence: decision.evidence,
      serverArgs: selection.serverArgs,
      overrides: { framework: options.framework, model: options.model, tp: options.tp },
    }),
  }));
  const { outcomes, failures } = runRules(ruleSet, graph, facts);
  const judge = gapJudge(graph);
  const stages: StageReport[] = [];
  for (const stage of graph.stages) {
    const { timeline, stepTimes } = stageTimeline(graph, stage, judge);
    const table = { ruleSet, graph, stage, outcomes };
    stages.push({
      stage: stage.stage,
      steps: stage.steps.length,
      stageFrom: stage.steps[0]?.from ?? "nothing told a stage",
      timeline,
      stepTimes,
      layers: stage.layers && {
        period: stage.layers.period,
        count: stage.layers.count,
        matchRatio: stage.layers.matchRatio,
        template: layerTemplate(graph, stage, stage.layers),
      },
      kernels: kernelRows(graph, stage),
      overlap: await overlapRows({ ...table, timeline, policy: policies.overlap }),
      fuse: await fuseRows({ ...table, policy: policies.fuse }),
      excerpt: stageExcerpt({ ...table, judge }),
    });
  }
  const misses = options.nearMisses ? nearMisses(ruleSet, graph, facts, outcomes) : [];
  return {
    ...located,
    file,
    facts,
    outcomes,
    stages,
    failures,
    nearMisses: misses,
  };
}

/**
 * Attributes the trace; where it replays graphs, its kernels are located once more with the sites
 * that a capture or a mapping trace lends: captures in the trace itself, those beside it, then the
 * mapping trace.
 */
async function locate(
  trace: Trace,
  file: TraceFile,
  selection: TraceSelection,
  { profile }: FrameworkDecision,
  ruleSet: RuleSet,
  mapping: Lenders | null,
  options: AnalyzeOptions,
): Promise<Pick<TraceFindings, "graph" | "alignment" | "lenders">> {
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

async function openTrace(file: TraceFile, options: AnalyzeOptions): Promise<Trace> {
  const trace = await readTrace(file.path, {
    reader: options.reader,
    rank: file.rank,
    rankFrom: file.rankFrom,
    ...(options.maxBytes === null ? {} : { maxBytes: options.maxBytes }),
    ...(options.signal === null ? {} : { signal: options.signal }),
    onProgress: (done, total) =>
      options.onProgress?.({ phase: "read", path: file.path, done, total }),
  });
  if (trace.gpu.count > 0) return restrictTrace(trace, options);
  const { damage, events } = trace.origin;
  throw new TriageError({
    code: "trace/no-gpu-events",
    exit: EXIT.unreadable,
    message:
      damage === null
        ? `${file.path} has ${events} events, none of them on the GPU.`
        : `${file.path} has no GPU event before its damage: ${damage}.`,
    place: file.path,
    hint:
      damage === null
        ? "Record with activities=[CPU, CUDA]; a front-end process writes CPU-only traces, give the worker's."
        : "Copy the trace again, or record it again and wait for the export to finish.",
  });
}

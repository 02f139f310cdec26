import type { RankedAction } from "../engine/actions/rank-actions.ts";
import { stageExcerpt } from "../engine/excerpt/stage-excerpt.ts";
import { nearMisses } from "../engine/explain/rule/near-misses.ts";
import { stageFacts } from "../engine/facts/index.ts";
import { layerReport, layerTemplate } from "../engine/layers/layer-template.ts";
import { type Limits, limitsOf } from "../engine/limits/index.ts";
import { stageLimits, workRows } from "../engine/limits/stage-limits.ts";
import { runRules } from "../engine/match/run-rules.ts";
import { type AssumedWork, assumedWork } from "../engine/model-config/assumed-work.ts";
import { exposure } from "../engine/overlap/exposure.ts";
import { overlapTable } from "../engine/overlap/overlap-table.ts";
import { Retiming } from "../engine/retime/retime.ts";
import { fusionSaver } from "../engine/retime/saving.ts";
import { stagePhases, stageRequests } from "../engine/stages/stage-requests.ts";
import { fuseRows } from "../engine/tables/fuse-table.ts";
import { kernelRows } from "../engine/tables/kernel-table.ts";
import { gapParts } from "../engine/timeline/gap-parts.ts";
import { HostWaits } from "../engine/timeline/host-waits.ts";
import { outsideSteps } from "../engine/timeline/outside-steps.ts";
import { accountsOf } from "../engine/timeline/stage-accounts.ts";
import { stageSpans } from "../engine/timeline/stage-spans.ts";
import { stageTimeline } from "../engine/timeline/stage-timeline.ts";
import { withoutHolesUs } from "../model/contracts/launch-bound.ts";
import type { StageReport } from "../model/contracts/report.ts";
import type { StageFacts } from "../model/facts.ts";
import type { RuleFailure, RuleOutcome } from "../model/finding.ts";
import type { ModelShape } from "../model/model-shape.ts";
import type { NearMiss } from "../model/options.ts";
import type { TraceFile, TraceSelection } from "../model/trace/trace-selection.ts";
import type { StageSpans } from "../model/trace/trace-spans.ts";
import { openMachines } from "./inputs/machines.ts";
import type { Means } from "./inputs/means.ts";
import { openModelConfig } from "./inputs/model-config.ts";
import { type LocatedTrace, locateTrace } from "./locate-trace.ts";

/** Everything one trace file gives to a report. */
export interface TraceFindings extends LocatedTrace {
  /** By stage, in the graph's order. */
  readonly facts: readonly StageFacts[];
  readonly outcomes: readonly RuleOutcome[];
  readonly stages: readonly StageReport[];
  /** Of all stages. */
  readonly actions: readonly RankedAction[];
  /** The same stages as places in time, those asked for. Empty unless asked for. */
  readonly spans: readonly StageSpans[];
  readonly failures: readonly RuleFailure[];
  /** Empty unless asked for. */
  readonly nearMisses: readonly NearMiss[];
  readonly limits: Limits;
  /** The model's configuration that shapes were assumed from, and what contradicts it; null without one. */
  readonly assumedFrom: { readonly path: string; readonly refused: readonly string[] } | null;
}

/** From one file to the findings of its stages: the stages of the pipeline in their order. */
export async function traceFindings(
  file: TraceFile,
  selection: TraceSelection,
  means: Means,
): Promise<TraceFindings> {
  const located = await locateTrace(file, selection, means);
  const { graph, decision } = located;
  const {
    options,
    rules: { ruleSet, policies },
  } = means;
  options.onProgress?.({ phase: "match", path: file.path, done: 0, total: 0 });
  const shape = openModelConfig(options.modelConfig, selection);
  const facts = graph.stages.map((stage) => ({
    stage: stage.stage,
    facts: stageFacts(graph, stage, {
      framework: decision.framework,
      frameworkEvidence: decision.evidence,
      serverArgs: selection.serverArgs,
      hidden: shape?.hidden ?? null,
      overrides: { framework: options.framework, model: options.model, tp: options.tp },
    }),
  }));
  const { outcomes, failures } = runRules(ruleSet, graph, facts);
  const waits = new HostWaits(graph);
  const partsOf = gapParts(graph, waits);
  const spans: StageSpans[] = [];
  const machine = (await openMachines(options.gpu, options.machinesPath)).of(graph.trace);
  const assumed = shape && assumedOf(located, selection, facts, shape);
  const limits = limitsOf(graph, ruleSet.works, machine, assumed);
  const retiming = new Retiming(graph, waits);
  const accounts = accountsOf({
    ruleSet,
    graph,
    outcomes,
    retiming,
    limits,
    serverArgs: selection.serverArgs?.value ?? null,
  });
  const stages: StageReport[] = [];
  const actions: RankedAction[] = [];
  for (const stage of graph.stages) {
    const time = stageTimeline(graph, stage, partsOf);
    const { timeline, stepTimes } = time;
    const table = {
      ruleSet,
      graph,
      stage,
      outcomes,
      time,
      timeline,
      limits,
      exposed: exposure(graph, stage),
      facts: facts.find((one) => one.stage === stage.stage)?.facts ?? {},
    };
    const { rows: overlap, judged } = await overlapTable({ ...table, policy: policies.overlap });
    if (options.spans && (options.stage === null || options.stage === stage.stage))
      spans.push(stageSpans({ ...table, judged }));
    const savesOf = fusionSaver(graph, retiming, limits, 1000 * withoutHolesUs(timeline));
    const fuse = await fuseRows({ ...table, savesOf, policy: policies.fuse });
    const account = accounts(stage, time, fuse);
    actions.push(...account.actions);
    const work = workRows(graph, stage, limits);
    const template = stage.layers && layerTemplate(graph, stage, stage.layers);
    stages.push({
      stage: stage.stage,
      steps: stage.steps.length,
      requests: stageRequests(graph, stage),
      phases: stagePhases(graph, stage, time.perStep),
      outsideSteps: outsideSteps(graph, stage),
      stageFrom: stage.steps[0]?.from ?? "nothing told a stage",
      timeline,
      stepTimes,
      work,
      limits: stageLimits(graph, stage, limits, work),
      ledger: account.ledger,
      layers: stage.layers && {
        period: stage.layers.period,
        count: stage.layers.count,
        matchRatio: stage.layers.matchRatio,
        template: template!,
      },
      layer: stage.layers && layerReport(stage.layers, template!),
      kernels: kernelRows(graph, stage, limits),
      overlap,
      fuse,
      excerpt: stageExcerpt(table),
    });
  }
  const misses = options.nearMisses ? nearMisses(ruleSet, graph, facts, outcomes) : [];
  return {
    ...located,
    facts,
    outcomes,
    stages,
    actions,
    spans,
    failures,
    nearMisses: misses,
    limits,
    assumedFrom: assumed && { path: assumed.path, refused: limits.refused },
  };
}

/** What the model's configuration tells of kernels without arguments. */
function assumedOf(
  { graph }: LocatedTrace,
  selection: TraceSelection,
  facts: readonly StageFacts[],
  shape: ModelShape,
): AssumedWork {
  const known = graph.stages.map((stage, at) => ({
    stage,
    facts: facts[at]!.facts,
    serverArgs: selection.serverArgs?.value ?? null,
  }));
  return assumedWork(graph, known, shape);
}

import { toolVersion } from "../base/version.ts";
import type { ReplayAlignment } from "../engine/align/align-replays.ts";
import { graphReplays } from "../engine/align/replays.ts";
import { similarityNote } from "../engine/similarity/index.ts";
import { located } from "../engine/tables/kernel-table.ts";
import type { Action } from "../model/contracts/action.ts";
import { healthInWords, SOUND } from "../model/contracts/health.ts";
import type { OutsideSteps, Report, ReportTrace, StageReport } from "../model/contracts/report.ts";
import { EXIT, TriageError } from "../model/errors.ts";
import type { Fact, FactName, Facts } from "../model/facts.ts";
import type { AnalyzeOptions } from "../model/options.ts";
import { type KernelGraph, VIA, type Via } from "../model/trace/kernel-graph.ts";
import type { Trace } from "../model/trace/trace.ts";
import type { Microseconds } from "../model/trace/units.ts";
import { buildReport, type ReportDraft } from "../report/build-report.ts";
import { diffusersFrame } from "./diffusers-frames.ts";
import type { RuleBase } from "./inputs/rule-base.ts";
import type { Run } from "./inputs/runs.ts";
import type { TraceFindings } from "./trace-findings.ts";

type Remark = Report["diagnostics"][number];

const SINGLE_TRACE =
  "One trace: exposure and neighbours on the stream are proven; a mapping/formal pair would add the code behind graph replays.";

const TWO_TRACES =
  "Mapping and formal trace: times from the formal one, code of graph replays lent by the mapping one.";

/** Joins the findings of a run's traces into one report. */
export async function assembleReport(
  run: Run,
  findings: readonly TraceFindings[],
  rules: RuleBase,
  options: AnalyzeOptions,
): Promise<Report> {
  const draft = await draftReport(run, findings, rules, options);
  return buildReport(draft, { minSharePct: options.minSharePct, stage: options.stage });
}

/** The same with every row and stage, whatever the options show. */
export async function draftReport(
  run: Run,
  findings: readonly TraceFindings[],
  rules: RuleBase,
  options: AnalyzeOptions,
): Promise<ReportDraft> {
  const [first] = findings;
  if (first === undefined) throw new Error("a run without traces");
  const facts = first.facts[0]?.facts ?? {};
  const { stages, actions, remarks } = joinStages(findings);
  const { serverArgs } = run.selection;
  return {
    tool: toolVersion(),
    rules: {
      path: rules.ruleSet.path,
      digest: rules.ruleSet.digest,
      edition: rules.ruleSet.edition,
      count: rules.ruleSet.rules.length,
      ...(options.rulesOver.length === 0 ? {} : { over: options.rulesOver }),
      ...(options.rulesOff.length === 0 ? {} : { off: options.rulesOff }),
    },
    ...(options.settingsPath === null ? {} : { settings: options.settingsPath }),
    mode: options.mapping.length > 0 ? "mapping-formal" : "single-trace",
    overlapBasis: options.mapping.length > 0 ? TWO_TRACES : SINGLE_TRACE,
    framework: first.decision.framework,
    frameworkEvidence: first.decision.evidence,
    traces: findings.flatMap(({ graph, lenders }) => [
      reportTrace(graph.trace, run.selection.choice),
      ...lenders.traces.map(({ trace, choice }) => reportTrace(trace, choice)),
    ]),
    model: textOf(facts.model),
    modelFrom: facts.model?.from ?? null,
    serverArgs: serverArgs?.value ?? null,
    serverArgsPath: serverArgs?.path ?? null,
    gpu: gpuOf(first, facts),
    parallel: parallelOf(first, facts),
    located: joinLocated(findings),
    health: joinHealth(findings),
    actions,
    stages,
    similarity: await similarityNote(
      findings.map(({ graph, facts: factsByStage, outcomes }) => ({
        ruleSet: rules.ruleSet,
        graph,
        factsByStage,
        outcomes,
      })),
      rules.policies.similarity,
    ),
    diagnostics: [
      ...remarks,
      ...findings.flatMap(traceRemarks),
      ...findings.flatMap(replayRemarks),
      ...findings.flatMap(stepRemarks),
      ...findings.flatMap(assumedRemarks),
      ...ruleRemarks(rules),
      ...run.selection.skipped.map(
        ({ path, reason }): Remark => ({
          severity: "info",
          code: "trace/skipped",
          message: reason,
          path,
        }),
      ),
    ],
  };
}

/**
 * Stages of all traces. Two traces of one stage are two measurements, not one: the longer one makes
 * the tables and the other is named, so that no number mixes windows.
 */
function joinStages(findings: readonly TraceFindings[]): {
  stages: StageReport[];
  actions: Action[];
  remarks: Remark[];
} {
  const kept = new Map<string, { draft: StageReport; actions: readonly Action[]; path: string }>();
  const remarks: Remark[] = [];
  for (const { file, stages, actions } of findings) {
    for (const draft of stages) {
      const other = kept.get(draft.stage);
      const mine = {
        draft,
        actions: actions.map(({ action }) => action).filter(({ stage }) => stage === draft.stage),
        path: file.path,
      };
      if (other === undefined) {
        kept.set(draft.stage, mine);
        continue;
      }
      const isLonger = draft.timeline.gpuTimeUs > other.draft.timeline.gpuTimeUs;
      const [shown, left] = isLonger ? [mine, other] : [other, mine];
      kept.set(draft.stage, shown);
      remarks.push({
        severity: "info",
        code: "report/stage-elsewhere",
        message: `also holds ${(left.draft.timeline.gpuTimeUs / 1000).toFixed(3)} ms of stage ${draft.stage}, which ${shown.path} shows; triage it alone to see it`,
        path: left.path,
      });
    }
  }
  const shown = [...kept.values()];
  return {
    stages: shown.map(({ draft }) => draft),
    actions: shown.flatMap((one) => one.actions),
    remarks,
  };
}

function reportTrace({ origin, gpu }: Trace, choice: string | null): ReportTrace {
  const { path, role, rank, events, complete, damage } = origin;
  return { path, role, rank, events, gpuEvents: gpu.count, complete, damage, choice };
}

/** How graph replays were located, and what to record where they were not. */
function replayRemarks({ file, graph, alignment, lenders }: TraceFindings): Remark[] {
  const remark = (severity: Remark["severity"], code: string, message: string): Remark => ({
    severity,
    code,
    message,
    path: file.path,
  });
  const replays = graphReplays(graph);
  if (replays.length === 0) return [];
  const kernels = replays.reduce((sum, { count }) => sum + count, 0);
  if (alignment === null) {
    const tried =
      lenders.traces.length === 0 ? "no capture was found beside it" : "none of the captures fits";
    return [
      remark(
        "warning",
        "graph/not-located",
        `${kernels} kernels ran in ${replays.length} graph replays and ${tried}: record a graph capture (capture_traces/) or give a run without graphs as --mapping-input`,
      ),
    ];
  }
  return alignmentsInWords(alignment).map((words) => remark("info", "graph/located", words));
}

/** Whether shapes were assumed from a model's configuration, and what says that it is another model's. */
function assumedRemarks({ file, assumedFrom, stages }: TraceFindings): Remark[] {
  if (assumedFrom === null) return [];
  const { path, refused } = assumedFrom;
  if (refused.length > 0)
    return [
      {
        severity: "error",
        code: "model-config/contradicts",
        message: `${path} does not fit this trace and tells nothing of it: ${refused.join("; ")}`,
        path: file.path,
      },
    ];
  return stages.flatMap(({ stage, work }): Remark[] => {
    const rows = work.filter(({ shapesFrom }) => shapesFrom === "model-config");
    if (rows.length === 0) return [];
    const us = rows.reduce((sum, { kernelUs }) => sum + kernelUs, 0);
    return [
      {
        severity: "info",
        code: "model-config/assumed",
        message: `${stage}: shapes behind ${(us / 1000).toFixed(3)} ms of kernels are assumed from ${path}, not recorded; nothing in the trace contradicts it`,
        path: file.path,
      },
    ];
  });
}

/** One sentence per distinct graph. */
function alignmentsInWords({ replays }: ReplayAlignment): string[] {
  const counts = new Map<string, number>();
  for (const { label, method, named, kernels, launches, located } of replays) {
    const basis = named ? "kernel names" : "order and op classes (the capture has no kernel names)";
    const words =
      method === "none"
        ? `no graph matches ${kernels} replayed kernels`
        : `${located} of ${kernels} replayed kernels aligned with ${launches} launches of ${label ?? "an unnamed graph"}, ${method === "positional" ? "one by one" : "as sequences"}, by ${basis}`;
    counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  return [...counts.entries()].map(([words, times]) =>
    times === 1 ? words : `${words}; ${times} replays`,
  );
}

/** Modes of steps that no one knows, and work that lies outside the steps. */
function stepRemarks({ file, graph, stages }: TraceFindings): Remark[] {
  const labels = new Set(
    graph.steps.filter(({ isUnknown }) => isUnknown).map(({ label }) => label.split(" ")[0]!),
  );
  const unknown = [...labels].sort().map(
    (label): Remark => ({
      severity: "warning",
      code: "steps/unknown-mode",
      message: `${label} …] bounds steps of a mode this version does not know: they are counted, and are prefill or decode only where the file's name says so`,
      path: file.path,
    }),
  );
  const outside = stages.flatMap(({ stage, outsideSteps, timeline }): Remark[] => {
    if (outsideSteps === null) return [];
    const { beforeUs, betweenUs, afterUs } = outsideSteps;
    const us = beforeUs + betweenUs + afterUs;
    if (us < LEAST_OUTSIDE_SHARE * timeline.gpuTimeUs) return [];
    return [
      {
        severity: "info",
        code: "steps/outside",
        message: `${stage}: ${inNoStep(outsideSteps, us)}: ${inMs(beforeUs)} before the first step's work, ${inMs(betweenUs)} between, ${inMs(afterUs)} after the last; no figure of a step counts them`,
        path: file.path,
      },
    ];
  });
  return [
    ...unknown,
    ...outside,
    ...stages.flatMap((stage) => passRemark(stage, graph, file.path)),
  ];
}

const inMs = (us: Microseconds): string => `${(us / 1000).toFixed(3)} ms`;

/** Who launched it, as far as the trace tells. */
function inNoStep(outside: OutsideSteps, us: Microseconds): string {
  const { events, unlaunchedEvents, unlaunchedUs } = outside;
  const all = `${events} GPU events (${inMs(us)})`;
  if (unlaunchedEvents === 0) return `${all} were launched by no step`;
  const launched = events - unlaunchedEvents;
  const unrecorded =
    "not recorded, as where it came before the recording began, so that their step is not known";
  if (launched === 0) return `the launch of ${all} is ${unrecorded}`;
  return `${all} are in no step: ${launched} (${inMs(us - unlaunchedUs)}) were launched by none, the launch of ${unlaunchedEvents} (${inMs(unlaunchedUs)}) is ${unrecorded}`;
}

/** By what passes were found, by how the stage's steps were told. */
const PASSES_BY: Readonly<Record<string, (layers: number | null) => string>> = {
  layers: (count) => `where ${count ?? "the"} layers begin anew`,
  "graph-launch": () => "by the launches of graphs that hold a whole pass each",
  "host-copies": () => "between the copies of inputs to the GPU and of tokens from it",
};

function passRemark(
  { stage, stageFrom, steps, layers }: StageReport,
  graph: KernelGraph,
  path: string,
): Remark[] {
  const begin = PASSES_BY[stageFrom]?.(layers?.count ?? null);
  if (begin === undefined) return [];
  // "pass 3 of 10: decode, by paged_attention_v1_kernel"
  const [step] = graph.stages.find((one) => one.stage === stage)?.steps ?? [];
  const [, why] = step?.label.split(`: ${stage}, `) ?? [];
  const told =
    stage === "all"
      ? "; whether they prefill or decode nothing recorded tells"
      : `; that they are ${stage} ${why === undefined ? "its name says" : `is told ${why}`}`;
  return [
    {
      severity: "info",
      code: "steps/passes",
      message: `no annotation tells steps: ${steps} forward passes were found ${begin}${told}`,
      path,
    },
  ];
}

/** Less of a stage's GPU time is not worth a line. */
const LEAST_OUTSIDE_SHARE = 0.001;

/** How many steps have no record at all, in words. */
function emptySteps({ steps, stages }: KernelGraph): string {
  const recorded = stages.reduce((sum, stage) => sum + stage.steps.length, 0);
  const empty = steps.length - recorded;
  return empty === 0 ? "" : `; ${empty} of ${steps.length} steps have no record at all`;
}

function traceRemarks({ file, graph, failures, mismatch }: TraceFindings): Remark[] {
  const { trace } = graph;
  const remarks: Remark[] = failures.map(({ rule, stage, message }) => ({
    severity: "warning",
    code: "rules/failed",
    message: `rule ${rule} failed in stage ${stage} and was left out: ${message}`,
    path: null,
  }));
  if (mismatch !== null)
    remarks.push({
      severity: "warning",
      code: "mapping/mismatch",
      message: `the mapping trace is of another run (${mismatch}); its code was used by --force`,
      path: file.path,
    });
  const diffusers = diffusersFrame(trace);
  if (diffusers !== null)
    remarks.push({
      severity: "warning",
      code: "trace/diffusers-frames",
      message: `code of the diffusers library ran (${diffusers.frame}): if it served the model, its kernels are no evidence about the engine`,
      path: file.path,
    });
  const { complete, damage, isCut } = trace.origin;
  if (!complete)
    remarks.push({
      severity: "warning",
      code: isCut ? "trace/incomplete" : "trace/damaged-parts",
      message: isCut
        ? `only the part before the damage was analysed: ${damage}`
        : `parts of the file are damaged and were passed over, everything else was read: ${damage}`,
      path: file.path,
    });
  for (const finding of trace.health?.findings ?? [])
    remarks.push({
      severity: "warning",
      code: `health/${finding.kind}`,
      message: `${healthInWords(finding)}${finding.kind === "launches-without-records" ? emptySteps(graph) : ""}`,
      path: file.path,
    });
  const losses = lossesInWords(trace);
  if (losses !== null)
    remarks.push({
      severity: "warning",
      code: "trace/unreadable-events",
      message: losses,
      path: file.path,
    });
  return remarks;
}

function joinHealth(findings: readonly TraceFindings[]): Report["health"] {
  const all = findings.map(({ graph }) => graph.trace.health ?? SOUND);
  return {
    findings: all.flatMap((one) => one.findings),
    trusted: all.every(({ trusted }) => trusted),
  };
}

/** Which kinds of events could not be read, and what of them; null when none. */
function lossesInWords({ origin: { losses, unreadable } }: Trace): string | null {
  if (losses.length === 0) return null;
  const shown = losses.slice(0, MOST_LOSSES).map(({ category, what, count }) => {
    const kind = category === "" ? "of unknown kind" : category;
    return `${count} ${kind} without ${what}`;
  });
  const more = losses.length > MOST_LOSSES ? [`${losses.length - MOST_LOSSES} more kinds`] : [];
  return `${unreadable} events could not be read and were left out; what was lost: ${[...shown, ...more].join(", ")}`;
}

const MOST_LOSSES = 4;

function ruleRemarks({ diagnostics }: RuleBase): Remark[] {
  return diagnostics.map(({ code, message, file, range }) => ({
    severity: "warning",
    code: `rules/${code}`,
    message: code === "classify-nothing" ? message : `rule left out: ${message}`,
    path: `${file}:${range.line}:${range.column}`,
  }));
}

function gpuOf({ graph: { trace } }: TraceFindings, facts: Facts): Report["gpu"] {
  const { devices, vendor } = trace.metadata;
  const used = new Set(trace.streams.map(({ device }) => device));
  const named =
    devices.find(({ id, name }) => used.has(id) && name !== "") ??
    devices.find(({ name }) => name !== "");
  return {
    name: named?.name ?? null,
    vendor,
    arch: textOf(facts.arch),
    count: Math.max(devices.length, 1),
  };
}

function parallelOf({ graph: { trace } }: TraceFindings, facts: Facts): Report["parallel"] {
  const size = (name: FactName): number | null => {
    const value = facts[name]?.value;
    return typeof value === "number" ? value : null;
  };
  return {
    tp: size("tp"),
    pp: size("pp"),
    dp: size("dp"),
    ep: size("ep"),
    worldSize: trace.metadata.distributed?.worldSize ?? null,
    from: facts.tp?.from ?? null,
  };
}

/** Shares weighted by each trace's GPU time. */
function joinLocated(findings: readonly TraceFindings[]): Report["located"] {
  const parts = findings.map(({ graph, stages }) => ({
    located: located(graph),
    weight: stages.reduce((sum, { timeline }) => sum + timeline.gpuTimeUs, 0),
  }));
  const whole = parts.reduce((sum, { weight }) => sum + weight, 0);
  const mean = (of: (located: Report["located"]) => number): number =>
    whole === 0
      ? 0
      : parts.reduce((sum, { located, weight }) => sum + of(located) * weight, 0) / whole;
  return {
    pct: mean(({ pct }) => pct),
    byMethod: Object.fromEntries(
      VIA.map((via) => [via, mean(({ byMethod }) => byMethod[via])]),
    ) as Record<Via, number>,
  };
}

function textOf(fact: Fact | undefined): string | null {
  return fact === undefined ? null : String(fact.value);
}

/** Two files of one report written by different engines are a mistake of the caller. */
export function assertOneFramework(findings: readonly TraceFindings[]): void {
  const known = new Set(
    findings.map(({ decision }) => decision.framework).filter((it) => it !== "unknown"),
  );
  if (known.size <= 1) return;
  throw new TriageError({
    code: "trace/mixed-frameworks",
    exit: EXIT.usage,
    message: `These traces come from different engines: ${[...known].sort().join(", ")}.`,
    place: findings.map(({ file }) => file.path).join(", "),
    hint: "Triage them one by one.",
  });
}

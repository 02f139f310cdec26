import type { RuleOutcome } from "../../model/finding.ts";
import { STAGE_TITLE } from "../../model/framework.ts";
import type { KernelGraph, StageGraph } from "../../model/kernel-graph.ts";
import type { FuseRow, ReportSource } from "../../model/report.ts";
import type { Rule, RuleSet, RuleSource, StateName } from "../../model/rule.ts";
import { type Nanoseconds, percent, type Row, toUs } from "../../model/units.ts";
import { stageTime } from "./kernel-rows.ts";
import { type MessageFacts, messageText } from "./message.ts";
import { type StepKernels, stepKernels } from "./occurrence-kernels.ts";

/** A row, and whether the rule's own threshold hides it. */
export interface FuseDraftRow extends FuseRow {
  readonly belowThreshold: boolean;
}

/**
 * The fusion rules that a stage shows in some state, in the words of their files. Rules folded
 * under a larger one appear there as `alsoMatched`; absent and not applicable ones have no row.
 */
export function fuseRows(
  graph: KernelGraph,
  stage: StageGraph,
  ruleSet: RuleSet,
  outcomes: readonly RuleOutcome[],
): readonly FuseDraftRow[] {
  const gpuTime = stageTime(graph, stage);
  const rules = new Map(ruleSet.rules.map((rule) => [rule.id, rule]));
  return outcomes.flatMap((outcome) => {
    const { underlying } = outcome;
    const rule = rules.get(outcome.rule)!;
    if (outcome.stage !== stage.stage || rule.kind !== "fusion" || outcome.foldedUnder !== null)
      return [];
    if (underlying === "absent" || underlying === "not-applicable") return [];
    return [fuseRow(graph, ruleSet, rule, { ...outcome, underlying }, gpuTime)];
  });
}

function fuseRow(
  graph: KernelGraph,
  ruleSet: RuleSet,
  rule: Rule,
  outcome: RuleOutcome & { readonly underlying: StateName },
  gpuTime: Nanoseconds,
): FuseDraftRow {
  const { counts, underlying: state } = outcome;
  const kernels = stepKernels(rule, ruleSet.classes, graph, outcome.occurrences);
  const facts: MessageFacts = {
    counts,
    sharePct: percent(outcome.relatedNs, gpuTime),
    coveragePct: percent(counts.active, counts.active + counts.partial + counts.split),
    stage: STAGE_TITLE[outcome.stage],
    prs: rule.prs,
    captures: captureKernels(graph, kernels),
  };
  return {
    rule: rule.id,
    title: rule.title,
    status: rule.status,
    pr: rule.prs,
    checked: rule.checked,
    state,
    assuming: outcome.assuming,
    counts,
    coveragePct: facts.coveragePct,
    relatedUs: toUs(outcome.relatedNs),
    sharePct: facts.sharePct,
    saveAtMostUs: toUs(outcome.saveAtMostNs),
    evidence: evidence(graph, kernels),
    locations: locations(graph, kernels),
    sources: rule.sources.map(reportSource),
    rationale: rationale(rule, state, facts),
    advice: messageText(rule.messages, "advice", state, facts) ?? splitAdvice(rule, state, facts),
    toggle: state === "active" ? null : rule.toggle,
    alsoMatched: outcome.alsoMatched,
    belowThreshold: outcome.state === "below-threshold",
  };
}

/** The verdict of the state; a rule without one for a mixture says what each half is. */
function rationale(rule: Rule, state: StateName, facts: MessageFacts): string {
  const own = messageText(rule.messages, "verdict", state, facts);
  if (own !== null) return own;
  if (state !== "partial") return rule.title;
  const { active, split } = facts.counts;
  const rest = messageText(rule.messages, "verdict", "split", facts) ?? rule.title;
  return `Fused at ${active} of ${active + facts.counts.partial + split} places. ${rest}`;
}

/** Sites still split need the same remedy whether or not others are fused. */
function splitAdvice(rule: Rule, state: StateName, facts: MessageFacts): string | null {
  return state === "partial" ? messageText(rule.messages, "advice", "split", facts) : null;
}

function evidence(graph: KernelGraph, kernels: readonly StepKernels[]): FuseRow["evidence"] {
  const isMixed = new Set(kernels.map(({ state }) => state)).size > 1;
  return kernels.map(({ state, step, name, launches, time }) => ({
    step: isMixed ? `${state} ${step}` : step,
    kernel: graph.trace.kernelNames[name]!.short,
    launches,
    totalUs: toUs(time),
  }));
}

/** Where the kernels come from that are still to be fused; of active ones where all do. */
function locations(graph: KernelGraph, kernels: readonly StepKernels[]): readonly string[] {
  const open = kernels.filter(({ state }) => state !== "active");
  const timeOf = new Map<string, Nanoseconds>();
  for (const { rows } of open.length > 0 ? open : kernels)
    for (const row of rows) {
      const place = placeOf(graph, row);
      if (place !== null)
        timeOf.set(place, (timeOf.get(place) ?? 0) + graph.trace.gpu.duration[row]!);
    }
  return [...timeOf].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([place]) => place);
}

function placeOf(graph: KernelGraph, row: Row): string | null {
  const { location, fn } = graph.sites[graph.siteOf[row]!]!;
  if (location === null) return null;
  return fn === null ? location : `${location} ${fn}`;
}

function captureKernels(
  graph: KernelGraph,
  kernels: readonly StepKernels[],
): MessageFacts["captures"] {
  const most = new Map<string, StepKernels>();
  for (const kernel of kernels) {
    const { capture } = kernel;
    if (capture === null) continue;
    const other = most.get(capture);
    // `kernels` puts what is still to do first: only more time within the same state wins.
    if (other === undefined || (other.state === kernel.state && kernel.time > other.time))
      most.set(capture, kernel);
  }
  return new Map(
    [...most].map(([capture, { name, rows }]) => [
      capture,
      {
        name: graph.trace.kernelNames[name]!.short,
        frame: placeOf(graph, rows[0]!) ?? "an unrecorded place",
      },
    ]),
  );
}

export function reportSource({ repo, commit, path, symbol, url }: RuleSource): ReportSource {
  return { repo, commit, path, symbol, url };
}

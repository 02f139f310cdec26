import type {
  ExplainedOccurrence,
  RuleRowExplanation,
} from "../../model/contracts/row-explanation.ts";
import type { Facts } from "../../model/facts.ts";
import type { Occurrence, RuleOutcome } from "../../model/finding.ts";
import type { Rule } from "../../model/rule.ts";
import { className } from "../../model/rule-text.ts";
import { percent, toUs } from "../../model/trace/units.ts";
import { type LayerLookup, lookUpLayers } from "../match/layer-lookup.ts";
import { occurrenceExtent, stepsOfPattern } from "../match/occurrence-parts.ts";
import { citedSources } from "../match/verdicts/engine-path.ts";
import { occurrenceSavesNs } from "../match/verdicts/save-model.ts";
import { reportSource } from "../tables/fuse-table.ts";
import type { ExplainInput } from "./explain-kernel.ts";
import { explainRule } from "./rule/explain-rule.ts";
import { explainedGuard, explainedKernel, explainedPattern } from "./rule/rule-in-stage.ts";

/**
 * Everything behind one rule's answer in one stage: the clauses as `rules explain` reads them, and
 * the occurrences the report counts.
 *
 * @param limit occurrences listed, first in time first.
 */
export function explainRuleRow(
  input: ExplainInput,
  rule: Rule,
  facts: Facts,
  limit: number,
): RuleRowExplanation {
  const { ruleSet, graph, stage, report } = input;
  const explained = explainRule(ruleSet, rule, graph, stage, facts);
  const outcome =
    input.outcomes.find((one) => one.rule === rule.id && one.stage === stage.stage) ??
    explained.outcome;
  const layerOf = lookUpLayers(graph, stage);
  const { gpu } = graph.trace;
  const occurrences = (outcome?.occurrences ?? [])
    .map((occurrence) => ({ occurrence, ...occurrenceExtent(occurrence, gpu) }))
    .sort((a, b) => a.start - b.start || a.end - b.end)
    .slice(0, limit)
    .map(({ occurrence }) => explainOccurrence(input, rule, occurrence, layerOf));
  const { relatedNs, saveAtMostNs: saved } = outcome ?? { relatedNs: 0, saveAtMostNs: 0 };
  return {
    path: graph.trace.origin.path,
    stage: stage.stage,
    rule: rule.id,
    kind: rule.kind,
    title: rule.title,
    file: rule.file,
    status: rule.status,
    pr: rule.prs,
    checked: rule.checked,
    state: stateOf(outcome, explained.failure),
    foldedUnder: outcome?.foldedUnder ?? null,
    alsoMatched: outcome?.alsoMatched ?? [],
    assuming: outcome?.assuming ?? [],
    relatedUs: toUs(relatedNs),
    sharePct: percent(toUs(relatedNs), report.timeline.gpuTimeUs),
    saveAtMostUs: toUs(saved),
    saveBasis: saveBasis(rule),
    toggle: rule.toggle,
    sources: citedSources(rule.sources, facts).map(reportSource),
    guards: explained.guards.map(explainedGuard),
    patterns: explained.patterns.map((pattern) => explainedPattern(pattern, graph)),
    occurrenceCount: outcome?.occurrences.length ?? 0,
    occurrences,
  };
}

function stateOf(outcome: RuleOutcome | null, failure: string | null): string {
  if (failure !== null) return `could not run: ${failure}`;
  if (outcome === null) return "absent";
  const { state, underlying, blockedBy } = outcome;
  if (blockedBy !== null) return `${state} (guard ${blockedBy})`;
  return state === "below-threshold" ? `${state} (${underlying})` : state;
}

/** @see occurrenceSavesNs */
function saveBasis({ saves, kind }: Rule): string {
  const gaps = "plus the idle time between the steps";
  if (kind === "overlap" && saves === null)
    return `Per occurrence: all but its longest step, ${gaps}; nothing where it overlaps already.`;
  return saves === null
    ? `Per occurrence: all its kernels but the longest step, ${gaps}; nothing where it is fused already.`
    : `Per occurrence: the kernels of ${saves.join(", ")}, ${gaps}; nothing where it is fused already.`;
}

function explainOccurrence(
  { ruleSet, graph }: ExplainInput,
  rule: Rule,
  occurrence: Occurrence,
  layerOf: LayerLookup | null,
): ExplainedOccurrence {
  const { gpu } = graph.trace;
  const steps = stepsOfPattern(rule.states[occurrence.pattern]!.pattern);
  const kernels = occurrence.rows.flatMap((rows, at) =>
    rows.map((row) => ({ row, step: steps[at]!.capture ?? className(ruleSet, steps[at]!.class) })),
  );
  const { start, end } = occurrenceExtent(occurrence, gpu);
  const [first] = kernels;
  const layer = first === undefined ? -1 : (layerOf?.(first.row) ?? -1);
  return {
    state: occurrence.state,
    startUs: toUs(start),
    endUs: toUs(end),
    layer: layer < 0 ? null : layer,
    gapUs: toUs(occurrence.gapNs),
    saveAtMostUs: toUs(occurrenceSavesNs(rule, occurrence, gpu)),
    kernels: kernels.map(({ row, step }) => explainedKernel(graph, row, step)),
  };
}

import { compareText } from "../../base/compare-text.ts";
import type { ActionSaving } from "../../model/contracts/action.ts";
import type { FuseRow, FusionTraffic, ReportSource } from "../../model/contracts/report.ts";
import type { Facts } from "../../model/facts.ts";
import type { Occurrence, RuleOutcome } from "../../model/finding.ts";
import type { PatternStep, Rule, RuleSet, RuleSource, StateName } from "../../model/rule.ts";
import { type KernelGraph, placeText, type StageGraph } from "../../model/trace/kernel-graph.ts";
import { type Nanoseconds, percent, type Row, toUs } from "../../model/trace/units.ts";
import type { Limits } from "../limits/index.ts";
import { stepsOfPattern } from "../match/occurrence-parts.ts";
import { citedSources, enginePath, pathRemark } from "../match/verdicts/engine-path.ts";
import { type FusedKernel, kernelSources, sourcesFor } from "../match/verdicts/owners.ts";
import { applyFusePolicy } from "../policy/fuse-policy.ts";
import type { Policy } from "../policy/policy.ts";
import { chainTraffic } from "../retime/chain-traffic.ts";
import type { FusionSaver } from "../retime/saving.ts";
import { stageNs } from "../timeline/stage-time.ts";
import { fillMessage } from "./fuse-message.ts";
import { kernelId } from "./kernel-id.ts";
import { TimeBy } from "./time-by.ts";

/** Everything the fuse table of one stage is made from. */
interface FuseTableInput {
  readonly ruleSet: RuleSet;
  readonly graph: KernelGraph;
  readonly stage: StageGraph;
  /** Of this stage or of all; only this stage's fusion rules make rows. */
  readonly outcomes: readonly RuleOutcome[];
  readonly savesOf: FusionSaver;
  /** Null leaves out what work models tell. */
  readonly limits: Limits | null;
  /** Null keeps the rules' own wording and orders by saving. */
  readonly policy: Policy | null;
  /** Of this stage; without them nothing is known of the engine's version. */
  readonly facts?: Facts;
}

/**
 * The fuse rows of one stage: every outcome that shows something, is not folded under another and
 * is large enough, with where it comes from and where it happens, in the policy's order.
 */
export async function fuseRows(input: FuseTableInput): Promise<readonly FuseRow[]> {
  const { ruleSet, graph, stage, outcomes, savesOf, limits, policy, facts = {} } = input;
  const rules = new Map(ruleSet.rules.map((rule) => [rule.id, rule]));
  const totalNs = stageNs(graph, stage);
  const rows = outcomes.flatMap((outcome) => {
    const rule = rules.get(outcome.rule);
    if (rule === undefined || rule.kind !== "fusion" || outcome.stage !== stage.stage) return [];
    const state = reportedState(rule, outcome);
    return state === null
      ? []
      : [
          fuseRow(
            ruleSet,
            graph,
            stage,
            totalNs,
            rule,
            outcome,
            state,
            savesOf(rule, outcome.occurrences),
            trafficOf(outcome.occurrences, limits),
            facts,
          ),
        ];
  });
  return applyFusePolicy(rows, stage.stage, policy);
}

/** State a row would show, null where there is none to show. */
export function reportedState(rule: Rule, { state, foldedUnder }: RuleOutcome): StateName | null {
  if (foldedUnder !== null || rule.status === "deprecated") return null;
  return state === "active" || state === "partial" || state === "split" ? state : null;
}

function fuseRow(
  ruleSet: RuleSet,
  graph: KernelGraph,
  stage: StageGraph,
  totalNs: Nanoseconds,
  rule: Rule,
  outcome: RuleOutcome,
  state: StateName,
  saves: ActionSaving,
  traffic: FusionTraffic | null,
  facts: Facts,
): FuseRow {
  const { counts, occurrences } = outcome;
  const fused = fusedKernels(graph, occurrences);
  const sources = sourcesFor(
    { sources: citedSources(rule.sources, facts) },
    fused.map(({ library }) => library),
  );
  const sharePct = percent(outcome.relatedNs, totalNs);
  const coveragePct = percent(counts.active, counts.active + counts.partial + counts.split);
  const context = { graph, rule, state, occurrences, counts, sharePct, coveragePct };
  const message = (kind: "verdict" | "advice"): string | null =>
    fillMessage(kind, { ...context, stage: stage.stage });
  const path = enginePath(rule, facts);
  const isTooOld = path?.state === "not-yet" && state !== "active";
  return {
    rule: rule.id,
    title: rule.title,
    status: rule.status,
    pr: rule.prs,
    checked: rule.checked,
    state,
    assuming: outcome.assuming,
    counts,
    coveragePct,
    relatedUs: toUs(outcome.relatedNs),
    sharePct,
    saveAtMostUs: toUs(outcome.saveAtMostNs),
    saves,
    traffic,
    evidence: evidenceOf(ruleSet, graph, rule, occurrences),
    locations: locationsOf(graph, occurrences),
    sources: [...sources, ...kernelSources(sources, fused, ruleSet.rules)].map(reportSource),
    rationale: [message("verdict") ?? `${rule.title}: ${state}.`, pathRemark(path)]
      .filter((part) => part !== null)
      .join(" "),
    advice: isTooOld ? `Update ${path.engine} to ${path.since} or later.` : message("advice"),
    // Who runs the fused path everywhere has nothing to switch, nor has who cannot run it.
    toggle: state === "active" || isTooOld ? null : rule.toggle,
    alsoMatched: outcome.alsoMatched,
  };
}

/** What the kernels that are not fused yet hand to one another through memory. */
function trafficOf(
  occurrences: readonly Occurrence[],
  limits: Limits | null,
): FusionTraffic | null {
  if (limits === null || limits.machine === null) return null;
  const open = occurrences.filter(({ state }) => state !== "active");
  const known = open.flatMap(({ rows }) => {
    const traffic = chainTraffic(
      rows.flat().sort((a, b) => a - b),
      limits,
    );
    return traffic === null ? [] : [traffic.between];
  });
  if (known.length === 0) return null;
  const bytes = known.reduce((sum, each) => sum + each, 0);
  const us = toUs(Math.round(bytes / limits.machine.memory));
  return { bytes, us, told: known.length, of: open.length };
}

/** The fused kernels, each name once, in the order in which they ran. */
function fusedKernels(
  { symbols, symbolOf, trace: { gpu, kernelNames } }: KernelGraph,
  occurrences: readonly Occurrence[],
): FusedKernel[] {
  const found = new Map<number, FusedKernel>();
  for (const { state, rows } of occurrences) {
    if (state !== "active") continue;
    for (const row of rows.flat()) {
      const name = gpu.name[row]!;
      if (found.has(name)) continue;
      const { library } = symbols[symbolOf[row]!]!;
      found.set(name, { library, name: kernelNames[name]!.demangled });
    }
  }
  return [...found.values()];
}

export function reportSource({ repo, commit, path, symbol, url }: RuleSource): ReportSource {
  return { repo, commit, path, symbol, url };
}

/** Concrete kernels per pattern step: steps as written, the patterns with most to do first, kernels by time. */
function evidenceOf(
  ruleSet: RuleSet,
  graph: KernelGraph,
  rule: Rule,
  occurrences: readonly Occurrence[],
): FuseRow["evidence"] {
  const { gpu, kernelNames } = graph.trace;
  const order = [...rule.states.keys()].sort(
    (a, b) => STATE_RANK[rule.states[a]!.state] - STATE_RANK[rule.states[b]!.state] || a - b,
  );
  return order.flatMap((index) => {
    const mine = occurrences.filter(({ pattern }) => pattern === index);
    const steps = stepsOfPattern(rule.states[index]!.pattern);
    return steps.flatMap((step, at) => {
      const kernels = new Map<string, { id: string; launches: number; ns: number }>();
      let name = -1;
      let sum = { id: "", launches: 0, ns: 0 };
      for (const { rows } of mine) {
        for (const row of rows[at]!) {
          // A step is mostly one and the same kernel.
          if (gpu.name[row] !== name) {
            name = gpu.name[row]!;
            const { short: kernel, demangled } = kernelNames[name]!;
            sum = kernels.get(kernel) ?? { id: kernelId(demangled), launches: 0, ns: 0 };
            kernels.set(kernel, sum);
          }
          sum.launches++;
          sum.ns += gpu.duration[row]!;
        }
      }
      return [...kernels]
        .sort((a, b) => b[1].ns - a[1].ns || compareText(a[0], b[0]))
        .map(([kernel, { id, launches, ns }]) => ({
          step: stepName(ruleSet, step),
          id,
          kernel,
          launches,
          totalUs: toUs(ns),
        }));
    });
  });
}

const STATE_RANK: Readonly<Record<StateName, number>> = { split: 0, partial: 1, active: 2 };

/** What the rule calls a step: its capture, else the class without the file it is from. */
function stepName(ruleSet: RuleSet, step: PatternStep): string {
  return step.capture ?? ruleSet.classes[step.class]!.name.replace(/^.*\./, "");
}

/** Places the kernels come from today, most GPU time first. */
function locationsOf(graph: KernelGraph, occurrences: readonly Occurrence[]): readonly string[] {
  const bySite = new TimeBy<number>();
  for (const { rows } of occurrences)
    for (const step of rows)
      for (const row of step) bySite.add(graph.siteOf[row]!, graph.trace.gpu.duration[row]!);
  const byPlace = new TimeBy<string>();
  for (const [site, ns] of bySite.ranked()) {
    const place = placeText(graph.sites[site]!);
    if (place !== null) byPlace.add(place, ns);
  }
  return byPlace.ranked().map(([place]) => place);
}

/** The fusion that a kernel belongs to. */
export interface FusionClaim {
  readonly rule: string;
  /** Of the occurrence, not of the row: single sites of an active fusion may be open. */
  readonly state: StateName;
}

/** Kernels of a stage that stand in a row of the fuse table, by the first rule that has them. */
export function fusionClaims(
  { rules }: RuleSet,
  stage: StageGraph,
  outcomes: readonly RuleOutcome[],
): ReadonlyMap<Row, FusionClaim> {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const claims = new Map<Row, FusionClaim>();
  for (const outcome of outcomes) {
    const rule = byId.get(outcome.rule);
    if (rule?.kind !== "fusion" || outcome.stage !== stage.stage) continue;
    if (reportedState(rule, outcome) === null) continue;
    for (const { rows, state } of outcome.occurrences)
      for (const step of rows)
        for (const row of step) if (!claims.has(row)) claims.set(row, { rule: rule.id, state });
  }
  return claims;
}

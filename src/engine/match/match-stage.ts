import type { RuleFailure } from "../../model/finding.ts";
import type { Rule } from "../../model/rule.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import { type ClassTable, classesOfRule } from "./classes/class-table.ts";
import { assignLetters, type Letters } from "./classes/letters.ts";
import { findOccurrences, type RuleOccurrences } from "./find-occurrences.ts";
import { layLanes } from "./lanes.ts";
import { lookUpLayers } from "./layer-lookup.ts";
import { anyOrderStarts } from "./patterns/any-order-starts.ts";
import { type ChainReader, chainReader } from "./patterns/chain-starts.ts";
import { type PatternPlan, planRule, type RulePlan } from "./rule-plan.ts";
import type { StageView } from "./stage-view.ts";

type RuleFindings = RuleOccurrences;

interface StageFindings {
  /** By rule id; a failed rule has no entry. */
  readonly findings: ReadonlyMap<string, RuleFindings>;
  readonly failures: RuleFailure[];
}

/** Runs the rules whose guards hold over one stage, each as if it were alone. */
export function findStage(
  rules: readonly Rule[],
  table: ClassTable,
  graph: KernelGraph,
  stage: StageGraph,
): StageFindings {
  const findings = new Map<string, RuleFindings>();
  const failures: RuleFailure[] = [];
  if (rules.length === 0) return { findings, failures };
  const fail = (rule: Rule, error: unknown): void => {
    const message = error instanceof Error ? error.message : String(error);
    failures.push({ rule: rule.id, stage: stage.stage, message });
  };
  const ready = readyFor(rules, table);
  for (const [rule, error] of ready.failed) fail(rule, error);
  const view = stageView(ready.letters, graph, stage);
  const starts = findStarts(ready, view);
  const layers = lookUpLayers(graph, stage);
  for (const plan of ready.plans) {
    try {
      const found = findOccurrences(plan, view, layers, (pattern) => starts.get(pattern) ?? []);
      findings.set(plan.rule.id, found);
    } catch (error) {
      fail(plan.rule, error);
    }
  }
  return { findings, failures };
}

/** Rules that run together, planned: the same for every stage in which just these are live. */
interface Ready {
  readonly rules: readonly Rule[];
  readonly plans: readonly RulePlan[];
  readonly failed: readonly (readonly [Rule, unknown])[];
  readonly letters: Letters;
  readonly chains: readonly PatternPlan[];
  readonly readChains: ChainReader;
}

/** The last of each table: stages after one another, and the tests of a rule, have the same rules live. */
const lastReady = new WeakMap<ClassTable, Ready>();

function readyFor(rules: readonly Rule[], table: ClassTable): Ready {
  const last = lastReady.get(table);
  if (last !== undefined && isSameList(last.rules, rules)) return last;
  const ready = makeReady(rules, table);
  lastReady.set(table, ready);
  return ready;
}

const isSameList = (a: readonly Rule[], b: readonly Rule[]): boolean =>
  a.length === b.length && a.every((rule, index) => rule === b[index]);

function makeReady(rules: readonly Rule[], table: ClassTable): Ready {
  const plans: RulePlan[] = [];
  const failed: [Rule, unknown][] = [];
  for (const rule of rules) {
    try {
      plans.push(planRule(rule, table));
    } catch (error) {
      failed.push([rule, error]);
    }
  }
  const letters = lettersOf(plans, table);
  const chains = plans.flatMap(({ patterns }) =>
    patterns.filter((pattern) => pattern.kind === "chain"),
  );
  const readChains = chainReader(
    chains.map(({ plan }) => plan),
    letters,
  );
  return { rules, plans, failed, letters, chains, readChains };
}

/** The stage in the alphabet of these rules. */
export function viewStage(
  plans: readonly RulePlan[],
  table: ClassTable,
  graph: KernelGraph,
  stage: StageGraph,
): StageView {
  return stageView(lettersOf(plans, table), graph, stage);
}

function lettersOf(plans: readonly RulePlan[], table: ClassTable): Letters {
  const live = plans.flatMap(({ rule }) => classesOfRule(rule)).map((id) => table.bitOf.get(id)!);
  return assignLetters(table, new Set(live));
}

function stageView(letters: Letters, graph: KernelGraph, stage: StageGraph): StageView {
  const lanes = layLanes(graph, stage, letters);
  return { graph, stage, lanes, letters, takenBy: new Uint32Array(lanes.count), claim: 0, work: 0 };
}

/** Where matches of each chain and each unordered group may start, from one walk over all of them. */
function findStarts(
  { plans, chains, readChains }: Ready,
  view: StageView,
): ReadonlyMap<PatternPlan, readonly number[]> {
  const groups = plans.flatMap(({ patterns }) =>
    patterns.filter((pattern) => pattern.kind === "any-order"),
  );
  const ofChain = readChains(view.lanes);
  const ofGroup = anyOrderStarts(
    groups.map((it) => it.plan),
    view,
  );
  return new Map<PatternPlan, readonly number[]>([
    ...chains.map((pattern, i) => [pattern, ofChain[i]!] as const),
    ...groups.map((pattern, i) => [pattern, ofGroup[i]!] as const),
  ]);
}

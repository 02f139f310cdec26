import { compareText } from "../../base/compare-text.ts";
import type { Facts, StageFacts } from "../../model/facts.ts";
import type { Occurrence, RuleFailure, RuleOutcome } from "../../model/finding.ts";
import type { Rule, RuleSet } from "../../model/rule.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import { stageNs } from "../timeline/stage-time.ts";
import { type ClassTable, decideClasses } from "./classes/class-table.ts";
import { findStage } from "./match-stage.ts";
import { settleClaims } from "./verdicts/claims.ts";
import { enginePath } from "./verdicts/engine-path.ts";
import { checkGuards, type GuardsAnswer } from "./verdicts/guards.ts";
import { ownOccurrences } from "./verdicts/owners.ts";
import { orderRules, type RuleOrder } from "./verdicts/rule-order.ts";
import { saveAtMostNs } from "./verdicts/save-model.ts";
import { countStates, isBelowThreshold, relatedNs, stateOf } from "./verdicts/states.ts";

interface RulesAnswer {
  /** One per rule and stage, by stage order of the graph, then rule id; failed rules are missing. */
  readonly outcomes: readonly RuleOutcome[];
  readonly failures: readonly RuleFailure[];
}

/**
 * Runs every rule over every stage: guards, then patterns, then claims between rules, then states.
 * A rule that throws becomes a failure and the others go on. The same input gives the same answer.
 */
export function runRules(
  ruleSet: RuleSet,
  graph: KernelGraph,
  factsByStage: readonly StageFacts[],
): RulesAnswer {
  // What a rule asks of kernels is decided only where its guards let it look.
  const rules = ruleSet.rules.filter((rule) =>
    graph.stages.some((stage) => isLive(rule, factsOf(stage, factsByStage))),
  );
  const table = decideClasses({ ...ruleSet, rules }, graph);
  return runRulesOn(ruleSet.rules, table, graph, factsByStage);
}

const isLive = (rule: Rule, facts: Facts): boolean => checkGuards(rule, facts).blockedBy === null;

const factsOf = (stage: StageGraph, factsByStage: readonly StageFacts[]): Facts =>
  factsByStage.find((entry) => entry.stage === stage.stage)?.facts ?? {};

/** As {@link runRules}, with the classes of the graph's symbols decided before: for many runs over one graph. */
export function runRulesOn(
  rules: readonly Rule[],
  table: ClassTable,
  graph: KernelGraph,
  factsByStage: readonly StageFacts[],
): RulesAnswer {
  const order = orderRules(rules);
  const outcomes: RuleOutcome[] = [];
  const failures: RuleFailure[] = [];
  for (const stage of graph.stages) {
    const answer = runStage(rules, table, order, graph, stage, factsOf(stage, factsByStage));
    outcomes.push(...answer.outcomes);
    failures.push(...answer.failures);
  }
  return { outcomes, failures };
}

function runStage(
  rules: readonly Rule[],
  table: ClassTable,
  order: RuleOrder,
  graph: KernelGraph,
  stage: StageGraph,
  facts: Facts,
): RulesAnswer {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const guards = new Map(rules.map((rule) => [rule.id, checkGuards(rule, facts)]));
  const live = rules.filter((rule) => guards.get(rule.id)!.blockedBy === null);
  const { findings: all, failures } = findStage(live, table, graph, stage);
  const findings = new Map(
    [...all].map(([id, found]) => {
      const rule = byId.get(id)!;
      const own = ownOccurrences(rule, found.occurrences, graph, facts);
      const occurrences = possibleOccurrences(rule, own, facts);
      return [id, occurrences === found.occurrences ? found : { ...found, occurrences }];
    }),
  );
  for (const rule of order.cyclic)
    failures.push({ rule, stage: stage.stage, message: "subsumes runs in a circle: ignored" });

  const judge = judgeOf(graph, stage);
  const judged = new Map(
    [...findings].map(([id, { occurrences }]) => [id, judge(byId.get(id)!, occurrences)]),
  );
  const settled = settleClaims(
    live.flatMap((rule) => {
      const found = findings.get(rule.id);
      if (found === undefined) return [];
      const { occurrences } = found;
      const reportable = rule.status !== "deprecated" && judged.get(rule.id)!.isReportable;
      return [{ rule: rule.id, occurrences, conflicts: rule.conflicts, reportable }];
    }),
    order,
  );

  const outcomes = rules
    .toSorted((a, b) => compareText(a.id, b.id))
    .flatMap((rule): RuleOutcome[] => {
      const guard = guards.get(rule.id)!;
      if (guard.blockedBy !== null) return [notApplicable(rule, stage, guard)];
      const found = findings.get(rule.id);
      const claims = settled.get(rule.id);
      if (found === undefined || claims === undefined) return [];
      const isWhole = claims.occurrences === found.occurrences;
      const { isReportable, ...verdict } = isWhole
        ? judged.get(rule.id)!
        : judge(rule, claims.occurrences);
      return [
        {
          rule: rule.id,
          stage: stage.stage,
          ...verdict,
          blockedBy: null,
          assuming: [...new Set([...guard.assuming, ...found.assuming])].sort(),
          ...claims,
          saveAtMostNs: saveAtMostNs(rule, claims.occurrences, graph.trace.gpu),
        },
      ];
    });
  return { outcomes, failures };
}

/** What ran did run; what is in pieces is no omission where the engine no longer has the fused path. */
function possibleOccurrences(
  rule: Rule,
  occurrences: readonly Occurrence[],
  facts: Facts,
): readonly Occurrence[] {
  if (enginePath(rule, facts)?.state !== "gone") return occurrences;
  return occurrences.filter(({ state }) => state === "active");
}

/** State, counts and time of a rule that holds these occurrences. */
function judgeOf(graph: KernelGraph, stage: StageGraph) {
  const { gpu } = graph.trace;
  const totalNs = stageNs(graph, stage);
  return (rule: Rule, occurrences: readonly Occurrence[]) => {
    const counts = countStates(occurrences);
    const underlying = stateOf(counts);
    const time = relatedNs(occurrences, gpu);
    const isSmall =
      underlying !== "absent" && isBelowThreshold(underlying, time / totalNs, rule.reportShare);
    return {
      state: isSmall ? ("below-threshold" as const) : underlying,
      underlying,
      counts,
      relatedNs: time,
      isReportable: underlying !== "absent" && !isSmall,
    };
  };
}

function notApplicable(rule: Rule, stage: StageGraph, guard: GuardsAnswer): RuleOutcome {
  return {
    rule: rule.id,
    stage: stage.stage,
    state: "not-applicable",
    underlying: "not-applicable",
    blockedBy: guard.blockedBy,
    assuming: [],
    counts: { active: 0, partial: 0, split: 0 },
    occurrences: [],
    relatedNs: 0,
    saveAtMostNs: 0,
    alsoMatched: [],
    foldedUnder: null,
  };
}

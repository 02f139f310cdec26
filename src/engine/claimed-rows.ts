import type { RuleOutcome } from "../model/finding.ts";
import type { StageGraph } from "../model/kernel-graph.ts";
import type { RuleSet, StateName } from "../model/rule.ts";
import type { Row } from "../model/units.ts";
import { reportedState } from "./fuse-table.ts";

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

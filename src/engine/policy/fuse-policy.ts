import { compareText } from "../../base/compare-text.ts";
import type { FuseRow } from "../../model/contracts/report.ts";
import type { StageName } from "../../model/framework.ts";
import type { Policy, PolicyFacts } from "./policy.ts";
import { type Decision, decided, PolicyEngine } from "./policy-engine.ts";

/** A row and the stage it belongs to. */
export interface StagedRow {
  readonly stage: StageName;
  readonly row: FuseRow;
}

/** What a policy may ask about a fuse row; `rules/policy/fuse.yaml` lists it for its readers. */
export function fuseFacts({ stage, row }: StagedRow): PolicyFacts {
  return {
    rule: row.rule,
    kind: "fusion",
    stage,
    status: row.status,
    state: row.state,
    sharePct: row.sharePct,
    savePct: row.saves.pctOfStep,
    coveragePct: row.coveragePct,
    count: row.counts.active + row.counts.partial + row.counts.split,
    assumptions: row.assuming.length,
    assuming: row.assuming,
    hasToggle: row.toggle !== null,
  };
}

/**
 * Orders and words the rows of one stage as the policy says. Without a policy the rows keep their
 * wording and go by saving.
 */
export async function applyFusePolicy(
  rows: readonly FuseRow[],
  stage: StageName,
  policy: Policy | null,
): Promise<readonly FuseRow[]> {
  if (policy === null) return [...rows].sort(bySaving);
  const engine = PolicyEngine.of(policy);
  const judged: { readonly row: FuseRow; readonly order: number }[] = [];
  for (const row of rows) {
    const decisions = await engine.judge(fuseFacts({ stage, row }));
    const order = Number(decided(decisions, "order")?.params?.value ?? 0);
    judged.push({ row: worded(row, decisions), order });
  }
  return judged.sort((a, b) => a.order - b.order || bySaving(a.row, b.row)).map(({ row }) => row);
}

/** What is open by what it saves, what is fused (and saves nothing more) by its share. */
function bySaving(a: FuseRow, b: FuseRow): number {
  return (
    b.saves.pctOfStep - a.saves.pctOfStep || b.sharePct - a.sharePct || compareText(a.rule, b.rule)
  );
}

function worded(row: FuseRow, decisions: readonly Decision[]): FuseRow {
  const text = decided(decisions, "prefix")?.params?.text;
  if (typeof text !== "string") return row;
  return { ...row, rationale: `${text.replaceAll("{pr}", row.pr.join(", "))} ${row.rationale}` };
}

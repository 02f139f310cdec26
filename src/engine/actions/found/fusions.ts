import type { Occurrence } from "../../../model/finding.ts";
import type { Rule } from "../../../model/rule.ts";
import type { Row } from "../../../model/trace/units.ts";
import { swallowedRows } from "../../match/verdicts/save-model.ts";
import { closingNs, fusionChains, withoutKernels } from "../../retime/chains.ts";
import type { Candidate, StageEvidence } from "../candidate.ts";
import { placesOf } from "../places.ts";

/** One candidate per fusion that the trace shows undone, with the kernels the fused one swallows gone. */
export function fusionCandidates(evidence: StageEvidence): readonly Candidate[] {
  const { ruleSet, graph, stage, outcomes, fuse } = evidence;
  const rules = new Map(ruleSet.rules.map((rule) => [rule.id, rule]));
  return fuse.flatMap((row): Candidate[] => {
    if (row.state === "active") return [];
    const rule = rules.get(row.rule)!;
    const outcome = outcomes.find((one) => one.rule === row.rule && one.stage === stage.stage)!;
    const chains = fusionChains(rule, outcome.occurrences, graph.trace.gpu, evidence.limits);
    const gone = new Set(
      chains.flatMap(({ gone: rows, takes }) =>
        takes === undefined || takes.ns >= graph.trace.gpu.duration[takes.row]!
          ? [...rows]
          : [...rows, takes.row],
      ),
    );
    const isPriced = chains.some(({ takes }) => takes !== undefined);
    const pending = row.status === "mainline" ? "" : ` once ${row.pr.join(", ") || "it"} lands`;
    return [
      {
        kind: "fusion",
        key: row.rule,
        title: `${row.title}: ${row.state} ${chains.length} times${pending}`,
        do: row.advice ?? row.rationale,
        where:
          row.locations.slice(0, 3).length > 0 ? row.locations.slice(0, 3) : placesOf(graph, gone),
        toggle: row.toggle,
        proof: row.assuming.length > 0 ? "assumed" : isPriced ? "model" : "trace",
        assuming: row.assuming,
        rule: row.rule,
        sources: row.sources,
        rows: gone,
        chain: new Set(chains.flatMap(({ rows }) => [...rows])),
        change: (isFree) => withoutKernels(chains, isFree),
        idleNs: closingNs(chains, graph.trace.gpu),
      },
    ];
  });
}

/** GPU rows that a fusion which did not happen would have taken away. */
export function removableRows(
  rule: Rule,
  occurrences: readonly Occurrence[],
  gpu: Parameters<typeof swallowedRows>[2],
): ReadonlySet<Row> {
  const rows = new Set<Row>();
  for (const occurrence of occurrences)
    for (const row of swallowedRows(rule, occurrence, gpu)) rows.add(row);
  return rows;
}

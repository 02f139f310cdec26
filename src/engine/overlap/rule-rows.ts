import type { OverlapRow, TimelineReport } from "../../model/contracts/report.ts";
import type { RuleOutcome } from "../../model/finding.ts";
import type { KernelGraph, StageGraph } from "../../model/kernel-graph.ts";
import type { Rule, RuleSet, StateName } from "../../model/rule.ts";
import { kernelNameAt } from "../../model/trace.ts";
import { percent, type Row, toUs } from "../../model/units.ts";
import { fillMessage } from "../fuse-message.ts";
import { reportedState, reportSource } from "../fuse-table.ts";
import { kernelId } from "../kernel-id.ts";
import { TimeBy } from "../time-by.ts";
import type { Exposure } from "./exposure.ts";

/** What a state of an overlap rule is called: the engine's overlap runs, or its parts run in turn. */
const VERDICT: Readonly<Record<StateName, string>> = {
  active: "overlapped",
  partial: "partly overlapped",
  split: "serialised",
};

/** From here on an overlap that runs leaves nothing to do: as the policy has it for single kernels. */
const HIDDEN_ENOUGH_PCT = 70;

interface RuleRowsInput {
  readonly ruleSet: RuleSet;
  readonly graph: KernelGraph;
  readonly stage: StageGraph;
  readonly timeline: TimelineReport;
  readonly exposed: Exposure;
  readonly outcomes: readonly RuleOutcome[];
}

/** Overlap rules that say something about a stage, one row each. */
export function ruleRows(input: RuleRowsInput): OverlapRow[] {
  const rules = new Map(input.ruleSet.rules.map((rule) => [rule.id, rule]));
  // Only built when a rule speaks: most stages show no known overlap.
  let entries: ReadonlyMap<Row, number> | null = null;
  return input.outcomes.flatMap((outcome) => {
    const rule = rules.get(outcome.rule);
    if (rule?.kind !== "overlap" || outcome.stage !== input.stage.stage) return [];
    const state = reportedState(rule, outcome);
    if (state === null) return [];
    entries ??= new Map([...input.stage.events].map((row, entry) => [row, entry]));
    return [ruleRow(input, rule, outcome, state, entries)];
  });
}

function ruleRow(
  { graph, stage, timeline, exposed }: RuleRowsInput,
  rule: Rule,
  outcome: RuleOutcome,
  state: StateName,
  entryOf: ReadonlyMap<Row, number>,
): OverlapRow {
  const rows = [...new Set(outcome.occurrences.flatMap((it) => it.rows.flat()))];
  const exclusive = rows.reduce((sum, row) => sum + exposed.exclusive[entryOf.get(row)!]!, 0);
  const { counts } = outcome;
  const sharePct = percent(toUs(outcome.relatedNs), timeline.gpuTimeUs);
  const message = (kind: "verdict" | "advice"): string | null =>
    fillMessage(kind, {
      graph,
      rule,
      state,
      stage: stage.stage,
      occurrences: outcome.occurrences,
      counts,
      sharePct,
      coveragePct: percent(counts.active, counts.active + counts.partial + counts.split),
    });
  const hiddenPct = percent(outcome.relatedNs - exclusive, outcome.relatedNs);
  // Kernels that ran beside each other for a moment are not hidden.
  const isActive = state === "active" && hiddenPct >= HIDDEN_ENOUGH_PCT;
  const assuming =
    outcome.assuming.length === 0 ? "" : ` Assuming ${outcome.assuming.join(", ")} (unknown here).`;
  return {
    rule: rule.id,
    priority: isActive ? null : rule.status === "mainline" ? "P1" : "P3",
    verdict: state === "active" && !isActive ? VERDICT.partial : VERDICT[state],
    kernel: kernelNames(graph, rows),
    of: kernelIds(graph, rows),
    category: graph.symbols[graph.symbolOf[rows[0]!]!]!.category,
    location: graph.sites[graph.siteOf[rows[0]!]!]!.location,
    totalUs: toUs(outcome.relatedNs),
    sharePct,
    exclusivePct: percent(exclusive, outcome.relatedNs),
    hiddenPct,
    saveAtMostUs: toUs(outcome.saveAtMostNs),
    dependencyRisk: "low",
    recommendation: isActive
      ? "nothing to do"
      : [rule.toggle === null ? null : `try ${rule.toggle}`, message("advice")]
          .filter((part) => part !== null)
          .join(": "),
    rationale: `${message("verdict") ?? `${rule.title}: ${VERDICT[state]}.`}${assuming}`,
    status: rule.status,
    sources: rule.sources.map(reportSource),
  };
}

function kernelIds(graph: KernelGraph, rows: readonly Row[]): readonly string[] {
  const time = new TimeBy<string>();
  for (const row of rows)
    time.add(kernelNameAt(graph.trace, row).demangled, graph.trace.gpu.duration[row]!);
  return time.ranked().map(([name]) => kernelId(name));
}

/** The two kernels with most time, in short. */
function kernelNames(graph: KernelGraph, rows: readonly Row[]): string {
  const { gpu, kernelNames: names } = graph.trace;
  const time = new TimeBy<string>();
  for (const row of rows) time.add(names[gpu.name[row]!]!.short, gpu.duration[row]!);
  const ranked = time.ranked().map(([name]) => name);
  return ranked.length <= 2
    ? ranked.join(" + ")
    : `${ranked.slice(0, 2).join(" + ")} + ${ranked.length - 2} more`;
}

import type { OverlapRow, TimelineReport } from "../../model/contracts/report.ts";
import type { Facts } from "../../model/facts.ts";
import type { RuleOutcome } from "../../model/finding.ts";
import type { Rule, RuleSet, StateName } from "../../model/rule.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import { gpuEnd, kernelNameAt } from "../../model/trace/trace.ts";
import { type Nanoseconds, percent, type Row, toUs } from "../../model/trace/units.ts";
import { citedSources, enginePath, pathRemark } from "../match/verdicts/engine-path.ts";
import { fillMessage } from "../tables/fuse-message.ts";
import { reportedState, reportSource } from "../tables/fuse-table.ts";
import { kernelId } from "../tables/kernel-id.ts";
import { TimeBy } from "../tables/time-by.ts";
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
  /** The host sets the pace: what runs beside what changes nothing. */
  readonly launchBound: boolean;
  /** Of this stage; without them nothing is known of the engine's version. */
  readonly facts?: Facts;
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
  { graph, stage, timeline, exposed, launchBound, facts = {} }: RuleRowsInput,
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
  const sides = state === "active" ? sidesOf(graph, exposed, outcome, entryOf) : null;
  const gainNs = sides === null ? 0 : Math.min(...sides.map(({ aloneNs }) => aloneNs));
  const isDone = isActive || (state === "active" && (sides === null || shorterIsHidden(sides)));
  const isProven = state !== "active" || !runsTwoBatches(graph, stage, rows);
  const path = enginePath(rule, facts);
  const remark = pathRemark(path);
  const assuming =
    outcome.assuming.length === 0 ? "" : ` Assuming ${outcome.assuming.join(", ")} (unknown here).`;
  const recommended = (): string => {
    if (isActive) return "nothing to do";
    if (isDone)
      return sides === null
        ? "it is on: on one stream, between two halves of an exchange"
        : `it is on: the shorter side is hidden, and more of the longer one (hidden ${hiddenPct.toFixed(1)}% together) has nothing to run beside`;
    if (launchBound) return "observe later - remove the launch bound first";
    if (state === "active")
      return `it is on, but only ${hiddenPct.toFixed(1)}% is hidden: look which side starts late, or fills the GPU by itself`;
    if (path?.state === "not-yet") return `update ${path.engine} to ${path.since} or later`;
    return [rule.toggle === null ? null : `try ${rule.toggle}`, message("advice")]
      .filter((part) => part !== null)
      .join(": ");
  };
  return {
    rule: rule.id,
    priority: isDone ? null : launchBound ? "P5" : rule.status === "mainline" ? "P1" : "P3",
    verdict: state === "active" && !isDone ? VERDICT.partial : VERDICT[state],
    kernel: kernelNames(graph, rows),
    of: kernelIds(graph, rows),
    category: graph.symbols[graph.symbolOf[rows[0]!]!]!.category,
    location: graph.sites[graph.siteOf[rows[0]!]!]!.location,
    totalUs: toUs(outcome.relatedNs),
    sharePct,
    exclusivePct: percent(exclusive, outcome.relatedNs),
    hiddenPct,
    saveAtMostUs: launchBound ? 0 : toUs(state === "active" ? gainNs : outcome.saveAtMostNs),
    dependencyRisk: "low",
    recommendation: recommended(),
    rationale: isProven
      ? `${message("verdict") ?? `${rule.title}: ${VERDICT[state]}.`}${remark === null ? "" : ` ${remark}`}${assuming}`
      : `${kernelNames(graph, rows)} run beside each other ${counts.active}x, but attention runs beside experts in this stage, which one batch never does: another micro-batch or a draft model is under way, and whether this is what the rule looks for ("${rule.title}") the trace does not tell.`,
    status: rule.status,
    sources: citedSources(rule.sources, facts).map(reportSource),
  };
}

/** One side of an overlap that runs, over all its occurrences. */
interface Side {
  readonly ns: Nanoseconds;
  /** What of it nothing on another stream hid. */
  readonly aloneNs: Nanoseconds;
}

/** The two sides of overlaps on two streams; null where the overlap is drawn on one. */
function sidesOf(
  { trace: { gpu } }: KernelGraph,
  { exclusive }: Exposure,
  { occurrences }: RuleOutcome,
  entryOf: ReadonlyMap<Row, number>,
): readonly [Side, Side] | null {
  const two = occurrences.filter(
    ({ state, rows }) =>
      state === "active" &&
      rows.length === 2 &&
      rows.every((side) => side.length > 0) &&
      gpu.stream[rows[0]![0]!] !== gpu.stream[rows[1]![0]!],
  );
  if (two.length === 0) return null;
  const side = (at: 0 | 1): Side => {
    const rows = [...new Set(two.flatMap((one) => one.rows[at]!))];
    return {
      ns: rows.reduce((sum, row) => sum + gpu.duration[row]!, 0),
      aloneNs: rows.reduce((sum, row) => sum + exclusive[entryOf.get(row)!]!, 0),
    };
  };
  return [side(0), side(1)];
}

function shorterIsHidden([a, b]: readonly [Side, Side]): boolean {
  const shorter = a.ns <= b.ns ? a : b;
  return percent(shorter.ns - shorter.aloneNs, shorter.ns) >= HIDDEN_ENOUGH_PCT;
}

/** What waits for each other within one batch: side by side it belongs to two. */
const ATTENTION: ReadonlySet<string> = new Set(["attention", "linear-attention"]);
const EXPERTS: ReadonlySet<string> = new Set(["moe-gemm", "dispatch-combine"]);

/** So much of the shorter of two kernels must run beside the other. */
const BESIDE = 0.2;

/**
 * True where attention runs beside experts on another stream, and the kernels in question are
 * neither: then two batches are under way (micro-batches, or a draft model beside its target), and
 * what a kernel's name says of its place in one layer is not proven. Linear in events.
 */
function runsTwoBatches(
  { trace: { gpu }, symbols, symbolOf }: KernelGraph,
  { events }: StageGraph,
  rows: readonly Row[],
): boolean {
  const categoryOf = (row: Row): string => symbols[symbolOf[row]!]!.category;
  if (rows.some((row) => ATTENTION.has(categoryOf(row)))) return false;
  /** Latest of each kind so far: enough, since a stream runs one at a time. */
  const latest = new Map<ReadonlySet<string>, Row>();
  for (const row of events) {
    for (const [mine, other] of [
      [ATTENTION, EXPERTS],
      [EXPERTS, ATTENTION],
    ] as const) {
      if (!mine.has(categoryOf(row))) continue;
      latest.set(mine, row);
      const beside = latest.get(other);
      if (beside === undefined || gpu.stream[beside] === gpu.stream[row]) continue;
      const shared = Math.min(gpuEnd(gpu, beside), gpuEnd(gpu, row)) - gpu.start[row]!;
      if (shared >= BESIDE * Math.min(gpu.duration[beside]!, gpu.duration[row]!) && shared > 0)
        return true;
    }
  }
  return false;
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

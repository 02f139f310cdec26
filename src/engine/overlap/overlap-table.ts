import { compareText } from "../../base/compare-text.ts";
import { hostIdlePct, MOSTLY_IDLE_PCT } from "../../model/contracts/launch-bound.ts";
import type { OverlapRow, TimelineReport } from "../../model/contracts/report.ts";
import type { Facts } from "../../model/facts.ts";
import type { RuleOutcome } from "../../model/finding.ts";
import type { RuleSet } from "../../model/rule.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import { GPU_KIND } from "../../model/trace/trace.ts";
import { percent, type Row, toUs } from "../../model/trace/units.ts";
import type { Limits } from "../limits/index.ts";
import type { Policy, PolicyFacts } from "../policy/policy.ts";
import { decided, PolicyEngine } from "../policy/policy-engine.ts";
import { medianOf } from "../spread.ts";
import { type FusionClaim, fusionClaims } from "../tables/fuse-table.ts";
import { kernelId } from "../tables/kernel-id.ts";
import { TimeBy } from "../tables/time-by.ts";
import { type DependencySignal, dependencySignal, StreamNeighbours } from "./dependency.ts";
import type { Exposure } from "./exposure.ts";
import { type KernelGroup, kernelGroups } from "./kernel-groups.ts";
import { Retiming } from "./retime.ts";
import { ruleRows } from "./rule-rows.ts";
import { type Waiting, waitingOf } from "./waiting.ts";
import { isExchange, WORK, WORK_NAME } from "./work-kind.ts";

/** Everything the overlap table of one stage is made from. */
export interface OverlapTableInput {
  readonly ruleSet: RuleSet;
  readonly graph: KernelGraph;
  readonly stage: StageGraph;
  readonly timeline: TimelineReport;
  readonly exposed: Exposure;
  readonly outcomes: readonly RuleOutcome[];
  /** What collectives need at least, to tell moving from waiting; null where nothing is known of it. */
  readonly limits: Pick<Limits, "floorNs"> | null;
  /** Null leaves only the rows of overlap rules. */
  readonly policy: Policy | null;
  /** Of this stage; without them nothing is known of the engine's version. */
  readonly facts?: Facts;
}

/**
 * The overlap rows of one stage: what known overlaps of the engine do (rules), then kernels that
 * run exposed or are hidden already, as the policy judges them. By priority, then time. With them the
 * kernels judged, for those who show when.
 */
export async function overlapTable(
  input: OverlapTableInput,
): Promise<{ readonly rows: readonly OverlapRow[]; readonly judged: readonly JudgedKernel[] }> {
  const judged = await judgedKernels(input);
  const rules = ruleRows({ ...input, launchBound: isLaunchBound(input.timeline) });
  const rows = [...rules, ...judged.map(({ row }) => row)].sort(byPriority);
  return { rows, judged };
}

/** A row of the overlap table that no rule made, with the kernels it is about. */
export interface JudgedKernel {
  readonly row: OverlapRow;
  readonly group: KernelGroup;
}

/** Kernels that the policy is asked about, those of most time; one behind them has less than a 2,000th of it. */
const MOST_JUDGED = 2000;

/** The kernels on which the policy has a verdict, most time first. */
async function judgedKernels(input: OverlapTableInput): Promise<JudgedKernel[]> {
  const { ruleSet, graph, stage, timeline, exposed, outcomes, policy } = input;
  if (policy === null) return [];
  const engine = PolicyEngine.of(policy);
  const neighbours = new StreamNeighbours(graph, stage);
  const retiming = new Retiming(graph, stage, exposed);
  const launchBound = isLaunchBound(timeline);
  const claims = fusionClaims(ruleSet, stage, outcomes);
  const judged: JudgedKernel[] = [];
  for (const group of kernelGroups(graph, stage, exposed).slice(0, MOST_JUDGED)) {
    const signal = dependencySignal(graph, stage, group.entries, neighbours);
    const saveAtMostUs = launchBound ? 0 : toUs(retiming.saveAtMost(group));
    const fusion = fusionOf(stage, group, claims);
    const waiting =
      group.work === WORK.comm
        ? waitingOf(durationsOf(graph, stage, group), floorsOf(input, group))
        : null;
    const facts = {
      ...groupFacts(group, signal, saveAtMostUs, launchBound, timeline),
      fusion: fusion === null ? "none" : fusion.state === "active" ? "active" : "open",
      waiting: waiting?.how ?? "never",
      exchange: isExchange(group.name),
      company: accompanied(graph, stage, exposed, group),
      direction: directionOf(graph, stage, group),
    };
    const verdict = decided(await engine.judge(facts), "row");
    if (verdict === undefined) continue;
    const { name, priority, recommendation } = verdict.params ?? {};
    const asks = typeof priority === "string";
    const row: OverlapRow = {
      rule: null,
      priority: asks ? priority : null,
      verdict: String(name),
      kernel: group.shortName,
      of: [kernelId(group.name)],
      category: group.category,
      location: locationOf(graph, stage, group),
      totalUs: toUs(group.totalNs),
      sharePct: percent(toUs(group.totalNs), timeline.gpuTimeUs),
      exclusivePct: percent(group.exclusiveNs, group.totalNs),
      hiddenPct: percent(group.hiddenNs, group.totalNs),
      // Waiting is not hidden, and what nothing runs beside hides behind nothing.
      saveAtMostUs: asks && facts.waiting !== "always" ? saveAtMostUs : 0,
      dependencyRisk: signal.risk,
      recommendation: filled(String(recommendation ?? ""), {
        rule: fusion?.rule ?? "",
        company: facts.company,
        launches: group.entries.length,
        late: waiting?.launches.length ?? 0,
      }),
      rationale:
        waiting !== null && facts.waiting !== "never" && !launchBound
          ? waitingText(waiting, durationsOf(graph, stage, group))
          : rationaleOf(signal, asks ? saveAtMostUs : 0, launchBound, timeline),
      status: null,
      sources: [],
    };
    judged.push({ row, group });
  }
  return judged;
}

/** What the policy may ask about a kernel; `rules/policy/overlap.yaml` lists it for its readers. */
function groupFacts(
  group: KernelGroup,
  { risk }: DependencySignal,
  saveAtMostUs: number,
  launchBound: boolean,
  timeline: TimelineReport,
): PolicyFacts {
  return {
    work: WORK_NAME[group.work],
    category: group.category,
    sharePct: percent(toUs(group.totalNs), timeline.gpuTimeUs),
    exclusivePct: percent(group.exclusiveNs, group.totalNs),
    hiddenPct: percent(group.hiddenNs, group.totalNs),
    exposedSharePct: percent(toUs(group.exclusiveNs), timeline.gpuTimeUs),
    averageUs: toUs(group.totalNs) / group.entries.length,
    launches: group.entries.length,
    risk,
    savePct: percent(saveAtMostUs, timeline.totalUs),
    launchBound,
  };
}

/** "{company} of {launches}" with the numbers in place. */
function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Launches that computation of other streams hid for the most part: then the run has independent work. */
function accompanied(
  { trace: { gpu } }: KernelGraph,
  { events }: StageGraph,
  { hiddenBy }: Exposure,
  { entries }: KernelGroup,
): number {
  let count = 0;
  for (const entry of entries)
    if (2 * hiddenBy[WORK.compute][entry]! > gpu.duration[events[entry]!]!) count++;
  return count;
}

/** Which way a copy goes; "none" for what is no copy between device and host. */
function directionOf(
  { trace: { gpu } }: KernelGraph,
  { events }: StageGraph,
  { name, entries }: KernelGroup,
): "to-gpu" | "to-host" | "none" {
  if (gpu.kind[events[entries[0]!]!] !== GPU_KIND.copy) return "none";
  if (/HtoD|(Host|Pinned|Pageable) -> Device/.test(name)) return "to-gpu";
  return /DtoH|Device -> (Host|Pinned|Pageable)/.test(name) ? "to-host" : "none";
}

/** What tells that a collective waits. */
function waitingText({ how, launches, needsNs }: Waiting, durations: Float64Array): string {
  const us = (ns: number): string => `${(ns / 1000).toFixed(0)} us`;
  if (how === "always")
    return `It takes ${us(medianOf(launches.map((at) => durations[at]!)))} as a rule where ${us(needsNs)} would do: the rest is waiting, which no overlap and no fusion takes away.`;
  const longest = Math.max(...launches.map((at) => durations[at]!));
  return `${launches.length} of ${durations.length} take up to ${us(longest)} where ${us(needsNs)} is usual: another rank came late.`;
}

/** The fusion that most launches of a kernel belong to, null without one. */
function fusionOf(
  { events }: StageGraph,
  { entries }: KernelGroup,
  claims: ReadonlyMap<Row, FusionClaim>,
): FusionClaim | null {
  const counts = new Map<string, { claim: FusionClaim; count: number }>();
  for (const entry of entries) {
    const claim = claims.get(events[entry]!);
    if (claim === undefined) continue;
    const known = counts.get(`${claim.rule} ${claim.state}`) ?? { claim, count: 0 };
    counts.set(`${claim.rule} ${claim.state}`, { claim, count: known.count + 1 });
  }
  for (const { claim, count } of counts.values()) if (2 * count > entries.length) return claim;
  return null;
}

function durationsOf(
  { trace: { gpu } }: KernelGraph,
  { events }: StageGraph,
  { entries }: KernelGroup,
): Float64Array {
  return Float64Array.from(entries, (entry) => gpu.duration[events[entry]!]!);
}

function floorsOf(
  { limits, stage: { events } }: OverlapTableInput,
  { entries }: KernelGroup,
): Float64Array | null {
  return limits && Float64Array.from(entries, (entry) => limits.floorNs[events[entry]!]!);
}

function rationaleOf(
  { reason }: DependencySignal,
  saveAtMostUs: number,
  launchBound: boolean,
  { totalUs }: TimelineReport,
): string {
  if (launchBound)
    return `The stage is launch-bound: hiding GPU work saves nothing until the host launches faster. ${sentence(reason)}`;
  if (saveAtMostUs === 0) return sentence(reason);
  const after = (totalUs - saveAtMostUs) / 1000;
  const change = percent(saveAtMostUs, totalUs);
  return `${sentence(reason)} Hidden completely, the stage would take ${after.toFixed(2)} ms instead of ${(totalUs / 1000).toFixed(2)} ms at best (-${change.toFixed(1)}%).`;
}

function sentence(reason: string): string {
  return `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`;
}

/** The place most of the kernel's time comes from. */
function locationOf(graph: KernelGraph, stage: StageGraph, group: KernelGroup): string | null {
  const bySite = new TimeBy<number>();
  for (const entry of group.entries) {
    const row = stage.events[entry]!;
    bySite.add(graph.siteOf[row]!, graph.trace.gpu.duration[row]!);
  }
  const byPlace = new TimeBy<string>();
  for (const [site, ns] of bySite.ranked()) {
    const { location, module } = graph.sites[site]!;
    if (location === null) continue;
    byPlace.add(module === null ? location : `${location} in ${module}`, ns);
  }
  return byPlace.ranked()[0]?.[0] ?? null;
}

/** P1 before P5 before what has no priority; then most time; then by name. */
function byPriority(a: OverlapRow, b: OverlapRow): number {
  return (
    compareText(a.priority ?? "~", b.priority ?? "~") ||
    b.totalUs - a.totalUs ||
    compareText(a.kernel, b.kernel)
  );
}

/**
 * True when the GPU mostly waits for the host to launch. Hiding a kernel behind another then saves
 * nothing: the time is not on the GPU.
 */
function isLaunchBound(timeline: TimelineReport): boolean {
  return hostIdlePct(timeline) >= MOSTLY_IDLE_PCT;
}

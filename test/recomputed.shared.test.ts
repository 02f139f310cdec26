import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { analyze } from "../src/commands/triage.ts";
import { type Action, REACHED_PCT } from "../src/model/contracts/action.ts";
import type { LedgerPart, LedgerRow } from "../src/model/contracts/ledger.ts";
import type { IdleCause, Report, StageReport } from "../src/model/contracts/report.ts";
import { DEFAULT_ANALYZE_OPTIONS } from "../src/model/options.ts";
import { renderReports } from "../src/report/render-reports.ts";
import { DEFAULT_RENDER_OPTIONS } from "../src/report/renderer.ts";
import { SHARED_TRACES } from "./support/shared-traces.ts";

const CASES = "../shared/cases/fusions";
const EXAMPLES = "examples";

function inputs(folder: string): string[] {
  return existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((one) => one.isDirectory() && !["cpu-only", "peer-pairs"].includes(one.name))
        .map(({ name }) => join(folder, name))
    : [];
}

/** The report as anybody gets it: JSON text, read again. */
async function reportOf(path: string): Promise<Report> {
  const { reports } = await analyze({
    ...DEFAULT_ANALYZE_OPTIONS,
    inputs: [path],
    rulesPath: "rules",
    minSharePct: 0,
  });
  const text = renderReports([reports[0]!], "json", DEFAULT_RENDER_OPTIONS);
  return JSON.parse(text) as Report;
}

/** Times are whole nanoseconds: what is added up in other orders differs below them. */
const ns = (us: number): number => Math.round(us * 1000);
const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);
const partUs = (ledger: readonly LedgerRow[], ...parts: readonly LedgerPart[]): number =>
  sum(ledger.filter(({ part }) => parts.includes(part)).map(({ us }) => us));

/** The parts that the coarser words of the timeline stand for. */
const CAUSE: Readonly<Record<IdleCause, readonly LedgerPart[]>> = {
  "host-launch": ["host", "before-graph"],
  "host-pause": ["host-pause"],
  synchronisation: ["sync"],
  "graph-launch": ["graph-launch"],
  hole: ["hole"],
  other: ["queued", "in-graph", "no-launch"],
};

function checkLedger({ ledger, timeline, kernels }: StageReport): void {
  expect(ns(sum(ledger.map(({ us }) => us)))).toBe(ns(timeline.totalUs));
  // Busy parts and idle parts are those of the timeline.
  expect(ns(partUs(ledger, "communication"))).toBe(ns(timeline.exposedCommUs));
  expect(ns(partUs(ledger, "copies"))).toBe(ns(timeline.exposedMemoryUs));
  expect(ns(partUs(ledger, "compute", "communication", "copies"))).toBe(ns(timeline.busyUs));
  for (const { cause, us } of timeline.idleCauses)
    expect(ns(partUs(ledger, ...CAUSE[cause])), cause).toBe(ns(us));
  const holes = partUs(ledger, "hole");
  for (const { part, us, pct, of, usOf, pieces, longestUs } of ledger) {
    expect(pct).toBeCloseTo((100 * us) / (timeline.totalUs - (part === "hole" ? 0 : holes)), 3);
    // Each row is its kernels' time.
    expect(usOf.length).toBe(of.length);
    expect(ns(sum(usOf))).toBe(ns(us));
    expect(ns(longestUs)).toBeLessThanOrEqual(ns(us));
    // Each piece is told to the nanosecond.
    expect(pieces * (ns(longestUs) + 1)).toBeGreaterThanOrEqual(ns(us));
  }
  // No kernel has more busy time in the ledger than it took, and each that took time is in it.
  const busy = new Map<string, number>();
  for (const { part, of, usOf } of ledger)
    if (["compute", "communication", "copies"].includes(part))
      for (const [at, id] of of.entries()) busy.set(id, (busy.get(id) ?? 0) + usOf[at]!);
  const known = new Map(kernels.map((kernel) => [kernel.id, kernel]));
  for (const [id, us] of busy) {
    expect(known.has(id), id).toBe(true);
    expect(ns(us)).toBeLessThanOrEqual(ns(known.get(id)!.totalUs) + 1);
  }
}

/** What stands at and above the limit is the time of the kernels' work less its floor. */
function checkLimits({ ledger, kernels }: StageReport): void {
  const atLimit = new Map<string, number>();
  for (const { reason, of, usOf } of ledger)
    if (reason === "at-limit")
      for (const [at, id] of of.entries()) atLimit.set(id, (atLimit.get(id) ?? 0) + usOf[at]!);
  for (const { id, limit } of kernels)
    if (atLimit.has(id)) expect(ns(atLimit.get(id)!)).toBeLessThanOrEqual(ns(limit!.floorUs!) + 1);
}

function checkAction(action: Action, { stages }: Report): void {
  const { saves, likelyUs, evidence, claims } = action;
  const stage = stages.find((one) => one.stage === action.stage)!;
  const { ledger, kernels, timeline } = stage;
  const stepUs = timeline.totalUs - partUs(ledger, "hole");
  expect(saves.pctOfStep).toBeCloseTo((100 * (saves.kernelUs + saves.gapUs)) / stepUs, 3);
  // Kernels: those of the report, with no more launches and time than they have.
  const known = new Map(kernels.map((kernel) => [kernel.id, kernel]));
  for (const { id, launches, us, leavesUs } of evidence.kernels) {
    expect(launches).toBeLessThanOrEqual(known.get(id)!.launches);
    expect(ns(us)).toBeLessThanOrEqual(ns(known.get(id)!.totalUs));
    expect(leavesUs).toBeLessThanOrEqual(us);
    expect(claims).toContain(id);
  }
  const gone = evidence.kernels.map(({ us, leavesUs }) => us - leavesUs);
  expect(Math.abs(ns(evidence.gpuUs) - ns(sum(gone)))).toBeLessThanOrEqual(gone.length);
  expect(ns(saves.kernelUs)).toBeLessThanOrEqual(ns(evidence.gpuUs) + 1);
  // Idle time: no more of a part than the ledger has.
  for (const { part, us } of evidence.idle)
    expect(ns(us)).toBeLessThanOrEqual(ns(partUs(ledger, part)));
  if (evidence.idle.length > 0) {
    expect(saves.kernelUs).toBe(0);
    expect(ns(saves.gapUs)).toBe(ns(sum(evidence.idle.map(({ us }) => us))));
  }
  if (evidence.idleUs !== null) expect(ns(saves.gapUs)).toBeLessThanOrEqual(ns(evidence.idleUs));
  // What is likely: of a limit the part that kernels reach.
  const reached = evidence.kernels.map(({ us, leavesUs }) =>
    Math.max(0, us - (100 / REACHED_PCT) * leavesUs),
  );
  const whole = saves.kernelUs + saves.gapUs;
  const isLimit = likelyUs < whole;
  const likely = isLimit ? (whole * sum(reached)) / evidence.gpuUs : whole;
  expect(Math.abs(ns(likelyUs) - ns(likely))).toBeLessThanOrEqual(1 + 2 * reached.length);
}

function checkFusion(action: Action, { stages }: Report): void {
  const row = stages
    .find((one) => one.stage === action.stage)!
    .fuse.find(({ rule }) => rule === action.rule)!;
  // Every kernel that a fusion takes is in the row's evidence by name, and no launch is counted twice.
  const launches = sum(row.evidence.map((one) => one.launches));
  expect(sum(action.evidence.kernels.map((one) => one.launches))).toBeLessThanOrEqual(launches);
  expect(ns(action.evidence.gpuUs)).toBeLessThanOrEqual(ns(row.relatedUs));
}

const PATHS = [...inputs(EXAMPLES), ...inputs(SHARED_TRACES), ...inputs(CASES)];

describe("every number of ledger and actions from the JSON (with ../shared where it is)", () => {
  test.each(PATHS)("%s", async (path) => {
    const report = await reportOf(path);
    for (const stage of report.stages) {
      checkLedger(stage);
      checkLimits(stage);
    }
    for (const action of report.actions) {
      checkAction(action, report);
      if (action.rule !== null) checkFusion(action, report);
    }
    // Best first, what may be believed before all.
    const order = report.actions.map(({ kind, likelyUs }) =>
      kind === "recording" ? Infinity : likelyUs,
    );
    expect(order).toEqual([...order].sort((a, b) => b - a));
  });
});

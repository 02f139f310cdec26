import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { analyze } from "../src/commands/triage.ts";
import type { LedgerPart } from "../src/model/contracts/ledger.ts";
import type { Report } from "../src/model/contracts/report.ts";
import { DEFAULT_ANALYZE_OPTIONS } from "../src/model/options.ts";

const SHARED = "../shared";
const TRACES = join(SHARED, "traces");
const EXPERT = join(SHARED, "actions/actions.json");
const CASES = join(SHARED, "cases/fusions");

/** What an expert measured on the raw JSON, and what must not be recommended. */
interface Expert {
  readonly stepUs: number;
  readonly parts: Readonly<Record<string, number>>;
  readonly mustNot: readonly { readonly words: string; readonly why: string }[];
}

/** The expert's names of our parts. */
const PART: Readonly<Record<string, LedgerPart>> = {
  compute: "compute",
  exposedCommunication: "communication",
  exposedCopiesFills: "copies",
  idleHost: "host",
  idleAfterSync: "sync",
  idleDataLoaderAndHostPauses: "host-pause",
  idleHostBeforeGraph: "before-graph",
  idleGraphLaunch: "graph-launch",
  gapsInGraph: "in-graph",
  gpuSideGap: "queued",
  noLaunch: "no-launch",
  recordingHole: "hole",
};

async function reportOf(path: string): Promise<Report> {
  const { reports } = await analyze({
    ...DEFAULT_ANALYZE_OPTIONS,
    inputs: [path],
    rulesPath: "rules",
    minSharePct: 0,
  });
  return reports[0]!;
}

function partUs({ stages }: Report, part: LedgerPart): number {
  const rows = stages.flatMap(({ ledger }) => ledger.filter((row) => row.part === part));
  return rows.reduce((sum, { us }) => sum + us, 0);
}

function wholePaths(folder: string): string[] {
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name !== "cpu-only" && name !== "peer-pairs" && !name.endsWith(".md"))
        .map((name) => join(folder, name))
    : [];
}

describe.skipIf(!existsSync(TRACES))("the ledger of real traces (needs ../shared)", () => {
  test.each([...wholePaths(TRACES), ...wholePaths(CASES)])(
    "%s adds up to its wall time to the nanosecond",
    async (path) => {
      for (const { ledger, timeline } of (await reportOf(path)).stages) {
        const ns = ledger.reduce((sum, { us }) => sum + Math.round(us * 1000), 0);
        expect(ns).toBe(Math.round(timeline.totalUs * 1000));
      }
    },
  );
});

describe.skipIf(!existsSync(EXPERT))("what an expert reads off (needs ../shared)", () => {
  const experts = existsSync(EXPERT)
    ? (JSON.parse(readFileSync(EXPERT, "utf8")) as Readonly<Record<string, Expert>>)
    : {};

  test.each(Object.entries(experts))(
    "%s: parts within one percent of the step, nothing that must not be said",
    async (name, { stepUs, parts, mustNot }) => {
      const report = await reportOf(join(TRACES, name));
      for (const [theirs, us] of Object.entries(parts)) {
        if (theirs === "rest") continue;
        const ours = partUs(report, PART[theirs]!);
        expect(Math.abs(ours - us), `${theirs}: ${ours} instead of ${us}`).toBeLessThan(
          0.01 * stepUs,
        );
      }
      const said = report.actions.map((action) => `${action.title} ${action.do}`).join("\n");
      for (const { words, why } of mustNot) expect(said, why).not.toMatch(new RegExp(words, "i"));
    },
  );
});

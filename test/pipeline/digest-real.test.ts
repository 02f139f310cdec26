import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { diffSides } from "../../src/commands/diff.ts";
import { type DigestOutcome, writeDigests } from "../../src/commands/digest.ts";
import { ranksSideBySide } from "../../src/commands/ranks.ts";
import { analyze } from "../../src/commands/triage.ts";
import { diffReports } from "../../src/diff/diff-reports.ts";
import { DEFAULT_THRESHOLDS } from "../../src/diff/noise.ts";
import type { Report } from "../../src/model/contracts/report.ts";
import { TriageError } from "../../src/model/errors.ts";
import { type AnalyzeOptions, DEFAULT_ANALYZE_OPTIONS } from "../../src/model/options.ts";
import { asContract } from "../../src/report/document/json.ts";
import { RANKS_FORMATS } from "../../src/report/ranks/document.ts";
import { hasSharedTraces, SHARED_TRACES, sharedTraces } from "../support/shared-traces.ts";

const TERMINAL = { width: 120, color: false };
const OPTIONS: AnalyzeOptions = {
  ...DEFAULT_ANALYZE_OPTIONS,
  ...{ inputs: [], rulesPath: "rules", minSharePct: 0, jobs: 1, nearMisses: true },
};
const at = (...inputs: string[]): AnalyzeOptions => ({ ...OPTIONS, inputs });

/** `FUSE_TRIAGE_ALL_TRACES=1` takes the large ones, too, which need minutes and show nothing else. */
const TAKES_ALL = process.env.FUSE_TRIAGE_ALL_TRACES === "1";
const MOST_BYTES = TAKES_ALL ? Infinity : 400_000;
const ONE_IN = TAKES_ALL ? 1 : 6;

const traces = sharedTraces().filter((path) => statSync(path).size <= MOST_BYTES);
/** Folders that hold traces, as one would hand them over. */
const folders = hasSharedTraces
  ? readdirSync(SHARED_TRACES)
      .map((name) => join(SHARED_TRACES, name))
      .filter((path) => statSync(path).isDirectory() && bytesIn(path) <= MOST_BYTES)
      .sort()
  : [];

function bytesIn(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  return files
    .filter((file) => file.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

/** Later tests take the digests of earlier ones. */
const room = mkdtempSync(join(tmpdir(), "fuse-triage-"));
let made = 0;
afterAll(() => rmSync(room, { recursive: true, force: true }));

async function digested(options: AnalyzeOptions): Promise<readonly DigestOutcome[]> {
  const output = `${join(room, String(made++))}/`;
  return writeDigests({ analyze: options, build: null, output, resume: false });
}

/** What came of it, or the code of what was said instead. */
async function told<T>(answer: () => Promise<T>): Promise<T | string> {
  try {
    return await answer();
  } catch (error) {
    if (!(error instanceof TriageError)) throw error;
    return error.code;
  }
}

const reportsOf = async (options: AnalyzeOptions): Promise<readonly Report[]> =>
  (await analyze(options)).reports.map((one) => asContract(one, "report") as Report);

describe.skipIf(!hasSharedTraces)("digests of real traces answer as the traces do", () => {
  const digestOf = new Map<string, string>();
  const ofTrace = new Map<string, Report>();

  test.each(traces)("report: %s", async (trace) => {
    const [outcome] = await digested(at(trace));
    const expected = await told(() => reportsOf(at(trace)));
    if (typeof expected === "string") {
      expect(outcome!.error?.code).toBe(expected);
      return;
    }
    const digest = outcome!.path;
    expect(JSON.stringify(await reportsOf(at(digest)))).toBe(JSON.stringify(expected));
    digestOf.set(trace, digest);
    ofTrace.set(trace, expected[0]!);
  });

  test("diff: every pair in both directions", async () => {
    const sides = await Promise.all(
      [...digestOf].map(async ([trace, digest]) => {
        const [own] = await reportsOf(at(digest));
        return { trace: ofTrace.get(trace)!, digest: own! };
      }),
    );
    const answer = (before: Report, after: Report) =>
      told(async () => JSON.stringify(diffReports(before, after, DEFAULT_THRESHOLDS)));
    for (const before of sides)
      for (const after of sides)
        expect(await answer(before.digest, after.digest)).toBe(
          await answer(before.trace, after.trace),
        );
    expect(sides.length).toBeGreaterThan(TAKES_ALL ? 30 : 20);
  });

  test("diff: a trace against the next one's digest, through the command", async () => {
    const small = traces.filter((path) => digestOf.has(path) && statSync(path).size < 300_000);
    for (const [index, after] of small.entries()) {
      if (index % ONE_IN !== 0) continue;
      const before = small.at(index - 1)!;
      const answer = async (one: string, other: string) =>
        JSON.stringify(
          await diffSides({
            ...{ before: one, after: other, analyze: OPTIONS, gates: [], budgets: [] },
            thresholds: DEFAULT_THRESHOLDS,
          }),
        );
      const expected = await answer(before, after);
      expect(await answer(digestOf.get(before)!, after)).toBe(expected);
      expect(await answer(digestOf.get(before)!, digestOf.get(after)!)).toBe(expected);
    }
  });

  test.each(folders)("folder, every rank's report: %s", async (folder) => {
    const options = { ...at(folder), allRanks: true };
    const outcomes = await told(() => digested(options));
    const expected = await told(() => reportsOf(options));
    if (typeof outcomes === "string") {
      expect(outcomes).toBe(expected);
      return;
    }
    const failed = outcomes.filter(({ error }) => error !== null);
    if (typeof expected === "string") {
      expect(failed[0]!.error!.code).toBe(expected);
      return;
    }
    expect(failed).toEqual([]);
    const paths = outcomes.map(({ path }) => path);
    const own = await reportsOf({ ...at(...paths), allRanks: true });
    expect(JSON.stringify(own)).toBe(JSON.stringify(expected));
  });

  /** Ranks of one job; traces of several jobs, which are told to be that; one trace alone. */
  const sets = [
    ...folders.map((folder) => traces.filter((path) => dirname(path) === folder)),
    ...["-1.json.gz", "-2.json.gz"].map((end) => traces.filter((path) => path.endsWith(end))),
    traces.filter((path) => /moe-b200-ep/.test(path)),
    traces.filter((path) => /train-rtx3060/.test(path)),
  ].filter((set) => set.length > 0);

  test.each(sets)("ranks: %s …", async (...set) => {
    const digests = set.map((path) => digestOf.get(path)).filter((path) => path !== undefined);
    const readable = set.filter((path) => digestOf.has(path));
    const answer = async (...inputs: string[]) => {
      const report = await told(() => ranksSideBySide(at(...inputs)));
      if (typeof report === "string") return report;
      return (["json", "text", "markdown", "html"] as const)
        .map((format) => RANKS_FORMATS[format](report, TERMINAL))
        .join("\n");
    };
    expect(await answer(...digests)).toBe(await answer(...readable));
  });
});

test.skipIf(hasSharedTraces)("real traces are not here: their comparison is skipped", () => {
  expect(traces).toEqual([]);
});

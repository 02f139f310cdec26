import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { writeDigests } from "../../src/commands/digest.ts";
import { askFleet, fleetOf } from "../../src/commands/fleet.ts";
import { analyze } from "../../src/commands/triage.ts";
import { DEFAULT_ANALYZE_OPTIONS } from "../../src/model/options.ts";
import { FLEET_FORMATS } from "../../src/report/fleet/document.ts";
import { readStored } from "../../src/report/read-report.ts";
import { builtCommand, runCommand } from "../support/built-cli.ts";
import { regressionPair } from "../support/synth/pairs.ts";
import { traceText } from "../support/synth/serialise.ts";
import type { SynthTrace } from "../support/synth/trace.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const schema = JSON.parse(readFileSync("references/fleet.schema.json", "utf8"));
const validate = new Ajv2020({ strict: true, strictTypes: false, allErrors: true }).compile(schema);
const PAGE = { width: 120, color: false };

/** Digests of two runs in each build. */
async function fleet(builds: Readonly<Record<string, readonly SynthTrace[]>>): Promise<string> {
  const out = temporaryFolder({});
  for (const [build, traces] of Object.entries(builds)) {
    const texts = traces.map((trace, run) => [`run-${run}.trace.json`, traceText(trace)]);
    const folder = temporaryFolder(Object.fromEntries(texts));
    for (const [name] of texts)
      await writeDigests({
        analyze: {
          ...DEFAULT_ANALYZE_OPTIONS,
          ...{ inputs: [join(folder, name!)], rulesPath: "rules", jobs: 1 },
        },
        ...{ build: null, output: `${join(out, build)}/`, resume: false },
      });
  }
  return out;
}

/** What the first actions of a build's reports save of a step, the mean of two. */
async function firstSaves(folder: string, build: string): Promise<number> {
  const saves = await Promise.all(
    [0, 1].map(async (run) => {
      const digest = join(folder, build, `run-${run}.trace.json.digest.parquet`);
      const { reports } = await analyze({
        ...DEFAULT_ANALYZE_OPTIONS,
        ...{ inputs: [digest], rulesPath: "rules", jobs: 1 },
      });
      const { actions, stages } = reports[0]!;
      const most = actions.toSorted((a, b) => b.saves.pctOfStep - a.saves.pctOfStep)[0]!;
      const { steps } = stages.find(({ stage }) => stage === most.stage)!;
      return (most.saves.kernelUs + most.saves.gapUs) / steps;
    }),
  );
  return (saves[0]! + saves[1]!) / 2;
}

const [one, two] = [regressionPair(5), regressionPair(7)];

test("a regression between two nights: the kernel, the rule and the rest are told", async () => {
  const folder = await fleet({
    "nightly-9": [one.before, two.before],
    "nightly-10": [one.after, two.after],
  });
  writeFileSync(join(folder, "nightly-10", "cut.digest.parquet"), "PAR1");
  const report = await fleetOf(folder);
  const json = FLEET_FORMATS.json(report, PAGE);
  expect(validate(JSON.parse(json)), JSON.stringify(validate.errors)).toBe(true);
  expect(report.builds.map(({ build }) => build)).toEqual(["nightly-9", "nightly-10"]);
  expect(report.slower.map(({ shortName }) => shortName)).toEqual([
    expect.stringMatching(/attention|flash|fmha/i),
  ]);
  expect(report.slower[0]!.growthPct).toBeGreaterThan(55);
  expect(report.slower[0]!.growthPct).toBeLessThan(65);
  expect(report.flips.map(({ rule, from, to }) => `${rule}: ${from} to ${to}`)).toEqual([
    "sgl-flashinfer-allreduce-rmsnorm: active to split",
    "sgl-moe-sum-allreduce: absent to split",
  ]);
  expect(report.left[0]).toMatchObject({ build: "nightly-10", digests: 2 });
  expect(report.left[0]!.savesUs).toBeCloseTo(await firstSaves(folder, "nightly-10"), 3);
  expect(report.steps[0]!.builds[1]!.stepUs).toBeGreaterThan(report.steps[0]!.builds[0]!.stepUs!);
  expect(report.damaged.map(({ path }) => path)).toEqual([expect.stringContaining("cut.digest")]);
  expect(FLEET_FORMATS.text(report, PAGE)).toContain("nightly-9 to nightly-10");
  const html = FLEET_FORMATS.html(report, PAGE);
  expect(html.match(/class="hot"/g)).toHaveLength(2 * report.steps.length);
  expect(readStored(json, "fleet.json").name).toBe("fleet");
  const sql =
    "SELECT build, count(*) AS stages FROM rows WHERE part = 'stage' GROUP BY ALL ORDER BY build;";
  expect(await askFleet(folder, sql)).toEqual([
    { build: "nightly-10", stages: 2 },
    { build: "nightly-9", stages: 2 },
  ]);
  await expect(askFleet(folder, "SELECT nothing FROM rows")).rejects.toMatchObject({
    code: "fleet/sql",
  });
});

test("the same work twice: nothing flipped, nothing got slower", async () => {
  const report = await fleetOf(await fleet({ a: [one.before], b: [two.before] }));
  expect(report).toMatchObject({ flips: [], slower: [] });
  expect(report.changes.map(({ facts, isOtherRules }) => [facts, isOtherRules])).toEqual(
    report.changes.map(() => [[], false]),
  );
});

test("without digests, or without DuckDB, it says what to do", () => {
  const none = runCommand(builtCommand("triage"), ["fleet", temporaryFolder({})]);
  expect(none.code).toBe(3);
  expect(none.err).toContain("triage digest TRACE");
  // The program by itself, as a wheel or a bundle has it.
  const apart = temporaryFolder({});
  for (const part of ["dist", "package.json", "references"])
    cpSync(part, join(apart, part), { recursive: true, filter: (path) => !path.endsWith(".map") });
  const digests = temporaryFolder({});
  const trace = "examples/sglang-tp2-decode";
  runCommand(builtCommand("triage"), ["digest", trace, "--rules", "rules", "-o", `${digests}/`]);
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(apart, "dist/cli/triage.js"), "fleet", digests],
    { cwd: apart, encoding: "utf8", env: { ...process.env, PATH: "" } },
  );
  expect(status).toBe(2);
  expect(stderr).toContain("pip install duckdb-cli");
});

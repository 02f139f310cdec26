import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, describe, expect, test } from "vitest";
import { diffReports } from "../../src/diff/diff-reports.ts";
import { DEFAULT_THRESHOLDS } from "../../src/diff/noise.ts";
import { DIFF_FORMATS } from "../../src/report/diff/document.ts";
import { hostileReport } from "../report/samples.ts";
import { builtCommand, runCommand } from "../support/built-cli.ts";

const TRIAGE = builtCommand("triage");
const PREFILL = "examples/sglang-tp2-prefill";
const DECODE = "examples/sglang-tp2-decode";
const schema = JSON.parse(readFileSync("references/diff.schema.json", "utf8"));
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);
const folder = mkdtempSync(join(tmpdir(), "fuse-triage-diff-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const saved = join(folder, "decode.json");
runCommand(TRIAGE, [DECODE, "--format", "json", "--output", saved]);
const report = JSON.parse(readFileSync(saved, "utf8"));

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

/** The report with every kernel of half as much time more. */
function slower(): string {
  const changed = structuredClone(report);
  for (const stage of changed.stages) {
    for (const times of [stage.stepTimes.duration, stage.stepTimes.gpuTime])
      for (const key of Object.keys(times)) times[key] *= 1.5;
    for (const row of [...stage.kernels, ...(stage.layers?.template ?? [])])
      for (const key of ["medianUs", "p10Us", "p90Us", "avgUs"]) row[key] *= 1.5;
    for (const row of stage.kernels) row.totalUs *= 1.5;
  }
  return file("slower.json", changed);
}

const diff = (...args: string[]) => runCommand(TRIAGE, ["diff", ...args]);

test("a trace gives the same comparison as its own report", () => {
  const reports = diff(saved, saved, "--format", "json");
  expect({ code: reports.code, err: reports.err }).toEqual({ code: 0, err: "" });
  expect(diff(DECODE, saved, "--format", "json").out).toBe(reports.out);
  const found = JSON.parse(reports.out);
  expect(validate(found), JSON.stringify(validate.errors)).toBe(true);
  expect(found.verdict.change).toBe("identical");
});

describe("a comparison that found something", () => {
  test("fits the schema, keeps key order and exits 0 unless asked", () => {
    const { code, out } = diff(saved, slower(), "--format", "json");
    expect(code).toBe(0);
    const found = JSON.parse(out);
    expect(validate(found), JSON.stringify(validate.errors)).toBe(true);
    expect(Object.keys(found)).toEqual(Object.keys(schema.properties));
    expect(found.verdict.change).toBe("slower");
  });

  test("fails gates and budgets with 1, and says which", () => {
    const { code, err, out } = diff(
      saved,
      slower(),
      "--fail-on",
      "regression",
      "--budget",
      "decode.idle<=+2%",
      "--budget",
      "mixed.gpuTime<=+2%",
    );
    expect(code).toBe(1);
    expect(err).toContain("gate failed: regression: stages that are slower: 1 (decode, 50.0%)");
    expect(err).toContain("budget failed: mixed.gpuTime<=+2%: no stage mixed is in both reports");
    expect(err).not.toContain("decode.idle");
    expect(out).toContain("Kernels that changed");
  });

  test.each(["text", "markdown", "html"])("as %s names the kernel and the verdict", (format) => {
    const { code, out } = diff(saved, slower(), "--format", format);
    expect(code).toBe(0);
    expect(out).toMatch(/slower/);
    expect(out).toContain("Before");
  });
});

test("stages without a counterpart are said", () => {
  const { code, out } = diff(PREFILL, DECODE);
  expect(code).toBe(0);
  expect(out).toMatch(/Only before has a stage prefill\.\s+Only after has a stage\s+decode\./);
});

test.each([
  [
    "another version",
    () => file("v9.json", { ...report, schemaVersion: 9 }),
    /Version 9 of the report/,
  ],
  ["a field missing", () => file("short.json", { ...report, stages: [{}] }), /schema of reports/],
  ["a cut report", () => file("cut.json", JSON.stringify(report).slice(0, 900)), /no whole JSON/],
  ["foreign JSON", () => file("foreign.json", { hello: "world" }), /foreign\.json/],
  ["nothing", () => join(folder, "missing"), /missing/],
])("%s is refused with 3", (_, path, message) => {
  const { code, err } = diff(saved, path());
  expect(err).toMatch(message);
  expect(code).toBe(3);
});

test.each([
  [[saved], "Name two traces or reports"],
  [[saved, saved, saved], "Name two traces or reports"],
  [[saved, saved, "--budget", "decode.gpuTme<=2%"], "Did you mean 'gpuTime'?"],
  [[saved, saved, "--fail-on", "regresion"], "Did you mean 'regression'?"],
  [[saved, saved, "--format", "jsn"], "Did you mean json?"],
] as const)("wrong usage %# is told with 2", (args, message) => {
  const { code, err } = diff(...args);
  expect(err).toContain(message);
  expect(code).toBe(2);
});

test("the HTML page runs nothing, whatever kernels are called", () => {
  const hostile = hostileReport();
  const compared = diffReports(
    { ...hostile, stages: hostile.stages.map((stage) => ({ ...stage, kernels: [], fuse: [] })) },
    { ...hostile, minSharePct: 0 },
    DEFAULT_THRESHOLDS,
  );
  const tool = { name: "<script>alert(1)</script>", version: "1" };
  const options = { width: 100, color: false, failures: ["<img src=x onerror=alert(1)>"] };
  const html = DIFF_FORMATS.html({ ...compared, tool, budgets: [] }, options);
  expect(html).toContain("default-src 'none'");
  const tags = new Set([...html.matchAll(/<([a-z][a-z0-9]*)/g)].map(([, tag]) => tag));
  expect([...tags].filter((tag) => ["script", "img", "iframe", "svg"].includes(tag!))).toEqual([]);
  expect(html).not.toMatch(/href="(?!https:)/);
});

test("help tells budgets and exit codes", () => {
  const { out } = diff("--help");
  expect(out).toContain("triage diff BEFORE AFTER");
  expect(out).toContain("--budget");
  expect(runCommand(TRIAGE, ["--help"]).out).toContain("diff");
});

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { displayWidth } from "../../src/report/text/width.ts";
import { builtCommand, type Ending, runCommand } from "../support/built-cli.ts";
import { hasSharedTraces, SHARED_TRACES } from "../support/shared-traces.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const TRIAGE = builtCommand("triage");
const EXAMPLE = "examples/sglang-tp2-decode";
const schema = JSON.parse(readFileSync("references/report.schema.json", "utf8"));
const validate = new Ajv2020({ strict: true, strictTypes: false }).compile(schema);

const runs = new Map<string, Ending>();

/** Equal command lines run once: that they give equal bytes has a test of its own. */
function triage(args: readonly string[], env: Readonly<Record<string, string>> = {}): Ending {
  const key = JSON.stringify([args, env]);
  const known = runs.get(key) ?? runCommand(TRIAGE, args, env);
  runs.set(key, known);
  return known;
}

describe("a report", () => {
  test("as text names the trace, the engine and the stage, and remarks on nothing", () => {
    const { code, out, err } = triage([EXAMPLE]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain(`${EXAMPLE}/1775078603.4170518-TP-0-DECODE.trace.json.gz`);
    expect(out).toMatch(/Run +SGLang · /);
    expect(out).toMatch(/══ decode \(\d+ steps, annotation\)/);
    expect(out).toContain("\nSummary\ndecode ");
  });

  test("as JSON fits the schema, twice the same bytes, and is what the text says", () => {
    const first = triage([EXAMPLE, "--format", "json", "--min-share", "0"]);
    expect(first.code).toBe(0);
    const report = JSON.parse(first.out);
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    const again = runCommand(TRIAGE, [EXAMPLE, "--format", "json", "--min-share", "0"]);
    expect(again.out).toBe(first.out);
    const [decode] = report.stages;
    const total = decode.kernels.reduce(
      (sum: number, { totalUs }: { totalUs: number }) => sum + Math.round(totalUs * 1000),
      0,
    );
    expect(total).toBe(Math.round(decode.timeline.gpuTimeUs * 1000));
    expect(triage([EXAMPLE]).out).toContain(decode.kernels[0].shortName);
  });

  test("of every rank is an array, by rank", () => {
    const { out } = triage([EXAMPLE, "--all-ranks", "--format", "json"]);
    const reports = JSON.parse(out);
    expect(reports.map((one: { traces: { rank: number }[] }) => one.traces[0]!.rank)).toEqual([
      0, 1,
    ]);
  });

  test("hides and counts rows below --min-share", () => {
    const all = JSON.parse(triage([EXAMPLE, "--format", "json", "--min-share", "0"]).out);
    const some = JSON.parse(triage([EXAMPLE, "-f", "json", "--min-share", "5"]).out);
    const rows = (of: typeof all): number => of.stages[0].kernels.length;
    expect(rows(some)).toBeLessThan(rows(all));
    expect(some.hiddenRows.kernels).toBe(rows(all) - rows(some));
    expect(all.hiddenRows.kernels).toBe(0);
  });

  test.each([60, 80, 200])("fits into %s columns", (columns) => {
    const { out } = triage([EXAMPLE], { COLUMNS: String(columns) });
    expect(out.split("\n").filter((line) => displayWidth(line) > columns)).toEqual([]);
  });
});

describe("colour", () => {
  const hasColor = (out: string): boolean => out.includes("\u001b[");

  test("stays away from pipes unless forced, and from files always", () => {
    expect(hasColor(triage([EXAMPLE]).out)).toBe(false);
    expect(hasColor(triage([EXAMPLE], { FORCE_COLOR: "1" }).out)).toBe(true);
    expect(hasColor(triage([EXAMPLE, "--no-color"], { FORCE_COLOR: "1" }).out)).toBe(false);
    const file = join(temporaryFolder({}), "report.txt");
    triage([EXAMPLE, "--output", file], { FORCE_COLOR: "1" });
    expect(hasColor(readFileSync(file, "utf8"))).toBe(false);
  });

  test("of errors follows the same rules", () => {
    expect(triage(["--nope"], { FORCE_COLOR: "1" }).err).toContain("\u001b[31merror:\u001b[39m");
    expect(triage(["--nope"], { NO_COLOR: "1" }).err).toBe(
      "error: Unknown option --nope.\n  do: see triage --help\n  (usage/unknown-option)\n",
    );
  });
});

test("--output writes the report, whole, and nothing to stdout", () => {
  const folder = temporaryFolder({});
  const { code, out, err } = triage([EXAMPLE, "-f", "markdown", "-o", join(folder, "r.md")]);
  expect({ code, out, err }).toEqual({ code: 0, out: "", err: "" });
  expect(readFileSync(join(folder, "r.md"), "utf8")).toBe(triage([EXAMPLE, "-f", "markdown"]).out);
  expect(readdirSync(folder)).toEqual(["r.md"]);
});

test("a reader that closes the pipe early is no error", () => {
  const line = `set -o pipefail; ${process.execPath} ${TRIAGE} ${EXAMPLE} -f json | head -1`;
  const { status, stdout, stderr } = spawnSync("bash", ["-c", line], { encoding: "utf8" });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "{\n", stderr: "" });
});

describe("what cannot be read ends with 3 and says what to do", () => {
  test.each([
    ["a path that is not there", () => "no/such/trace.json.gz"],
    ["an empty file", () => join(temporaryFolder({ "t.json": "" }), "t.json")],
    ["a folder without traces", () => temporaryFolder({ "notes.txt": "nothing" })],
    ["text that is no JSON", () => join(temporaryFolder({ "t.json": "hello" }), "t.json")],
    [
      "a trace without GPU events",
      () => join(temporaryFolder({ "t.json": '{"traceEvents": []}' }), "t.json"),
    ],
  ])("%s", (_, path) => {
    const { code, out, err } = triage([path()]);
    expect({ code, out }).toEqual({ code: 3, out: "" });
    expect(err).toMatch(/^error: .+\n {2}at .+\n {2}do: .+\n {2}\([a-z-]+\/[a-z-]+\)\n$/);
  });
});

test("rules that are none end with 4", () => {
  const rules = temporaryFolder({ "fuse/x/broken.fuse": "fuse 1\nrule broken : fusion { titel }" });
  const { code, err } = triage([EXAMPLE, "--rules", rules]);
  expect(code).toBe(4);
  expect(err).toContain("broken.fuse:2:");
});

test("wrong usage ends with 2 before anything is read", () => {
  expect(triage([]).code).toBe(2);
  expect(triage([EXAMPLE, "--format", "yaml"]).code).toBe(2);
  expect(triage(["no/such/trace.json", "--rank", "first"]).code).toBe(2);
});

test("help and version answer without reading anything", () => {
  expect(triage(["--help"]).out).toContain("Exit codes");
  expect(triage(["triage", "-h"]).out).toBe(triage(["--help"]).out);
  expect(triage(["-V"]).out).toMatch(/^fuse-triage \d+\.\d+\.\d+\n$/);
});

const REAL = `${SHARED_TRACES}/vllm-b200-tp8-eager`;
describe.skipIf(!hasSharedTraces)("real traces (skipped where ../shared/traces is missing)", () => {
  test("a launch-bound run says so first", () => {
    const { code, out } = triage([REAL]);
    expect(code).toBe(0);
    expect(out).toMatch(/\nSummary\nextend\/prefill \(1 step\) is launch-bound: /);
  });

  test("CPU-only traces are refused with what to record", () => {
    const { code, err } = triage([`${SHARED_TRACES}/cpu-only`]);
    expect(code).toBe(3);
    expect(err).toContain("trace/no-gpu-events");
  });
});

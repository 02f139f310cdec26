import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import type { RowExplanation } from "../../../src/model/contracts/row-explanation.ts";
import { displayWidth } from "../../../src/report/text/width.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { triageHere } from "./run-in-process.ts";

const EXAMPLE = "examples/sglang-tp2-decode";
const RULE = "sgl-fused-qk-norm-rope-store";

const schema = JSON.parse(readFileSync("references/explanation.schema.json", "utf8"));
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

async function asJson(row: string, ...more: string[]): Promise<RowExplanation> {
  const { code, out, err } = await triageHere("explain", row, EXAMPLE, "-f", "json", ...more);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const explanation = JSON.parse(out);
  expect(validate(explanation), JSON.stringify(validate.errors)).toBe(true);
  return explanation;
}

describe("triage explain", () => {
  test("says of a rule what the report says, with its occurrences and sources", async () => {
    const { rules, kernels } = await asJson(RULE, "--limit", "3");
    expect(kernels).toEqual([]);
    expect(rules).toHaveLength(1);
    const [rule] = rules;
    expect(rule).toMatchObject({ rule: RULE, stage: "decode", state: "split" });
    expect(rule!.occurrences).toHaveLength(3);
    expect(rule!.sources[0]!.url).toContain(rule!.sources[0]!.commit);
    const report = JSON.parse(
      (await triageHere("triage", EXAMPLE, "-f", "json", "--min-share", "0")).out,
    );
    const row = report.stages[0].fuse.find((one: { rule: string }) => one.rule === RULE);
    expect(rule!.occurrenceCount).toBe(row.counts.split);
    const { relatedUs, sharePct, saveAtMostUs } = rule!;
    expect({ relatedUs, sharePct, saveAtMostUs }).toEqual({
      relatedUs: row.relatedUs,
      sharePct: row.sharePct,
      saveAtMostUs: row.saveAtMostUs,
    });
  });

  test("says of a kernel what the report says, and everything adds up", async () => {
    const report = JSON.parse((await triageHere("triage", EXAMPLE, "-f", "json")).out);
    const row = report.stages[0].kernels[0];
    const { kernels } = await asJson(row.name, "--stage", "decode");
    const [kernel] = kernels;
    expect(kernel).toMatchObject({
      name: row.name,
      totalUs: row.totalUs,
      sharePct: row.sharePct,
      launches: row.launches,
    });
    expect(kernel!.durations).toMatchObject({ minUs: row.minUs, maxUs: row.maxUs });
    const sum = (parts: readonly { launches: number }[]): number =>
      parts.reduce((total, { launches }) => total + launches, 0);
    expect(sum(kernel!.sites)).toBe(row.launches);
    expect(sum(kernel!.streams)).toBe(row.launches);
    expect(sum(kernel!.launchApis)).toBe(row.launches);
    expect(sum(kernel!.durations.histogram)).toBe(row.launches);
    expect(sum(kernel!.layerPositions) + kernel!.outsideLayers).toBe(row.launches);
    const verdict = report.stages[0].overlap.find(
      (one: { rule: null; kernel: string }) => one.rule === null && one.kernel === row.shortName,
    );
    expect(kernel!.overlap).toEqual(verdict ?? null);
    for (const { location, stack } of kernel!.sites)
      expect(stack.filter(({ isShown }) => isShown).length).toBe(location === null ? 0 : 1);
  });

  test("prints text within the terminal, twice the same, and writes markdown to a file whole", async () => {
    const text = await triageHere("explain", RULE, EXAMPLE);
    expect(text.code).toBe(0);
    expect(text.out).toContain("Occurrences: the first 10 of");
    expect(text.out.split("\n").filter((line) => displayWidth(line) > 100)).toEqual([]);
    expect(await triageHere("explain", RULE, EXAMPLE)).toEqual(text);
    const file = join(temporaryFolder({}), "row.md");
    const { code, out } = await triageHere("explain", RULE, EXAMPLE, "-f", "markdown", "-o", file);
    expect({ code, out }).toEqual({ code: 0, out: "" });
    const markdown = readFileSync(file, "utf8");
    expect(markdown).toMatch(
      /^# sgl-fused-qk-norm-rope-store\n\n## sgl-fused-qk-norm-rope-store: decode/,
    );
    expect(markdown).toContain("### Occurrences: the first 10 of");
  });

  test.each([
    ["no trace", [RULE], "row", 2],
    ["several that could be meant", ["kernel", EXAMPLE], "row/ambiguous", 2],
    ["nothing of that name", ["no-such-thing-at-all", EXAMPLE], "row/unknown", 2],
    ["a stage the trace does not have", ["gemm", EXAMPLE, "--stage", "mixed"], "row/no-stage", 2],
    ["a trace that is not there", [RULE, "no/such.json"], "", 3],
  ])("refuses %s", async (_, args, code, exit) => {
    const { code: left, out, err } = await triageHere("explain", ...args);
    expect({ left, out }).toEqual({ left: exit, out: "" });
    expect(err).toContain(code);
  });
});

import { describe, expect, test } from "vitest";
import {
  diff,
  explain,
  ranks,
  render,
  renderPerfetto,
  TriageError,
  triage,
} from "../../src/index.ts";

const EXAMPLE = "examples/sglang-tp2-decode";

describe("the library", () => {
  test("reports with the package's rules when none are named", async () => {
    const { reports } = await triage(EXAMPLE);
    expect(reports).toHaveLength(1);
    expect(reports[0]!.rules.count).toBeGreaterThan(100);
  });

  test("takes null and undefined for what is left out", async () => {
    const { reports } = await triage([EXAMPLE], { rank: null, rules: null, stage: null });
    expect(reports[0]!.traces[0]!.rank).toBe(0);
    // @ts-expect-error: undefined is no value of these options, but JavaScript may pass it.
    expect((await triage(EXAMPLE, { minSharePct: undefined })).reports[0]!.minSharePct).toBe(1);
  });

  test("lends the sites of a mapping trace", async () => {
    const folder = "examples/mapping-formal";
    const { reports } = await triage(`${folder}/formal`, { mapping: `${folder}/mapping` });
    expect(reports[0]!.mode).toBe("mapping-formal");
  });

  test("renders every document in every format", async () => {
    const { reports } = await triage(EXAMPLE, { allRanks: true });
    const documents = [
      reports,
      reports[0]!,
      (await diff(EXAMPLE, EXAMPLE)).diff,
      await ranks(EXAMPLE),
      await explain("fused_moe_kernel", EXAMPLE),
    ];
    for (const document of documents) {
      for (const format of ["text", "markdown", "html"] as const)
        expect(render(document, format)).not.toBe("");
      expect(() => JSON.parse(render(document, "json"))).not.toThrow();
    }
  });

  test("puts findings on the time axis", async () => {
    let text = "";
    for await (const piece of renderPerfetto(await triage(EXAMPLE, { spans: true }))) text += piece;
    expect(JSON.parse(text).traceEvents.length).toBeGreaterThan(100);
  });

  test.each([
    ["no trace", () => triage([]), "usage/no-trace"],
    ["a wrong path", () => triage("nowhere"), "trace/no-such-path"],
    ["rules that are not there", () => triage(EXAMPLE, { rules: "nowhere" }), "rules/unreadable"],
    ["one rank alone", () => ranks("examples/two-stream-overlap"), "ranks/too-few"],
    ["no such row", () => explain("no such row", EXAMPLE), "row/unknown"],
    ["a budget of nothing", () => diff(EXAMPLE, EXAMPLE, { budgets: ["x<1"] }), ""],
  ] as const)("meets %s with a TriageError", async (_, call: () => Promise<unknown>, code) => {
    const error = await (async () => call())().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(TriageError);
    expect((error as TriageError).code).toContain(code);
    expect((error as TriageError).hint).not.toBe("");
  });
});

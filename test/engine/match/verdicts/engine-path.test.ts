import { describe, expect, test } from "vitest";
import {
  citedSources,
  enginePath,
  pathRemark,
} from "../../../../src/engine/match/verdicts/engine-path.ts";
import type { Facts } from "../../../../src/model/facts.ts";
import type { RuleSource, SourceVersions } from "../../../../src/model/rule.ts";

const source = (repo: string, path: string, versions?: Partial<SourceVersions>): RuleSource => ({
  repo,
  url: `https://git.example/${repo}/blob/abc/${path}`,
  commit: "abc",
  path,
  symbol: "f",
  pr: null,
  verified: true,
  ...(versions === undefined
    ? {}
    : { versions: { since: null, until: null, found: [], ...versions } }),
});
const found = (version: string, path: string) => ({
  ...{ version, path, url: `https://git.example/sglang/blob/v${version}/${path}` },
});
const of = (version: string | null): Facts => ({
  framework: { value: "sglang", from: "test" },
  ...(version === null ? {} : { engine_version: { value: version, from: "test" } }),
});

const GONE = [source("sglang", "a.py", { until: "0.5.23" })];

describe("whether the engine has the path", () => {
  test.each([
    ["0.5.22", "has"],
    ["0.5.23rc1", "has"],
    ["0.5.23", "gone"],
    ["0.6.0", "gone"],
    ["0.5.23.post1", "gone"],
    ["a nightly build", null],
    [null, null],
  ])("gone since 0.5.23, engine %s: %s", (version, state) => {
    expect(enginePath({ sources: GONE }, of(version))!.state).toBe(state);
  });

  test("not there yet", () => {
    const sources = [source("sglang", "a.py", { since: "0.5.20" })];
    expect(enginePath({ sources }, of("0.5.19"))!.state).toBe("not-yet");
    expect(enginePath({ sources }, of("0.5.20"))!.state).toBe("has");
  });

  test("a rule whose other place is still there is not gone", () => {
    expect(enginePath({ sources: [...GONE, source("sglang", "b.py")] }, of("0.5.23"))).toBe(null);
    const later = source("sglang", "b.py", { until: "0.6.0" });
    expect(enginePath({ sources: [...GONE, later] }, of("0.5.23"))!.state).toBe("has");
  });

  test("a library's place says nothing of the engine, nor another engine's version of this one", () => {
    const library = [source("flashinfer", "n.cuh", { until: "0.5.0" })];
    expect(enginePath({ sources: library }, of("0.6.0"))).toBe(null);
    const vllm = {
      framework: { value: "vllm", from: "test" },
      engine_version: { value: "0.33.0", from: "test" },
    } as Facts;
    expect(enginePath({ sources: GONE }, vllm)).toBe(null);
  });

  test("without a framework the only engine that is cited is meant, at an unknown version", () => {
    const { framework: _, ...rest } = of("0.6.0");
    expect(enginePath({ sources: GONE }, rest)).toMatchObject({ engine: "sglang", state: null });
  });

  test("what a reader is told", () => {
    const remark = (version: string | null) =>
      pathRemark(enginePath({ sources: GONE }, of(version)));
    expect(remark("0.5.20")).toBe("sglang 0.5.20 has it; 0.5.23 does no longer.");
    expect(remark(null)).toContain("sglang is without this path since 0.5.23; which version");
    expect(remark("0.5.24")).toContain(
      "without this path since 0.5.23, and this trace is of 0.5.24",
    );
  });
});

describe("what is cited", () => {
  const moved = source("sglang", "old.py", {
    found: [found("0.5.20", "old.py"), found("0.5.23", "new.py")],
  });
  const paths = (sources: readonly RuleSource[], version: string | null) =>
    citedSources(sources, of(version)).map(({ path, commit }) => `${path}@${commit}`);

  test("the release nearest before the trace's version, else the commit", () => {
    expect(paths([moved], "0.5.19")).toEqual(["old.py@abc"]);
    expect(paths([moved], "0.5.21")).toEqual(["old.py@0.5.20"]);
    expect(paths([moved], "0.5.24")).toEqual(["new.py@0.5.23"]);
    expect(paths([moved], null)).toEqual(["old.py@abc"]);
  });

  test("places of releases that this engine is not are left out, unless there is no other", () => {
    const release = { ...source("sglang", "late.py"), commit: "0.5.23" };
    expect(paths([...GONE, release], "0.5.20")).toEqual(["a.py@abc"]);
    expect(paths([...GONE, release], "0.5.23")).toEqual(["late.py@0.5.23"]);
    expect(paths([...GONE, release], null)).toEqual(["a.py@abc"]);
    expect(paths(GONE, "0.5.23")).toEqual(["a.py@abc"]);
    expect(paths([release], null)).toEqual(["late.py@0.5.23"]);
  });

  test("other repositories' places stay", () => {
    expect(paths([moved, source("flashinfer", "n.cuh")], "0.5.24")).toEqual([
      "new.py@0.5.23",
      "n.cuh@abc",
    ]);
  });
});

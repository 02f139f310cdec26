import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { evaluateGates } from "../../../src/engine/policy/gates.ts";
import { parsePolicy } from "../../../src/engine/policy/parse-policy.ts";
import type { Policy } from "../../../src/engine/policy/policy.ts";
import { PolicyEngine } from "../../../src/engine/policy/policy-engine.ts";
import type { FuseRow } from "../../../src/model/contracts/report.ts";

const FILE = "rules/policy/fuse.yaml";
const shipped = parsePolicy(readFileSync(FILE, "utf8"), FILE);

/** Each diagnostic as the text it points at and what it says. */
function faults(text: string): string[] {
  return parsePolicy(text, "p.yaml").diagnostics.map(
    ({ message, range }) =>
      `${range.line}:${range.column} ${JSON.stringify(text.slice(range.start, range.end).trim())} ${message}`,
  );
}

describe("policy files", () => {
  test("the shipped one is valid", () => {
    expect(shipped.diagnostics).toEqual([]);
    expect(shipped.policy?.gates?.map(({ name }) => name)).toContain("mainline-split");
  });

  test("errors point at the line and column they are about", () => {
    const rule = "- name: a\n    when: { all: [] }\n    decide: { type: order }\n";
    expect(faults(`version: 2\ntable: fuse\nrules:\n  ${rule}`)).toEqual(['1:10 "2" must be 1']);
    expect(faults(`version: 1\ntable: fuse\nrules:\n  ${rule}    prio: 3\n`)).toEqual([
      `7:5 "prio" 'prio' is not known here`,
    ]);
    expect(
      faults(
        "version: 1\ntable: fuse\nrules:\n  - name: a\n    when: { all: [{ fact: x, operator: is, value: 1 }] }\n    decide: { type: order }\n",
      ),
    ).toEqual([expect.stringMatching(/^5:40 "is" must be one of equal, notEqual/)]);
    expect(faults("version: 1\ntable: [\n")).toEqual([expect.stringMatching(/^3:1/)]);
    expect(faults(`version: 1\ntable: fuse\nrules:\n  ${rule}  ${rule}`)).toEqual([
      `7:11 "a" 'a' is already the name of another of the rules`,
    ]);
    expect(faults("")).toEqual([expect.stringMatching(/^1:1/)]);
  });
});

test("decisions come by priority, then name, whatever order the engine finds them in", async () => {
  const when = { all: [{ fact: "x", operator: "greaterThan", value: 1 }] };
  const engine = new PolicyEngine([
    { name: "b", when, decide: { type: "t" } },
    { name: "a", when, decide: { type: "t" } },
    { name: "z", priority: 9, when, decide: { type: "t", params: { value: 1 } } },
    { name: "no", when: { not: when }, decide: { type: "t" } },
  ]);
  expect((await engine.judge({ x: 2 })).map(({ name }) => name)).toEqual(["z", "a", "b"]);
  expect((await engine.judge({ x: 1 })).map(({ name }) => name)).toEqual(["no"]);
});

describe("gates", () => {
  const row = (rule: string, pctOfStep: number, more: Partial<FuseRow> = {}) => ({
    stage: "decode" as const,
    row: { ...EMPTY_ROW, rule, saves: { kernelUs: 1, gapUs: 0, pctOfStep }, ...more },
  });
  const rows = [
    row("small", 1.5),
    row("large", 7),
    row("fused", 30, { state: "active" }),
    row("open", 9, { status: "in-flight" }),
  ];
  const answer = async (spec: string, of = rows, policy: Policy | null = shipped.policy) =>
    (await evaluateGates(of, [spec], policy))[0]!;

  test("a percentage asks about what single rows would save", async () => {
    expect(await answer("mainline-split>2%")).toEqual({
      id: "mainline-split>2%",
      failed: true,
      reason:
        "2 rows of fusions that the engine has but this run did not use, 1 with more than 2%: large (decode, saves 7.0%)",
    });
    expect((await answer("mainline-split > 7%")).failed).toBe(false);
    expect((await answer("mainline-split>=7%")).failed).toBe(true);
  });

  test("a number asks how many rows there are, none asks for any", async () => {
    expect((await answer("mainline-split>1")).failed).toBe(true);
    expect((await answer("mainline-split>2")).failed).toBe(false);
    expect((await answer("pending")).failed).toBe(true);
    expect((await answer("pending", [])).failed).toBe(false);
  });

  test("assumptions keep a row out of the proven ones", async () => {
    const assumed = [row("guess", 7, { assuming: ["tp"] })];
    expect((await answer("proven-split", assumed)).failed).toBe(false);
    expect((await answer("mainline-split", assumed)).failed).toBe(true);
  });

  test("an unknown gate is a usage error that names the known ones", async () => {
    await expect(answer("mainlin-split>2%")).rejects.toMatchObject({
      code: "gate/unknown",
      exit: 2,
      message: "There is no gate 'mainlin-split'. Did you mean 'mainline-split'?",
      hint: "Gates of the policy: mainline-split, proven-split, pending.",
    });
    await expect(answer("mainline-split<2%")).rejects.toMatchObject({ code: "gate/syntax" });
    await expect(answer("mainline-split", rows, null)).rejects.toMatchObject({
      hint: "The policy has no gates.",
    });
  });
});

const EMPTY_ROW: FuseRow = {
  rule: "",
  title: "",
  status: "mainline",
  pr: [],
  checked: null,
  state: "split",
  assuming: [],
  counts: { active: 0, partial: 0, split: 1 },
  coveragePct: 0,
  relatedUs: 1,
  sharePct: 0,
  saveAtMostUs: 0,
  saves: { kernelUs: 0, gapUs: 0, pctOfStep: 0 },
  traffic: null,
  evidence: [],
  locations: [],
  sources: [],
  rationale: "",
  advice: null,
  toggle: null,
  alsoMatched: [],
};

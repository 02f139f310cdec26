import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { runRules } from "../../../src/engine/match/run-rules.ts";
import { parsePolicy } from "../../../src/engine/policy/parse-policy.ts";
import { Retiming } from "../../../src/engine/retime/retime.ts";
import { fusionSaver } from "../../../src/engine/retime/saving.ts";
import type { GraphKernel } from "../../../src/engine/rule-tests/test-graph.ts";
import { fuseRows } from "../../../src/engine/tables/fuse-table.ts";
import { stageNs } from "../../../src/engine/timeline/stage-time.ts";
import type { FuseRow } from "../../../src/model/contracts/report.ts";
import type { Facts } from "../../../src/model/facts.ts";
import type { Message, Rule } from "../../../src/model/rule.ts";
import { graphOf, kernels, Rules, state } from "../match/make.ts";

const FILE = "rules/policy/fuse.yaml";
const policy = parsePolicy(readFileSync(FILE, "utf8"), FILE).policy;

async function rowsOf(
  rules: Rules,
  list: readonly GraphKernel[],
  withPolicy = true,
  facts: Facts = {},
): Promise<readonly FuseRow[]> {
  const graph = graphOf(rules, list);
  const stage = graph.stages[0]!;
  const { outcomes } = runRules(rules.set, graph, [{ stage: stage.stage, facts }]);
  return fuseRows({
    ruleSet: rules.set,
    graph,
    stage,
    outcomes,
    savesOf: fusionSaver(graph, new Retiming(graph), null, stageNs(graph, stage)),
    limits: null,
    policy: withPolicy ? policy : null,
    facts,
  });
}

function say(kind: Message["kind"], name: Message["state"], template: string): Message {
  return { kind, state: name, template };
}

function splitRule(more: Partial<Rule> = {}, rules = new Rules()): Rules {
  return rules.rule("r", [state("split", rules.chain("a b"))], more);
}

test("a row carries where the fused path is and where the pieces are", async () => {
  const source = {
    repo: "sglang",
    url: "https://github.com/sgl-project/sglang/blob/abc/x.py",
    commit: "abc",
    path: "x.py",
    symbol: "fused",
    pr: null,
    verified: true,
  };
  const list = kernels("a b x a b").map((it) => ({ ...it, frame: `m.py:${it.name} forward` }));
  const [row] = await rowsOf(splitRule({ sources: [source], toggle: "--fuse", title: "T" }), list);
  expect(row).toMatchObject({
    rule: "r",
    title: "T",
    status: "mainline",
    state: "split",
    counts: { active: 0, partial: 0, split: 2 },
    coveragePct: 0,
    relatedUs: 40,
    sharePct: 80,
    saveAtMostUs: 22,
    evidence: [
      { step: "a", kernel: "a", launches: 2, totalUs: 20 },
      { step: "b", kernel: "b", launches: 2, totalUs: 20 },
    ],
    locations: ["m.py:a forward", "m.py:b forward"],
    sources: [
      {
        repo: "sglang",
        commit: "abc",
        path: "x.py",
        symbol: "fused",
        url: "https://github.com/sgl-project/sglang/blob/abc/x.py",
      },
    ],
    toggle: "--fuse",
    rationale: "T: split.",
    advice: null,
  });
});

test("messages are filled from the occurrences", async () => {
  const messages = [
    say(
      "verdict",
      "split",
      "{a.name} -> {b.name} {count}x ({share} of {stage}), op {a.op}, {nope}",
    ),
    say("advice", "split", "Look at {a.frame} and {b.frame}."),
  ];
  const list = kernels("a b x x").map((it) =>
    it.name === "a" ? { ...it, frame: "m.py:1 f" } : it,
  );
  const [row] = await rowsOf(splitRule({ messages }), list);
  expect(row!.rationale).toBe("a -> b 1x (50.0% of decode), op (op not recorded), {nope}");
  expect(row!.advice).toBe("Look at m.py:1 and (frame not recorded).");
});

test("a partly fused rule tells how much is covered", async () => {
  const rules = new Rules();
  const messages = [
    say("verdict", "partial", "{active.count} fused, {split.count} not ({coverage})"),
  ];
  rules.rule("r", [state("split", rules.chain("a b")), state("active", rules.chain("f"))], {
    messages,
  });
  const [row] = await rowsOf(rules, kernels("f f f a b"));
  expect(row).toMatchObject({
    state: "partial",
    coveragePct: 75,
    rationale: "3 fused, 1 not (75%)",
  });
  expect(row!.evidence.map(({ step }) => step)).toEqual(["a", "b", "f"]);
});

test("in-flight rules are pending, never missing, and stand behind what can be used today", async () => {
  const rules = new Rules();
  const pending = { status: "in-flight", prs: ["o/r#12"], title: "New path" } as const;
  rules.rule("big-pending", [state("split", rules.chain("a b c"))], pending);
  rules.rule("built", [state("active", rules.chain("f"))], pending);
  rules.rule("small", [state("split", rules.chain("a b"))]);
  rules.rule("old", [state("split", rules.chain("a b"))], { status: "deprecated" });
  const rows = await rowsOf(rules, kernels("a b c f"));
  expect(rows.map(({ rule, rationale }) => [rule, rationale])).toEqual([
    ["small", "small: split."],
    ["big-pending", "Pending, not yet in main (o/r#12): New path: split."],
    ["built", "This build has the pending path (o/r#12): New path: active."],
  ]);
  const plain = await rowsOf(rules, kernels("a b c f"), false);
  expect(plain.map(({ rule }) => rule)).toEqual(["big-pending", "small", "built"]);
});

test("folded, small, absent and overlap outcomes make no row", async () => {
  const rules = new Rules();
  rules.rule("big", [state("split", rules.chain("a b"))], { subsumes: ["folded"] });
  rules.rule("folded", [state("active", rules.chain("b"))]);
  rules.rule("tiny", [state("split", rules.chain("x y"))], { reportShare: 0.9 });
  rules.rule("absent", [state("split", rules.chain("q"))]);
  rules.rule("other-table", [state("split", rules.chain("x y"))], { kind: "overlap" });
  const rows = await rowsOf(rules, kernels("a b x y"));
  expect(rows.map(({ rule, alsoMatched }) => [rule, alsoMatched])).toEqual([["big", ["folded"]]]);
});

describe("a path that the trace's engine does not have", () => {
  const source = (since: string | null, until: string | null) => ({
    ...{ repo: "sglang", url: "https://git.example/x.py", commit: "abc", path: "x.py" },
    ...{ symbol: "fused", pr: null, verified: true, versions: { since, until, found: [] } },
  });
  const of = (version: string): Facts => ({
    framework: { value: "sglang", from: "test" },
    engine_version: { value: version, from: "test" },
  });
  const rules = (since: string | null, until: string | null): Rules => {
    const made = new Rules();
    return made.rule("r", [state("active", made.chain("f")), state("split", made.chain("a b"))], {
      sources: [source(since, until)],
      toggle: "--fuse",
    });
  };

  test("gone: kernels apart are no omission, a kernel that ran still is a row", async () => {
    expect(await rowsOf(rules(null, "0.5.23"), kernels("a b a b"), true, of("0.5.23"))).toEqual([]);
    const [active] = await rowsOf(rules(null, "0.5.23"), kernels("f a b"), true, of("0.5.23"));
    expect(active).toMatchObject({ state: "active", counts: { active: 1, split: 0 } });
    expect(active!.rationale).toContain("sglang is without this path since 0.5.23");
  });

  test("still there: the row says until when", async () => {
    const [row] = await rowsOf(rules(null, "0.5.23"), kernels("a b"), true, of("0.5.22"));
    expect(row).toMatchObject({ state: "split", toggle: "--fuse" });
    expect(row!.rationale).toContain("sglang 0.5.22 has it; 0.5.23 does no longer.");
  });

  test("not there yet: what to do is to update, and there is nothing to switch", async () => {
    const [row] = await rowsOf(rules("0.5.23", null), kernels("a b"), true, of("0.5.20"));
    expect(row).toMatchObject({
      ...{ state: "split", toggle: null, advice: "Update sglang to 0.5.23 or later." },
    });
  });
});

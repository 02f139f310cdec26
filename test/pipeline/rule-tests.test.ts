import { join } from "node:path";
import { expect, test } from "vitest";
import { buildKernelGraph } from "../../src/engine/kernel-graph.ts";
import { runRules } from "../../src/engine/match/run-rules.ts";
import { decideFramework } from "../../src/ingest/frameworks/index.ts";
import { readTrace } from "../../src/ingest/read-trace.ts";
import type { RuleSet, RuleTest, TestExpectation } from "../../src/model/rule.ts";
import { firstRule, runRuleTests, runTestsLeft } from "../../src/pipeline/rule-tests.ts";
import { kernels, Rules, state } from "../engine/match/make.ts";
import { compileTexts, ruleText } from "../support/fuse-files.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

function results(text: string, expectation: TestExpectation, given: RuleTest["given"] = []) {
  const rules = new Rules();
  rules.rule("r", [state("split", rules.chain("a b")), state("active", rules.chain("f"))], {
    guards: [{ fact: "tp", op: ">=", value: 2 }],
    reportShare: 0.5,
    tests: [{ title: "t", given, kernels: text === "" ? [] : kernels(text), expect: expectation }],
  });
  return runRuleTests(rules.set)[0]!;
}
const match = (name: "active" | "split" | "partial", times: number | null = null) =>
  ({ match: name, times }) as const;
const none = (
  because: "guard" | "pattern" | "share" | null = null,
  guard: "tp" | "pp" | null = null,
) => ({ match: null, because, guard }) as const;

test("a test passes when state and count are as written", () => {
  expect(results("a b a b", match("split", 2))).toMatchObject({ passed: true });
  expect(results("a b a b", match("split", 3))).toMatchObject({
    passed: false,
    expected: "match split 3 times",
    saw: "match split (active 0, partial 0, split 2)",
  });
  expect(results("f", match("split")).passed).toBe(false);
  expect(results("f a b", match("partial", 1)).passed).toBe(true);
});

test("a test of no match can name the reason", () => {
  const tp1 = [{ fact: "tp" as const, value: 1 }];
  expect(results("x", none()).passed).toBe(true);
  expect(results("x", none("pattern")).passed).toBe(true);
  expect(results("a b x x x", none("share")).passed).toBe(true);
  expect(results("a b", none("guard", "tp"), tp1).passed).toBe(true);
  expect(results("a b", none("guard", "pp"), tp1)).toMatchObject({
    passed: false,
    expected: "no match because guard pp",
    saw: "no match because guard tp",
  });
  expect(results("a b", none()).passed).toBe(false);
});

test("a test without kernels cannot pass", () => {
  expect(results("", none())).toMatchObject({
    passed: false,
    saw: expect.stringMatching(/kernels/),
  });
});

test("those who share a counter take each rule once", () => {
  const rules = new Rules();
  for (const id of ["p", "q", "r"])
    rules.rule(id, [state("split", rules.chain("a b"))], {
      tests: [{ title: "t", given: [], kernels: kernels("a b"), expect: match("split", 1) }],
    });
  const next = firstRule();
  Atomics.add(next, 0, 1);
  const rest = runTestsLeft(rules.set, next);
  expect([...rest.keys()]).toEqual([1, 2]);
  expect([...rest.values()].flat()).toEqual(runRuleTests(rules.set).slice(1));
  expect(runTestsLeft(rules.set, next).size).toBe(0);
});

/** Kernels as recorders write them, and globs that know the function's qualified name. */
const WRITTEN = [
  ["void foo::bar<int>(int*, long)", "foo::bar<int>"],
  ["_ZN3foo3bazIiEEvPi", "foo::baz<int>"],
  ["_ZN3foo3quxEPi.kd", "foo::qux"],
  ["std::enable_if<true>::type ns::f<float>(float const*)", "ns::f<float>"],
] as const;

test.each(WRITTEN)("a test reads the name %s as a trace does", async (name, glob) => {
  const { ruleSet, problems } = compileTexts({
    "fuse/generic/names.fuse": ruleText(
      "names",
      `let one = name "${glob}"
  active one
  test "as recorded" {
    on s0 "${name}" 10us
    expect match active 1 times
  }`,
    ),
  });
  expect(problems).toEqual([]);
  expect(runRuleTests(ruleSet)).toMatchObject([{ passed: true }]);
  expect(await stateOnTrace(ruleSet, name)).toBe("active");
});

async function stateOnTrace(ruleSet: RuleSet, name: string) {
  const event = {
    ph: "X",
    cat: "kernel",
    name,
    ts: 1,
    dur: 2,
    pid: 0,
    tid: 7,
    args: { stream: 7 },
  };
  const path = join(
    temporaryFolder({ "trace.json": JSON.stringify({ traceEvents: [event] }) }),
    "trace.json",
  );
  const read = await readTrace(path);
  const { profile } = decideFramework(read, { serverArgs: null, override: null, fileName: path });
  const graph = buildKernelGraph(read, { profile, ruleSet, stageHint: null });
  return runRules(ruleSet, graph, [{ stage: "all", facts: {} }]).outcomes[0]!.state;
}

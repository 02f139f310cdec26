import { describe, expect, test } from "vitest";
import { runRules } from "../../../src/engine/match/run-rules.ts";
import type { GraphKernel } from "../../../src/engine/rule-tests/test-graph.ts";
import type { Link, StatePattern } from "../../../src/model/rule.ts";
import { graphOf, kernels, makeLink, Rules, state } from "./make.ts";

/** Kernel names per step of every occurrence of a split chain: "a|b b|c". */
function found(chain: string, link: Partial<Link>, list: readonly GraphKernel[]): string[] {
  const rules = new Rules();
  return foundBy(rules, state("split", rules.chain(chain, link)), list);
}

function foundBy(rules: Rules, split: StatePattern, list: readonly GraphKernel[]): string[] {
  rules.rule("r", [split]);
  const graph = graphOf(rules, list);
  const { outcomes, failures } = runRules(rules.set, graph, []);
  expect(failures).toEqual([]);
  const name = (row: number): string => graph.trace.kernelNames[graph.trace.gpu.name[row]!]!.raw;
  return outcomes[0]!.occurrences.map(({ rows }) =>
    rows.map((step) => step.map((row) => `${name(row)}${row}`).join(" ")).join("|"),
  );
}

describe("chains", () => {
  test("a bare arrow means the very next kernel of the stream", () => {
    expect(found("a b", {}, kernels("a b x a x b"))).toEqual(["a0|b1"]);
  });

  test("kernels of other streams never stand between", () => {
    expect(found("a b", {}, kernels("@one a @two x y @one b"))).toEqual(["a0|b3"]);
  });

  test("a chain never leaves its stream", () => {
    expect(found("a b", {}, kernels("@one a @two b"))).toEqual([]);
  });

  test("the order counts", () => {
    expect(found("a b", { skip: 2 }, kernels("b a"))).toEqual([]);
  });

  test("skip takes the nearest fitting kernel, and a farther one only where the rest needs it", () => {
    expect(found("a b", { skip: 2 }, kernels("a x b b"))).toEqual(["a0|b2"]);
    expect(found("a b c", { skip: 1 }, kernels("a b b c"))).toEqual(["a0|b1|c3"]);
    const rules = new Rules();
    const chain = rules.chain("a b c");
    const links = [makeLink({ skip: 1 }), makeLink()];
    expect(foundBy(rules, state("split", { ...chain, links }), kernels("a b b c"))).toEqual([
      "a0|b2|c3",
    ]);
  });

  test("past kernels stand between without counting", () => {
    const rules = new Rules();
    const past = [rules.cls("fill")];
    const split = state("split", rules.chain("a b", { skip: 1, past }));
    expect(foundBy(rules, split, kernels("a fill fill x fill b a x x b"))).toEqual(["a0|b5"]);
  });

  test("without forbids what stands between, not the steps themselves", () => {
    const rules = new Rules();
    const without = [rules.cls("x")];
    const split = state("split", rules.chain("a b", { skip: 1, without }));
    expect(foundBy(rules, split, kernels("a x b a y b"))).toEqual(["a3|b5"]);
  });

  test("gap bounds the idle time between the steps; overlapping kernels always pass", () => {
    expect(found("a b", { gap: 5000 }, kernels("a b a +10 b"))).toEqual(["a0|b1"]);
    const overlapping = kernels("a b").map((it, i) => (i === 1 ? { ...it, start: 8000 } : it));
    expect(found("a b", { gap: 0 }, overlapping)).toEqual(["a0|b1"]);
  });

  test("a skipped kernel is not idle time", () => {
    expect(found("a b", { skip: 1, gap: 2000 }, kernels("a x b"))).toEqual(["a0|b2"]);
  });

  test("steps repeat as often as they can", () => {
    expect(found("a{1..3} b", {}, kernels("a a b a a a a b"))).toEqual(["a0 a1|b2", "a4 a5 a6|b7"]);
  });

  test("a repeated step gives a kernel back where the next step needs it", () => {
    expect(found("a{1..2} a*", {}, kernels("a a"))).toEqual(["a0|a1"]);
  });

  test("an optional step may be absent", () => {
    expect(found("a q? b", {}, kernels("a q b a b"))).toEqual(["a0|q1|b2", "a3||b4"]);
  });

  test("kernels are used once, and interleaved chains are both found", () => {
    expect(found("a b", { skip: 1 }, kernels("a a b b"))).toEqual(["a0|b2", "a1|b3"]);
    expect(found("a a", {}, kernels("a a a"))).toEqual(["a0|a1"]);
  });

  test("a chain enters the next scheduler step only where its gap says how close", () => {
    const list = kernels("a b").map((it, step) => ({ ...it, step }));
    expect(found("a b", {}, list)).toEqual([]);
    expect(found("a b", { gap: 5000 }, list)).toEqual(["a0|b1"]);
    expect(found("a b", { gap: 500 }, list)).toEqual([]);
  });

  test("where compares captured kernels", () => {
    const rules = new Rules();
    const where = [
      {
        left: { capture: "a", field: "scope" as const },
        right: { capture: "b", field: "scope" as const },
        equal: true,
      },
    ];
    const list = kernels("a b a b").map((it, i) => ({ ...it, scope: ["x", "y", "z", "z"][i]! }));
    expect(foundBy(rules, state("split", rules.chain("a b"), { where }), list)).toEqual(["a2|b3"]);
  });
});

describe("unordered groups", () => {
  const group = (rules: Rules, within: number): StatePattern =>
    state("split", { kind: "any-order", steps: [rules.step("a"), rules.step("b")], within });

  test("steps may come in any order within the window", () => {
    const rules = new Rules();
    expect(foundBy(rules, group(rules, 3), kernels("b x a a x x b"))).toEqual(["a2|b0"]);
  });

  test("a kernel goes to the first written step it fits", () => {
    const rules = new Rules();
    const steps = [rules.step("*", { capture: "any" }), rules.step("b")];
    const split = state("split", { kind: "any-order", steps, within: 2 });
    expect(foundBy(rules, split, kernels("x b"))).toEqual(["x0|b1"]);
  });
});

describe("overlaps", () => {
  const over = (rules: Rules, minShare: number): StatePattern =>
    state("split", { kind: "overlap", first: rules.step("a"), second: rules.step("b"), minShare });
  const at = (start: number, duration: number) => ({ start, duration });
  const [a, b, b2] = kernels("@one a @two b b") as [GraphKernel, GraphKernel, GraphKernel];

  test("counts what two streams run at once, as a share of the shorter kernel", () => {
    const rules = new Rules();
    const list = [
      { ...a, ...at(0, 10_000) },
      { ...b, ...at(8_000, 8_000) },
    ];
    expect(foundBy(rules, over(rules, 0.25), list)).toEqual(["a0|b1"]);
    const more = new Rules();
    expect(foundBy(more, over(more, 0.3), list)).toEqual([]);
  });

  test("kernels of one stream never overlap, whatever their times say", () => {
    const rules = new Rules();
    const list = [
      { ...a, ...at(0, 10_000) },
      { ...b, stream: "one", ...at(8_000, 8_000) },
    ];
    expect(foundBy(rules, over(rules, 0), list)).toEqual([]);
  });

  test("a kernel takes the partner it shares most time with", () => {
    const rules = new Rules();
    const list = [
      { ...a, ...at(0, 10_000) },
      { ...b, ...at(0, 2_000) },
      { ...b2, ...at(3_000, 9_000) },
    ];
    expect(foundBy(rules, over(rules, 0.2), list)).toEqual(["a0|b2"]);
  });
});

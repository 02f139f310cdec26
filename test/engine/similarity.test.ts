import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { runRules } from "../../src/engine/match/run-rules.ts";
import { parsePolicy } from "../../src/engine/policy/parse-policy.ts";
import type { GraphKernel } from "../../src/engine/rule-tests/test-graph.ts";
import { alignSteps } from "../../src/engine/similarity/align-steps.ts";
import { similarityNote } from "../../src/engine/similarity/index.ts";
import type { ClassExpr, Rule } from "../../src/model/rule.ts";
import { graphOf, kernels, Rules, state } from "./match/make.ts";

const FILE = "rules/policy/similarity.yaml";
const { policy, diagnostics } = parsePolicy(readFileSync(FILE, "utf8"), FILE);

async function note(rules: Rules, list: readonly GraphKernel[]) {
  const graph = graphOf(rules, list);
  const { outcomes } = runRules(rules.set, graph, []);
  return similarityNote([{ ruleSet: rules.set, graph, factsByStage: [], outcomes }], policy);
}

test("the shipped policy is valid", () => expect(diagnostics).toEqual([]));

describe("aligning steps", () => {
  test("keeps the order and takes each kernel once", () => {
    expect(
      alignSteps([
        [1, 0, 1],
        [0, 1, 0],
      ]),
    ).toEqual([0, 1]);
    expect(
      alignSteps([
        [0, 1],
        [1, 0],
      ]),
    ).toEqual([-1, 0]);
    expect(alignSteps([[1], [1]])).toEqual([-1, 0]);
    expect(alignSteps([[0], [0]])).toEqual([-1, -1]);
  });

  test("takes the better fit over the earlier kernel", () => {
    expect(
      alignSteps([
        [0.5, 1],
        [0, 0],
      ]),
    ).toEqual([1, -1]);
  });
});

describe("the note", () => {
  const chain = (rules: Rules) => rules.rule("near", [state("split", rules.chain("a b c"))]);

  test("is high where all steps are there in order, only not as close as the rule asks", async () => {
    expect(await note(chain(new Rules()), kernels("a x b c x x a x b c"))).toEqual({
      rule: "near",
      level: "high",
      reason: expect.stringMatching(
        /^all steps are there in order \(a, b, c; 2x, 60.0% of decode\)/,
      ),
    });
  });

  test("is nothing where a step is missing and nothing stands for it", async () => {
    const others = "k l m n o p q r s t u v w x";
    expect(await note(chain(new Rules()), kernels(`a b ${others} a b ${others}`))).toBeNull();
  });

  test("is nothing for a pair that is not close enough: half of a pair is everywhere", async () => {
    const rules = new Rules();
    rules.rule("pair", [state("split", rules.chain("a b"))]);
    expect(await note(rules, kernels("a x x b k l a x x b"))).toBeNull();
  });

  test("names the rule of which every step is there and one guard is false", async () => {
    const rules = new Rules();
    const guards = [{ fact: "vendor" as const, op: "in" as const, values: ["nvidia"] }];
    rules.rule("other-vendor", [state("split", rules.chain("a b"))], { guards });
    const facts = [{ stage: "decode" as const, facts: { vendor: { value: "amd", from: "test" } } }];
    const graph = graphOf(rules, kernels("a b k l a b"));
    const { outcomes } = runRules(rules.set, graph, facts);
    const input = { ruleSet: rules.set, graph, factsByStage: facts, outcomes };
    expect(await similarityNote([input], policy)).toMatchObject({
      rule: "other-vendor",
      reason: expect.stringContaining("its guard on vendor does not hold (vendor is amd)"),
    });
  });

  test("is nothing where the steps that are there are what every layer is full of", async () => {
    expect(await note(chain(new Rules()), kernels("a b a b a b a b x a b"))).toBeNull();
  });

  test("is nothing where only one step is there, or the cluster is small", async () => {
    expect(await note(chain(new Rules()), kernels("a x x x"))).toBeNull();
    const rest = Array.from({ length: 200 }, () => "x").join(" ");
    expect(await note(chain(new Rules()), kernels(`a b ${rest}`))).toBeNull();
  });

  test("leaves out kernels that fit a rule exactly", async () => {
    const rules = chain(new Rules());
    rules.rule("exact", [state("split", rules.chain("a x b"))]);
    expect(await note(rules, kernels("a x b y a x b"))).toBeNull();
  });

  test("counts an unknown guard half, and a false one out", async () => {
    const guarded = (more: Partial<Rule>) => {
      const rules = new Rules();
      return rules.rule("near", [state("split", rules.chain("a b c"))], more);
    };
    const tp = { fact: "tp" as const, op: ">=" as const, value: 2 };
    const decode = { fact: "stage" as const, op: "in" as const, values: ["prefill", "decode"] };
    const list = kernels("a x b c");
    expect((await note(guarded({ guards: [decode] }), list))?.level).toBe("high");
    expect((await note(guarded({ guards: [decode, tp] }), list))?.level).toBe("medium");
    expect(await note(guarded({ guards: [tp] }), list)).toBeNull();
  });

  test("sees a kernel of the right category under a name the rule does not know", async () => {
    const rules = new Rules();
    const norm: ClassExpr = { kind: "glob", field: "name", glob: "rmsnorm*" };
    const any = rules.classOf("norm.any", {
      kind: "any",
      of: [
        { kind: "class", class: rules.classOf("norm.rms", norm) },
        { kind: "glob", field: "name", glob: "*norm*" },
      ],
    });
    const step = { class: rules.classOf("norm.rms", norm), capture: "n", min: 1, max: 1 };
    const pattern = rules.chain("a b");
    const links = [pattern.links[0]!, pattern.links[0]!];
    rules.rule("near", [state("split", { ...pattern, steps: [...pattern.steps, step], links })]);
    const set = { ...rules.set, categories: [{ id: "norm", title: "Norm", class: any }] };
    const withCategories = Object.create(rules, { set: { value: set } }) as Rules;
    expect(await note(withCategories, kernels("a b mynorm x a b mynorm"))).toMatchObject({
      level: "medium",
      reason: expect.stringMatching(/not found as the rule names it: n$/),
    });
  });

  test("is nothing without a policy", async () => {
    expect(await similarityNote([], null)).toBeNull();
  });
});

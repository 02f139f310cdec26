import { expect, test } from "vitest";
import { classText, conditionText, guardText, patternText } from "../../src/model/rule-text.ts";
import { compileTexts, ruleText } from "../support/fuse-files.ts";

const compiled = (sections: string) => {
  const { ruleSet, problems } = compileTexts({ "fuse/x/r.fuse": ruleText("r", sections) });
  expect(problems).toEqual([]);
  return ruleSet;
};

test("classes read as they were written, but for superfluous parentheses", () => {
  const texts = [
    'name "*a*" | "b\\"" | "c" and not op "d"',
    'name "a" or op "b" and (scope "c" or r.any_kernel)',
    'not (name "a" and op "b") or not (not r.any_kernel)',
  ];
  const lets = texts.map((text, i) => `let c${i} = ${text.replaceAll("r.any", "any")}`).join("\n");
  const ruleSet = compiled(`${lets}\nsplit c0 -> c1 -> c2`);
  const shown = ["r.c0", "r.c1", "r.c2"].map((name) =>
    classText(ruleSet, ruleSet.classes.find((one) => one.name === name)!.expr),
  );
  expect(shown).toEqual(texts);
});

test("patterns, conditions and guards read as they were written", () => {
  const patterns = [
    "r.any_kernel as a{1..2} -> [skip 1, past r.any_kernel | r.any_kernel, gap 1.5us, without r.any_kernel] r.any_kernel? -> r.any_kernel{3}",
    "any-order { r.any_kernel, r.any_kernel as b } within 12 kernels",
    "overlap r.any_kernel with r.any_kernel >= 20%",
  ];
  const conditions = ["a.stream == a.device", "a.op != a.scope"];
  const guards = [
    "tp >= 2",
    "framework = sglang",
    "stage in [prefill, decode]",
    'model like "*a*" | "b" except "*c*"',
    "quant = fp8",
  ];
  const [chain, anyOrder, overlap] = patterns;
  const states = [
    `split ${chain} where ${conditions.join(" and ")}`,
    `partial ${anyOrder}`,
    `active ${overlap}`,
  ];
  const ruleSet = compiled(
    `${states.join("\n").replaceAll("r.any", "any")}\nwhen { ${guards.join("\n")} }`,
  );
  const [rule] = ruleSet.rules;
  expect(rule!.states.map(({ pattern }) => patternText(ruleSet, pattern))).toEqual(patterns);
  expect(rule!.states[0]!.where.map(conditionText)).toEqual(conditions);
  expect(rule!.guards.map(guardText)).toEqual(guards);
});

import { expect, test } from "vitest";
import { describeClass, describeGuard, describeState } from "../../src/dsl/describe.ts";
import { compileTexts, ruleText } from "../support/fuse-files.ts";

const compiled = (sections: string) => {
  const { ruleSet, problems } = compileTexts({ "fuse/x/r.fuse": ruleText("r", sections) });
  expect(problems).toEqual([]);
  return ruleSet;
};

test("classes read as they were written, but for superfluous parentheses", () => {
  const texts = [
    'name "*a*" | "b\\"" | /c+/ and not op "d"',
    'name "a" or op "b" and (scope "c" or r.any_kernel)',
    'not (name "a" and op "b") or not (not r.any_kernel)',
  ];
  const lets = texts.map((text, i) => `let c${i} = ${text.replaceAll("r.any", "any")}`).join("\n");
  const ruleSet = compiled(`${lets}\nsplit c0 -> c1 -> c2`);
  const shown = ["r.c0", "r.c1", "r.c2"].map((name) =>
    describeClass(
      ruleSet,
      ruleSet.classes.findIndex((one) => one.name === name),
    ),
  );
  expect(shown).toEqual(texts);
});

test("patterns and guards read as they were written", () => {
  const states = [
    "split r.any_kernel as a{1..2} -> [skip 1, gap 1.5us, without r.any_kernel, past r.any_kernel | r.any_kernel, feeds] r.any_kernel? -> r.any_kernel{3} where a.stream == a.device and a.op != a.scope repeat >= 2 per layer",
    "partial any-order { r.any_kernel, r.any_kernel as b } within 12 kernels",
    "active overlap r.any_kernel with r.any_kernel >= 20%",
    "active overlap r.any_kernel with r.any_kernel repeat >= 3",
  ];
  const guards = [
    "tp >= 2",
    "framework = sglang",
    "stage in [prefill, decode]",
    'model like "*a*" | "b" except "*c*"',
    "quant = fp8",
  ];
  const ruleSet = compiled(
    `${states.join("\n").replaceAll("r.any", "any")}\nwhen { ${guards.join("\n")} }`,
  );
  const [rule] = ruleSet.rules;
  expect(rule!.states.map((state) => describeState(ruleSet, state))).toEqual(states);
  expect(rule!.guards.map(describeGuard)).toEqual(guards);
});

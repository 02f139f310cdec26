import { expect, test } from "vitest";
import { compileTexts, ruleText } from "../support/fuse-files.ts";

const BASE = `
  test "base" {
    given tp 2, stage decode
    repeat 2 {
      on main "add_kernel" 2us
      on main "void ns::norm_kernel<8u>" 3us after 1us
      on main "gemm" 9us
      on main "gemm" 9us
    }
    expect match active
  }`;

const withTest = (lines: string, like = "base") =>
  compileTexts({
    "fuse/sglang/r.fuse": ruleText(
      "r",
      `${BASE}\n  test "varied" like "${like}" {\n${lines}\n expect match active\n}`,
    ),
  });

const kernelsOf = (lines: string) => {
  const { ruleSet, problems } = withTest(lines);
  expect(problems).toEqual([]);
  return ruleSet.rules[0]!.tests[1]!.kernels.map(
    ({ name, stream, start, duration }) => `${stream} ${name} ${start / 1000}+${duration / 1000}`,
  );
};

const ONE = [
  "main add_kernel 0+2",
  "main void ns::norm_kernel<8u> 3+3",
  "main gemm 6+9",
  "main gemm 15+9",
];

test("turns, kernels left out, in each other's place, otherwise, and more", () => {
  expect(kernelsOf("repeat 1")).toEqual(ONE);
  expect(kernelsOf('repeat 1 drop "*norm*"')).toEqual([
    "main add_kernel 0+2",
    "main gemm 2+9",
    "main gemm 11+9",
  ]);
  expect(kernelsOf('repeat 1 swap "add*" with "gemm" 2')).toEqual([
    "main gemm 0+9",
    "main void ns::norm_kernel<8u> 10+3",
    "main gemm 13+9",
    "main add_kernel 22+2",
  ]);
  expect(kernelsOf('repeat 1 change "gemm" 1 as "nvjet" stream side after 4us')).toEqual([
    ...ONE.slice(0, 2),
    "side nvjet 4+9",
    "main gemm 6+9",
  ]);
  expect(kernelsOf('repeat 1 on main "fill" 1us before "gemm" on side "last" 5us')).toEqual([
    ...ONE.slice(0, 2),
    "main fill 6+1",
    "main gemm 7+9",
    "main fill 16+1",
    "main gemm 17+9",
    "side last 0+5",
  ]);
});

test("facts are those of the other test but for its own", () => {
  const { ruleSet } = withTest("given tp 1, quant fp8");
  expect(ruleSet.rules[0]!.tests[1]!.given).toEqual([
    { fact: "stage", value: "decode" },
    { fact: "tp", value: 1 },
    { fact: "quant", value: "fp8" },
  ]);
});

const problemsOf = (lines: string, like?: string) => withTest(lines, like).problems.join("\n");

test("what fits nothing is said where it stands", () => {
  expect(problemsOf('drop "*rope*"')).toContain("the varied test has no kernel of this name");
  expect(problemsOf('drop "gemm" 3')).toContain("the varied test has 2 rows of this name");
  expect(problemsOf('swap "add*" with "gemm"')).toContain("1 rows cannot change places with 2");
  expect(problemsOf("repeat 1", "bse")).toContain('no other test is called "bse"');
  expect(problemsOf("repeat 1", "bse")).toContain("did you mean `base`?");
  expect(problemsOf("repeat 1", "varied")).toContain('no other test is called "varied"');
});

test("a change needs a test to change, and that one stands for itself", () => {
  const bare = compileTexts({
    "fuse/sglang/r.fuse": ruleText("r", 'test "t" { drop "gemm" expect no match }'),
  });
  expect(bare.problems.join()).toContain("a change stands in a test that varies another");
  const chained = compileTexts({
    "fuse/sglang/r.fuse": ruleText(
      "r",
      `${BASE} test "v" like "base" { repeat 1 expect match active } test "w" like "v" { repeat 2 expect match active }`,
    ),
  });
  expect(chained.problems.join("\n")).toContain('"v" itself varies another test');
  expect(chained.problems.join("\n")).toContain('vary that one: like "base"');
});

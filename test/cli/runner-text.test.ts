import { expect, test } from "vitest";
import { forRunner } from "../../src/cli/terminal/runner-text.ts";

const GITHUB = { GITHUB_ACTIONS: "true" };

test.each([
  ["::error::x", "\\u{3a}:error::x"],
  ["a\n  ::add-mask::y\n", "a\n  \\u{3a}:add-mask::y\n"],
  ["\u001b[1m::warning::z\u001b[0m", "\u001b[1m\\u{3a}:warning::z\u001b[0m"],
  ["kernel ##[error]x", "kernel #\\u{23}[error]x"],
  ["##vso[task.setvariable variable=a]b", "#\\u{23}vso[task.setvariable variable=a]b"],
])("%j is no command", (text, told) => {
  expect(forRunner(text, GITHUB)).toBe(told);
  expect(forRunner(text, { TF_BUILD: "True" })).toBe(told);
  expect(forRunner(text, {})).toBe(text);
});

test("names of C++ stay as they are", () => {
  const text = "void at::native::kernel<a::b>() and ## heading [1]";
  expect(forRunner(text, GITHUB)).toBe(text);
});

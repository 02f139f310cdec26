import fc from "fast-check";
import { expect, test } from "vitest";
import { parseJson } from "../../src/base/files/read-json.ts";

test("reads what JSON.parse reads", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      expect(parseJson(text)).toEqual(JSON.parse(text));
    }),
  );
  expect(() => parseJson("{")).toThrow(SyntaxError);
});

test("brackets in texts are no depth, however their quotes are escaped", () => {
  const text = JSON.stringify(["[".repeat(500), `\\"${"{".repeat(500)}\\\\`]);
  expect(parseJson(text)).toEqual(JSON.parse(text));
});

test.each([
  ["lists", `${"[".repeat(201)}${"]".repeat(201)}`],
  ["objects", `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`],
])("%s in each other are refused before anybody walks them", (_, text) => {
  expect(() => parseJson(text)).toThrow("levels deep");
});

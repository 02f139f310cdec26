import fc from "fast-check";
import { expect, test } from "vitest";
import { compileGlob, matchesGlob } from "../../../src/model/classes/glob.ts";
import { GlobIndex } from "../../../src/model/classes/glob-index.ts";

const letters = fc.constantFrom("a", "b", "c", "*", "é", "Ż", "::");
const globs = fc.array(letters, { maxLength: 8 }).map((parts) => parts.join(""));
const texts = fc
  .array(fc.constantFrom("a", "b", "c", "é", "Ż", "::", "*"), { maxLength: 12 })
  .map((parts) => parts.join(""));

test("says of every glob and text what matching them says, whenever the glob came in", () => {
  fc.assert(
    fc.property(
      fc.array(globs, { maxLength: 30 }),
      fc.array(globs, { maxLength: 10 }),
      fc.array(texts, { minLength: 1, maxLength: 10 }),
      (early, late, asked) => {
        const index = new GlobIndex();
        const numbers = early.map((glob) => index.add(glob));
        const agree = (all: readonly string[], of: readonly number[]): void => {
          for (const text of asked)
            for (const [i, glob] of all.entries())
              expect(index.matching(text).has(of[i]!)).toBe(matchesGlob(compileGlob(glob), text));
        };
        agree(early, numbers);
        agree(
          late,
          late.map((glob) => index.add(glob)),
        );
      },
    ),
    { numRuns: 2000 },
  );
});

test("a glob keeps its number", () => {
  const index = new GlobIndex();
  const first = index.add("*RMSNorm*");
  index.add("*gemm*");
  expect(index.add("*RMSNorm*")).toBe(first);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { membersOf } from "../../../../src/dsl/checks/proofs/bits.ts";
import { NameIndex } from "../../../../src/dsl/checks/proofs/name-index.ts";
import { compileGlob, matchesGlob } from "../../../../src/model/classes/glob.ts";

test("a glob finds the members it fits, whichever of their spellings", () => {
  const index = new NameIndex([
    ["void norm::RMSNormKernel<8u>", "norm::RMSNormKernel<8u>"],
    ["rms_norm_kernel"],
    ["Memset (Device)"],
  ]);
  const found = (glob: string) => [...membersOf(index.glob(glob))];
  expect(found("*RMSNormKernel*")).toEqual([0]);
  expect(found("norm::*")).toEqual([0]);
  expect(found("*norm*")).toEqual([0, 1]);
  expect(found("*")).toEqual([0, 1, 2]);
  expect(found("rms_norm_kernel")).toEqual([1]);
  expect(found("*u>")).toEqual([0]);
  expect(found("")).toEqual([]);
  // A piece never reaches from one name into the next.
  expect(found("*<8u>*rms_norm*")).toEqual([]);
});

test("it says what matching every name would say", () => {
  const letters = fc.stringMatching(/^[ab_]{0,12}$/);
  const glob = fc.array(letters, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("*"));
  fc.assert(
    fc.property(fc.array(letters, { minLength: 1, maxLength: 8 }), glob, (names, text) => {
      const index = new NameIndex(names.map((name) => [name]));
      const expected = names.flatMap((name, at) =>
        matchesGlob(compileGlob(text), name) ? [at] : [],
      );
      expect([...membersOf(index.glob(text))]).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { PairTable } from "../../../src/engine/attribution/pair-table.ts";

test("numbers pairs in order of first sight, however many there are", () => {
  const pair = fc.tuple(fc.nat(40), fc.oneof(fc.nat(40), fc.constant(2 ** 31 - 1)));
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 400 }), (pairs) => {
      const table = new PairTable();
      const expected = new Map<string, number>();
      for (const [first, second] of pairs) {
        const key = `${first},${second}`;
        const known = expected.get(key) ?? expected.size;
        expected.set(key, known);
        expect(table.intern(first, second)).toBe(known);
      }
    }),
  );
});

test("a pair and its mirror image differ", () => {
  const table = new PairTable();
  expect([table.intern(1, 2), table.intern(2, 1), table.intern(1, 2)]).toEqual([0, 1, 0]);
});

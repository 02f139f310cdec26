import fc from "fast-check";
import { expect, test } from "vitest";
import { RowSet } from "../../../../src/engine/match/verdicts/row-set.ts";

test("holds what a set would", () => {
  const rows = fc.array(fc.nat(5000), { maxLength: 50 });
  fc.assert(
    fc.property(rows, rows, rows, (mine, theirs, asked) => {
      const [a, b] = [new RowSet(), new RowSet()];
      a.addAll([mine]);
      b.addAll([theirs]);
      const known = new Set(mine);
      for (const row of asked) expect(a.has(row)).toBe(known.has(row));
      expect(a.hasAny([[], asked])).toBe(asked.some((row) => known.has(row)));
      expect(a.meets(b)).toBe(theirs.some((row) => known.has(row)));
      expect(a.meets(b)).toBe(b.meets(a));
    }),
  );
});

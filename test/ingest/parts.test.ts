import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { splitMicroseconds } from "../../src/ingest/columns/decimal.ts";
import { rowOrder } from "../../src/ingest/columns/row-order.ts";
import { NanFilter } from "../../src/ingest/reader/nan-filter.ts";
import { parseTolerantly } from "../../src/ingest/reader/tolerant-json.ts";

test("decimals of microseconds become whole nanoseconds, rounded half up", () => {
  expect(splitMicroseconds("1661203462598738.1234")).toEqual({ us: 1661203462598738, ns: 123 });
  expect(splitMicroseconds("0.0005")).toEqual({ us: 0, ns: 1 });
  expect(splitMicroseconds("-2.25")).toEqual({ us: -2, ns: -250 });
  expect(splitMicroseconds("1.5e3")).toEqual({ us: 1500, ns: 0 });
  expect(splitMicroseconds("9007199254740993")).toBeNull();
  expect(splitMicroseconds("1e400")).toBeNull();
});

test("row order is the stable order of the keys", () => {
  const rows = fc.array(fc.tuple(fc.nat(2), fc.nat(5), fc.nat(3)), { maxLength: 60 });
  fc.assert(
    fc.property(rows, fc.boolean(), (table, byThread) => {
      const thread = Uint16Array.from(table, (row) => row[0]);
      const start = Float64Array.from(table, (row) => row[1]);
      const duration = Float64Array.from(table, (row) => row[2]);
      const only = byThread ? { thread, duration } : { thread: null, duration: null };
      const order = rowOrder({ count: table.length, start, ...only });
      const expected = table.map((_, row) => row);
      expected.sort((a, b) => {
        const byStart = start[a]! - start[b]!;
        if (!byThread) return byStart;
        return thread[a]! - thread[b]! || byStart || duration[b]! - duration[a]!;
      });
      expect([...(order ?? expected)]).toEqual(expected);
      expect(order === null).toBe(expected.every((row, at) => row === at));
    }),
  );
});

describe("NaN and Infinity", () => {
  test("become null outside strings only, whatever the pieces", () => {
    const text = '{"NaN": NaN, "a\\"NaN": [-Infinity, Infinity,1], "b": "Infinity \\\\", "c":NaN}';
    const expected = '{"NaN": null, "a\\"NaN": [null, null,1], "b": "Infinity \\\\", "c":null}';
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), (cuts) => {
        const filter = new NanFilter();
        const places = [0, ...cuts.sort((a, b) => a - b), text.length];
        const pieces = places.slice(1).map((to, i) => filter.write(text.slice(places[i], to)));
        expect(pieces.join("") + filter.end()).toBe(expected);
      }),
    );
  });

  test("parse to null, and long numbers keep their digits", () => {
    const parsed = parseTolerantly(
      '{"a": NaN, "b": [1, 12345678901234567890], "c": "NaN 12345678901234567890"}',
    );
    expect(parsed).toMatchObject({
      a: null,
      b: [1, { digits: "12345678901234567890" }],
      c: "NaN 12345678901234567890",
    });
    expect(() => parseTolerantly('{"a": 012345678901234567}')).toThrow(SyntaxError);
  });
});

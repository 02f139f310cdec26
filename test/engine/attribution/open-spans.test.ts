import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OpenSpans, type SpanTable } from "../../../src/engine/attribution/open-spans.ts";

function table(
  ...spans: readonly (readonly [thread: number, start: number, end: number])[]
): SpanTable {
  const ordered = [...spans].sort((a, b) => a[0] - b[0] || a[1] - b[1] || b[2] - a[2]);
  return {
    count: ordered.length,
    name: Uint32Array.from(ordered, (_, row) => row + 1),
    thread: Uint16Array.from(ordered, ([thread]) => thread),
    start: Float64Array.from(ordered, ([, start]) => start),
    duration: Float64Array.from(ordered, ([, start, end]) => end - start),
  };
}

/** Paths as texts, so that a test can read them. */
function pathTexts() {
  const texts = [""];
  return {
    extend: (path: number, name: number) => texts.push(`${texts[path]}/${name}`) - 1,
    text: (path: number) => texts[path],
  };
}

describe("open spans", () => {
  test("a span is open from its start up to, not including, its end", () => {
    const open = new OpenSpans(table([0, 10, 20]), 1);
    open.enterThread(0);
    for (const [time, rows] of [
      [9, []],
      [10, [0]],
      [19, [0]],
      [20, []],
    ] as const) {
      open.moveTo(time);
      expect(open.rows).toEqual(rows);
    }
  });

  test("paths run outermost first and are worked out once", () => {
    const open = new OpenSpans(table([0, 0, 100], [0, 10, 50], [0, 20, 30]), 1);
    const paths = pathTexts();
    let asked = 0;
    const extend = (path: number, name: number) => {
      asked++;
      return paths.extend(path, name);
    };
    open.enterThread(0);
    open.moveTo(25);
    expect(paths.text(open.path(extend))).toBe("/1/2/3");
    open.moveTo(40);
    expect(paths.text(open.path(extend))).toBe("/1/2");
    expect(asked).toBe(3);
  });

  test("threads do not see each other, and none of them is needed", () => {
    const open = new OpenSpans(table([0, 0, 100], [2, 0, 100]), 3);
    open.enterThread(1);
    open.moveTo(50);
    expect(open.rows).toEqual([]);
    open.enterThread(2);
    open.moveTo(50);
    expect(open.rows).toEqual([1]);
  });

  test("a span that outlives the one it started in does not keep it open", () => {
    const open = new OpenSpans(table([0, 0, 100], [0, 10, 30], [0, 20, 60]), 1);
    const paths = pathTexts();
    open.enterThread(0);
    open.moveTo(25);
    expect(paths.text(open.path(paths.extend))).toBe("/1/2/3");
    open.moveTo(40);
    expect(open.rows).toEqual([0, 2]);
    expect(paths.text(open.path(paths.extend))).toBe("/1/3");
  });

  test("always the spans a search over all of them finds", () => {
    const spanArb = fc.tuple(
      fc.nat(1),
      fc.nat(40),
      fc.nat(20).map((length) => length + 1),
    );
    fc.assert(
      fc.property(fc.array(spanArb, { maxLength: 30 }), fc.array(fc.nat(70)), (raw, moments) => {
        const spans = table(
          ...raw.map(([thread, start, length]) => [thread, start, start + length] as const),
        );
        const open = new OpenSpans(spans, 2);
        for (const thread of [0, 1]) {
          open.enterThread(thread);
          for (const time of [...moments].sort((a, b) => a - b)) {
            open.moveTo(time);
            const expected = [...spans.start.keys()].filter(
              (row) =>
                spans.thread[row] === thread &&
                spans.start[row]! <= time &&
                spans.start[row]! + spans.duration[row]! > time,
            );
            expect(open.rows).toEqual(expected);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

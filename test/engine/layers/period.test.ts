import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findPeriod } from "../../../src/engine/layers/period.ts";
import { layerTemplate, walkLayers } from "../../../src/engine/layers/walk-layers.ts";

/** One kernel per letter. */
function kernels(text: string): Uint32Array {
  return Uint32Array.from(text, (letter) => letter.charCodeAt(0));
}

/** So many different kernels. */
function letters(count: number): string {
  return String.fromCharCode(...Array.from({ length: count }, (_, at) => 1000 + at));
}

function cut(text: string, period: number): string[] {
  const sequence = kernels(text);
  const layers = walkLayers(sequence, layerTemplate(sequence, period)!);
  return layers.map(({ start, layer }) => `${layer}:${text.slice(start, start + period)}`);
}

describe("period", () => {
  test("of layers between an embedding and a head", () => {
    expect(findPeriod([kernels(`xyz${"abcdef".repeat(10)}uvw`)])).toMatchObject({ period: 6 });
  });

  test("of two kinds of layer that alternate is the pair of them", () => {
    const found = findPeriod([kernels("abcdeghabcdxyh".repeat(8))]);
    expect(found).toEqual({ period: 14, matchRatio: 1 });
  });

  test("stays with the single layer where the two kinds differ little", () => {
    const layer = "abcdefghijklmnopqrst";
    const found = findPeriod([kernels(`${layer}${layer.replace("a", "z")}`.repeat(6))]);
    expect(found?.period).toBe(20);
  });

  test("is the shortest lag nearly as good as the best when all are counted out", () => {
    const share = (sequence: Uint32Array, lag: number) =>
      sequence.filter((kernel, at) => kernel === sequence[at + lag]).length /
      (sequence.length - lag);
    const noisy = fc.tuple(
      fc.array(fc.nat(6), { minLength: 4, maxLength: 30 }),
      fc.integer({ min: 4, max: 40 }),
      fc.array(fc.nat(1200), { maxLength: 40 }),
    );
    fc.assert(
      fc.property(noisy, ([layer, times, slips]) => {
        const sequence = Uint32Array.from(Array(times).fill(layer).flat());
        for (const at of slips) if (at < sequence.length) sequence[at] = 50 + (at % 3);
        const lags = Array.from({ length: Math.floor(sequence.length / 3) - 3 }, (_, i) => i + 4);
        const best = Math.max(0, ...lags.map((lag) => share(sequence, lag)));
        const nearly = lags.find((lag) => share(sequence, lag) >= best * 0.93);
        const found = findPeriod([sequence]);
        // Beyond 256 a pass over the model is looked into; layers of one kernel are none.
        fc.pre(found !== null && best >= 0.5 && nearly! <= 256);
        expect(found).toEqual({ period: nearly, matchRatio: share(sequence, nearly!) });
      }),
    );
  });

  test("does not reach from one step into the next", () => {
    const step = kernels(`xyz${"abcdef".repeat(4)}uvw`);
    expect(findPeriod([step, step, step])?.period).toBe(6);
  });

  test("is the layer, not the pass over the model that repeats even better", () => {
    const pass = `${"abcdefghijklmnopqrst".repeat(16)}${letters(60)}`;
    expect(findPeriod([kernels(pass.repeat(5))])).toMatchObject({ period: 20 });
  });

  test.each([
    ["too few repeats", "abcdefgh".repeat(2)],
    ["one kernel over and over", "a".repeat(100)],
    ["no order at all", "qwertyuiopasdfghjklzxcvbnmQWERTYUIOPASDFGHJKLZXCVBNM"],
    ["nothing", ""],
  ])("is none for %s", (_, text) => expect(findPeriod([kernels(text)])).toBeNull());
});

describe("layers", () => {
  test("start where the repetition does and end where it does", () => {
    expect(cut(`xyz${"abcdef".repeat(3)}uvw`, 6)).toEqual(["0:abcdef", "1:abcdef", "2:abcdef"]);
  });

  test("go on after a layer with a kernel more", () => {
    const text = `${"abcdef".repeat(4)}abXcdef${"abcdef".repeat(3)}`;
    expect(
      cut(text, 6)
        .map((each) => each[0])
        .join(""),
    ).toBe("01234567");
    expect(cut(text, 6).slice(-3)).toEqual(["5:abcdef", "6:abcdef", "7:abcdef"]);
  });

  test("are numbered anew after a break", () => {
    const pass = "abcdef".repeat(3);
    expect(cut(`${pass}embedhead${pass}`, 6).map((each) => each[0])).toEqual([
      "0",
      "1",
      "2",
      "0",
      "1",
      "2",
    ]);
  });
});

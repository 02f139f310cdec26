import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Baseline, updated, worsened } from "../../scripts/bench/baseline.ts";
import { figuresOf } from "../../scripts/bench/figures.ts";
import { MIXES } from "../../scripts/bench/mixes.ts";
import type { Run } from "../../scripts/bench/rounds.ts";

function run(ms: number, peakKb: number, events = 0): Run {
  return { ms, cpuMs: ms * 2, events, peakKb };
}

describe("figures", () => {
  test("are ratios of medians and memory; what was not run is left out", () => {
    const figures = figuresOf({
      gunzip: [run(100, 80_000), run(900, 80_000), run(110, 80_000)],
      read: [run(220, 204_800, 1000), run(221, 204_800, 1000), run(90, 204_800, 1000)],
    });
    expect(figures).toEqual({
      "read / gunzip": 2,
      "read / gunzip, CPU": 2,
      "peak of read, MB": 200,
    });
  });

  test("memory per event is what a larger file takes beyond a smaller one", () => {
    const figures = figuresOf({
      gunzip: [run(100, 0)],
      read: [run(200, 2000, 5000)],
      quarter: [run(50, 1000, 1000)],
      command: [run(300, 3 * 1024)],
    });
    expect(figures["bytes per event"]).toBe(256);
    expect(figures["command / gunzip"]).toBe(3);
    expect(figures["peak of command, MB"]).toBe(3);
  });
});

describe("the baseline", () => {
  const baseline: Baseline = { "stacks 1g": { "read / gunzip": 2, "bytes per event": 40 } };

  test("warns of what is more than a fifth worse", () => {
    const now = { "read / gunzip": 2.41, "bytes per event": 48 };
    expect(worsened("stacks 1g", now, baseline)).toEqual([
      "stacks 1g: read / gunzip is 2.41, 21 % worse than the baseline's 2",
    ]);
  });

  test("says nothing of gains, of new figures and of other inputs", () => {
    const now = { "read / gunzip": 1, "command / gunzip": 9 };
    expect(worsened("stacks 1g", now, baseline)).toEqual([]);
    expect(worsened("dense 1g", { "read / gunzip": 99 }, baseline)).toEqual([]);
  });

  test("takes new figures and keeps those of other inputs", () => {
    const next = updated(baseline, "dense 1g", { "read / gunzip": 3 });
    expect(Object.keys(next)).toEqual(["dense 1g", "stacks 1g"]);
    expect(next["stacks 1g"]).toEqual(baseline["stacks 1g"]);
  });

  test("as checked in has figures of every mix", () => {
    const path = new URL("../../scripts/bench/baseline.json", import.meta.url);
    const kept = JSON.parse(readFileSync(path, "utf8")) as Baseline;
    for (const mix of Object.keys(MIXES)) {
      expect(kept[`${mix} 50m`]?.["read / gunzip, CPU"]).toBeGreaterThan(1);
    }
  });
});

test("mixes: one event in a hundred on the GPU with stacks, one in eight in the dense one", () => {
  const share = (mix: keyof typeof MIXES): number => {
    const { events } = MIXES[mix]();
    return events.filter(({ cat }) => cat === "kernel").length / events.length;
  };
  expect(share("stacks")).toBeGreaterThan(0.006);
  expect(share("stacks")).toBeLessThan(0.014);
  expect(share("dense")).toBeGreaterThan(0.1);
});

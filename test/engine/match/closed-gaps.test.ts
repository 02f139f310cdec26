import { describe, expect, test } from "vitest";
import { closedGapNs } from "../../../src/engine/match/verdicts/closed-gaps.ts";
import type { GpuEvents } from "../../../src/model/trace/trace.ts";

/** Kernels of 10 ns, each after the idle time given. */
function gpu(...idle: readonly number[]): GpuEvents {
  let end = 0;
  const start = idle.map((gap) => {
    const begin = end + gap;
    end = begin + 10;
    return begin;
  });
  return {
    count: idle.length,
    stream: new Uint16Array(idle.length),
    start: Float64Array.from(start),
    duration: new Float64Array(idle.length).fill(10),
  } as unknown as GpuEvents;
}

function closed(rows: number[][], swallowed: number[], events: GpuEvents, gapNs = 1000): number {
  return closedGapNs({ state: "split", pattern: 0, rows, gapNs }, swallowed, events);
}

describe("idle time that closes", () => {
  test("is one gap a swallowed kernel: the one before it, behind it for the first", () => {
    const events = gpu(0, 3, 5);
    expect(closed([[0], [1], [2]], [2], events)).toBe(5);
    expect(closed([[0], [1], [2]], [0], events)).toBe(3);
    expect(closed([[0], [1], [2]], [0, 1], events)).toBe(8);
    expect(closed([[0], [1], [2]], [1, 2], events)).toBe(8);
  });

  test("does not hold the gaps around kernels that only stand between", () => {
    // Norm, GEMM, norm: the GEMM stays, and with it the gap before it.
    const events = gpu(0, 4, 6, 9);
    expect(closed([[0], [2], [3]], [2], events)).toBe(6);
  });

  test("is never more than the occurrence's own, and nothing where kernels overlap", () => {
    expect(closed([[0], [1]], [1], gpu(0, 7), 5)).toBe(5);
    expect(closed([[0], [1]], [1], gpu(0, -3), 0)).toBe(0);
    expect(closed([[0], [1]], [1], gpu(0, -3))).toBe(0);
  });
});
